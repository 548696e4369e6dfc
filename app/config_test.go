package app

import (
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"
)

func tempConfig(t *testing.T, text string) *configFile {
	t.Helper()
	f := &configFile{path: filepath.Join(t.TempDir(), "traycam", "config.toml")}
	if text != "" {
		if err := writeAtomically(f.path, []byte(text)); err != nil {
			t.Fatal(err)
		}
	}
	return f
}

func (f *configFile) mustLoad(t *testing.T) (Config, []error) {
	t.Helper()
	c, notices, err := f.load()
	if err != nil {
		t.Fatal(err)
	}
	return c, notices
}

const handwritten = `# My cameras.
port = 9000   # the old one was taken
colour = "blue"

[share]
mode = "off"

# At the front.
[[cameras]]
id = "front-door"
name = 'Front door'
url = "tcp://:9001?listen"   # ESP32
lens = "wide"

[[cameras]]
id = "garage"
name = "Garage"
url = "tcp://10.0.0.7:8888"
enabled = false
max_fps = 5
[cameras.notes]
bought = 2024-05-01

[tools]
hammer = true
`

func TestLoad(t *testing.T) {
	c, notices := tempConfig(t, handwritten).mustLoad(t)
	want := Config{
		Settings: Settings{Port: 9000, StreamAtStart: true, Theme: "system", NotifyProblems: true}, Share: Share{Mode: "off"},
		Cameras: []CameraConfig{
			{ID: "front-door", Name: "Front door", URL: "tcp://:9001?listen", Enabled: true},
			{ID: "garage", Name: "Garage", URL: "tcp://10.0.0.7:8888", MaxFPS: 5},
		},
	}
	if !reflect.DeepEqual(c, want) {
		t.Errorf("got  %+v\nwant %+v", c, want)
	}
	all := fmt.Sprint(notices)
	for _, key := range []string{`line 3: Traycam does not know the key "colour"`, `"cameras.lens"`, `"cameras.notes"`, `"tools"`} {
		if !strings.Contains(all, key) {
			t.Errorf("no notice of %s in\n%s", key, all)
		}
	}
}

func TestMissingFileIsTheDefault(t *testing.T) {
	c, notices := tempConfig(t, "").mustLoad(t)
	if !reflect.DeepEqual(c, DefaultConfig()) || len(notices) > 0 {
		t.Errorf("%+v, %v", c, notices)
	}
}

func TestErrorsNameFileLineAndKey(t *testing.T) {
	const link = "[[share.links]]\ntoken = \"0123456789abcdef\"\n"
	camera := "[[cameras]]\nid = \"a\"\nname = \"A\"\nurl = \"test:\"\n"
	for _, c := range []struct{ text, want string }{
		{"port = ", "config.toml, line 1"},
		{"\n\nport = \"many\"", "config.toml, line 3, column 8, key port: it takes a whole number"},
		{"port = 70000", "config.toml, line 1: port: 70000 is not a port"},
		{"ffmpeg = \"ffmpeg\"", "config.toml, line 1: ffmpeg: \"ffmpeg\" is not a whole path"},
		{"# x\nmax_viewers = -1", "line 2: max_viewers: -1 is less than nothing"},
		{"[share]\n\nmode = \"all\"", `line 3: share.mode: "all" is none of`},
		{camera + "enabled = 1", "line 5, column 11, key cameras.enabled: it takes true or false"},
		{camera + "max_fps = -3", "line 5: camera 1, max_fps: -3"},
		{camera + "rotate = 45", "line 5: camera 1, rotate: 45 is none of 0, 90, 180 and 270"},
		{camera + "rotate = -90", "line 5: camera 1, rotate: -90"},
		{camera + "rotate = \"90\"", "line 5, column 10, key cameras.rotate: it takes a whole number"},
		{camera + "mirror = 1", "line 5, column 10, key cameras.mirror: it takes true or false"},
		{camera + "when_down = \"black\"", `line 5: camera 1, when_down: "black" is neither "offline" nor "keep"`},
		{camera + camera, "line 6: camera 2, id: another camera has the id"},
		{camera + "\n[[cameras]]\nid = \"B!\"\nname=\"B\"", `line 7: camera 2, id: "B!" must be`},
		{camera + "\n[[cameras]]\nid = \"b\"\nname=\"B\"\nurl=\"gopher:\"", `line 9: camera 2, url: "gopher:"`},
		{camera + "\n[[cameras]]\nid = \"b\"\nurl=\"test:\"", "camera 2, name: give the camera a name"},
		{"port = 1\nport = 2", "config.toml, line 2"},
		{link, "link 1, name: say who the link is for"},
		{link + "name = \"A\"\n\n" + link + "name = \"B\"", "line 6: link 2, token: another link has the same token"},
		{link + "name = \"A\"\ncameras = [\"No!\"]", `line 4: link 1, cameras: "No!" is not the id of a camera`},
		{"[[share.links]]\nname = \"A\"\ntoken = \"short\"", "line 3: link 1, token: a token takes 16 or more"},
		{"[share]\ntoken = \"0123456789abcdef\"\n" + link + "name = \"A\"", "line 4: link 1, token: another link"},
		{link + "name = 5", "line 3, column 8, key share.links.name: it takes a text in quotes"},
		{link + "name = \"A\"\nexpires = \"soon\"", "line 4, column 11, key share.links.expires: it takes a date and time without quotes"},
		{link + "name = \"A\"\ncameras = \"all\"", "line 4, column 11, key share.links.cameras: it takes texts in brackets"},
		{"[share]\nlinks = 5", "key share.links: it takes sections, [[share.links]]"},
		{"\xff\xfe", "config.toml"},
	} {
		f := tempConfig(t, c.text)
		_, _, err := f.load()
		if err == nil || !strings.Contains(err.Error(), c.want) || !strings.Contains(err.Error(), f.path) {
			t.Errorf("%q:\n%v\nwant %s", c.text, err, c.want)
		}
		if after, _ := os.ReadFile(f.path); string(after) != c.text {
			t.Errorf("%q was changed to %q", c.text, after)
		}
	}
}

func TestSaveLeavesWhatItDoesNotChange(t *testing.T) {
	f := tempConfig(t, handwritten)
	c, _ := f.mustLoad(t)
	c.Port = 9001
	c.Cameras[0].Name = `Front "door"`
	c.Cameras[1].Enabled = true
	c.Cameras = append(c.Cameras, CameraConfig{ID: "new", Name: "New", URL: "test:", Enabled: true})
	if err := f.save(c); err != nil {
		t.Fatal(err)
	}
	want := strings.NewReplacer(
		"port = 9000 ", "port = 9001 ",
		"colour = \"blue\"\n", "colour = \"blue\"\nstream_at_start = true\nmax_viewers = 0\n",
		"mode = \"off\"\n", "mode = \"off\"\ntoken = \"\"\n",
		"'Front door'", `"Front \"door\""`,
		"lens = \"wide\"\n", "lens = \"wide\"\nenabled = true\nmax_fps = 0\n",
		"enabled = false", "enabled = true",
		"bought = 2024-05-01\n", "bought = 2024-05-01\n\n[[cameras]]\nid = \"new\"\nname = \"New\"\nurl = \"test:\"\nenabled = true\nmax_fps = 0\n",
	).Replace(handwritten)
	got, err := os.ReadFile(f.path)
	if err != nil || string(got) != want {
		t.Errorf("%v, the file is\n%s\nwant\n%s", err, got, want)
	}
	if info, _ := os.Stat(f.path); info.Mode().Perm() != 0o600 {
		t.Errorf("mode %v", info.Mode())
	}
	again, _ := (&configFile{path: f.path}).mustLoad(t)
	if !reflect.DeepEqual(again, c) {
		t.Errorf("read back as %+v", again)
	}
}

func TestSaveRemovesAndOrders(t *testing.T) {
	f := tempConfig(t, handwritten)
	c, _ := f.mustLoad(t)
	c.Cameras = []CameraConfig{c.Cameras[1], c.Cameras[0]}
	if err := f.save(c); err != nil {
		t.Fatal(err)
	}
	if again, _ := (&configFile{path: f.path}).mustLoad(t); !reflect.DeepEqual(again, c) {
		t.Errorf("after a change of order: %+v", again)
	}
	c.Cameras = c.Cameras[1:]
	if err := f.save(c); err != nil {
		t.Fatal(err)
	}
	text, _ := os.ReadFile(f.path)
	if strings.Contains(string(text), "garage") || strings.Contains(string(text), "bought") || !strings.Contains(string(text), "hammer = true") || !strings.Contains(string(text), "# At the front.") {
		t.Errorf("after a removal:\n%s", text)
	}
}

// Ways of writing that cannot be edited in place are written anew, and keys
// that are not ours live on.
func TestSaveOfOddWritings(t *testing.T) {
	for _, text := range []string{
		`cameras = [{id = "a", name = "A", url = "test:", lens = "wide"}]`,
		"share = {mode = \"off\", colour = \"blue\"}\n[[cameras]]\nid = \"a\"\nname = \"A\"\nurl = \"test:\"\nlens = \"wide\"",
		"share.mode = \"off\"\n[[cameras]]\nid = \"a\"\nname = \"A\"\nurl = \"test:\"\nlens = \"wide\"",
		"note = \"\"\"\n[[cameras]]\nid = \"no\"\n\"\"\"\n[[cameras]]\n\"id\" = 'a'\nname = \"\"\"A\"\"\"\nurl = \"test:\"\nlens = \"wide\"\n",
		"[[cameras]]\r\nid = \"a\"\r\nname = \"A\"\r\nurl = \"test:\"\r\nlens = \"wide\"\r\n",
	} {
		f := tempConfig(t, text)
		c, _ := f.mustLoad(t)
		c.Port = 1234
		c.Cameras[0].Name = "É\n\"\\\x01"
		c.Cameras = append(c.Cameras, CameraConfig{ID: "b", Name: "B", URL: "test:"})
		if err := f.save(c); err != nil {
			t.Errorf("%s: %v", text, err)
			continue
		}
		again, _ := (&configFile{path: f.path}).mustLoad(t)
		written, _ := os.ReadFile(f.path)
		if !reflect.DeepEqual(again, c) || !strings.Contains(string(written), "wide") {
			t.Errorf("%s\nbecame\n%s", text, written)
		}
	}
}

// What stands in a table inside a camera is not ours, whatever it is called.
func TestSaveLeavesTablesInsideCameras(t *testing.T) {
	const text = "[[cameras]]\nid = \"a\"\nname = \"A\"\nurl = \"test:\"\n[cameras.extra]\nid = \"x\" # mine\nname = \"lens\"\n"
	f := tempConfig(t, text)
	c, _ := f.mustLoad(t)
	c.Cameras[0].Name = "B"
	if err := f.save(c); err != nil {
		t.Fatal(err)
	}
	got, _ := os.ReadFile(f.path)
	want := strings.Replace(text, "name = \"A\"\nurl = \"test:\"\n", "name = \"B\"\nurl = \"test:\"\nenabled = true\nmax_fps = 0\n", 1)
	if !strings.HasSuffix(string(got), want) {
		t.Errorf("the file is\n%s\nwant at its end\n%s", got, want)
	}
}

func TestByteOrderMark(t *testing.T) {
	f := tempConfig(t, "\xef\xbb\xbfport = 9000\r\n")
	c, _ := f.mustLoad(t)
	if c.Port != 9000 {
		t.Errorf("port %d", c.Port)
	}
	c.Port = 9001
	if err := f.save(c); err != nil {
		t.Fatal(err)
	}
	if got, _ := os.ReadFile(f.path); !strings.HasPrefix(string(got), "\xef\xbb\xbfport = 9001\r\n") {
		t.Errorf("the file is %q", got)
	}
}

func TestFirstSave(t *testing.T) {
	f := tempConfig(t, "")
	c, _ := f.mustLoad(t)
	c.Cameras = append(c.Cameras, CameraConfig{ID: "a", Name: "A", URL: "test:", Enabled: true})
	if err := f.save(c); err != nil {
		t.Fatal(err)
	}
	got, _ := os.ReadFile(f.path)
	want := newText + "port = 8090\nstream_at_start = true\nmax_viewers = 0\n\n[share]\nmode = \"off\"\ntoken = \"\"\n" +
		"\n[[cameras]]\nid = \"a\"\nname = \"A\"\nurl = \"test:\"\nenabled = true\nmax_fps = 0\n"
	if string(got) != want {
		t.Errorf("the file is\n%s\nwant\n%s", got, want)
	}
}

// Picture options are written only where they say something.
func TestPictureOptions(t *testing.T) {
	plain := "[[cameras]]\nid = \"a\"\nname = \"A\"\nurl = \"test:\"\nenabled = true\nmax_fps = 0\n"
	f := tempConfig(t, plain+"when_down = \"offline\" # as it was\n")
	c, notices := f.mustLoad(t)
	if c.Cameras[0].WhenDown != ShowOffline || len(notices) > 0 {
		t.Errorf("%+v, %v", c.Cameras[0], notices)
	}
	c.Cameras[0].Rotate, c.Cameras[0].Mirror, c.Cameras[0].WhenDown = 270, true, KeepLast
	c.Cameras = append(c.Cameras, CameraConfig{ID: "b", Name: "B", URL: "test:"})
	if err := f.save(c); err != nil {
		t.Fatal(err)
	}
	got, _ := os.ReadFile(f.path)
	if want := plain + "when_down = \"keep\" # as it was\nrotate = 270\nmirror = true\n"; !strings.Contains(string(got), want) || strings.Count(string(got), "rotate") != 1 {
		t.Errorf("the file is\n%s", got)
	}
	if again, _ := f.mustLoad(t); !reflect.DeepEqual(again.Cameras, c.Cameras) {
		t.Errorf("read back as %+v", again.Cameras)
	}
	c.Cameras[0].WhenDown, c.Cameras[0].Mirror = ShowOffline, false
	if err := f.save(c); err != nil {
		t.Fatal(err)
	}
	if got, _ := os.ReadFile(f.path); !strings.Contains(string(got), "when_down = \"offline\" # as it was\nrotate = 270\nmirror = false\n") {
		t.Errorf("the file is\n%s", got)
	}
}

func TestSaveThatFailsLeavesTheOldFile(t *testing.T) {
	f := tempConfig(t, handwritten)
	c, _ := f.mustLoad(t)
	dir := filepath.Dir(f.path)
	broken := *f
	broken.path = filepath.Join(dir, "config.toml", "impossible.toml")
	c.Port = 1
	if err := broken.save(c); err == nil {
		t.Error("it was saved below a file")
	}
	if got, _ := os.ReadFile(f.path); string(got) != handwritten {
		t.Errorf("the file is now\n%s", got)
	}
	if left, _ := os.ReadDir(dir); len(left) != 1 {
		t.Errorf("left over: %v", left)
	}
}

func TestNewID(t *testing.T) {
	var cameras []CameraConfig
	for _, c := range []struct{ name, want string }{
		{"Front door", "front-door"},
		{"Front door", "front-door-2"},
		{"front  DOOR!", "front-door-3"},
		{"Küche", "k-che"},
		{"厨房", "camera"},
		{"", "camera-2"},
		{"--a--", "a"},
		{"../../etc", "etc"},
		{strings.Repeat("long ", 100), strings.TrimRight(strings.Repeat("long-", 12)[:56], "-")},
	} {
		id := newID(c.name, cameras)
		if id != c.want {
			t.Errorf("%.20q: %q, want %q", c.name, id, c.want)
		}
		camera := CameraConfig{ID: id, Name: "x", URL: "test:"}
		if err := camera.check(); err != nil {
			t.Errorf("%.20q: %v", c.name, err)
		}
		cameras = append(cameras, camera)
	}
}

func FuzzConfigFile(f *testing.F) {
	f.Add(handwritten, "Name", 1)
	f.Add("", "N", 2)
	f.Add(withLinks, "N", 3)
	f.Add("[share]\n[[cameras]]\nid='a'\nname='b'\nurl='test:'", "\"\\\n", 0)
	f.Fuzz(func(t *testing.T, text, name string, port int) {
		file := &configFile{path: "config.toml"}
		c, _, err := file.parse([]byte(text))
		if err != nil {
			return
		}
		file.text = []byte(text)
		c.Port = port
		c.Cameras = append(c.Cameras, CameraConfig{ID: newID(name, c.Cameras), Name: name, URL: "test:", Enabled: true})
		c.Share.Links = append(c.Share.Links, Link{Token: "a-token-of-the-test", Name: name, Cameras: []string{"x"}, Expires: time.Unix(int64(port), 0)}.normal())
		if c.Check() != nil {
			return
		}
		edited, err := file.edit(c)
		if err != nil {
			t.Fatalf("%q: %v", text, err)
		}
		if got, _, err := file.parse(edited); err != nil || !same(got, c) {
			t.Fatalf("%q became %q: %v", text, edited, err)
		}
	})
}

func ExampleConfig_Check() {
	c := DefaultConfig()
	c.Port = -1
	fmt.Println(c.Check())
	// Output: port: -1 is not a port; take a number from 1 to 65535
}
