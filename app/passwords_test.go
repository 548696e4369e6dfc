package app_test

import (
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"

	"github.com/zalando/go-keyring"

	"traycam/app"
	"traycam/logbook"
	"traycam/streaming/camera"
)

// withKeyring gives the test a keyring in memory.
func withKeyring(t *testing.T) {
	t.Setenv("DBUS_SESSION_BUS_ADDRESS", "unix:path=/there-is-none")
	keyring.MockInit()
}

func TestPasswordsAreKeptInTheKeyring(t *testing.T) {
	withKeyring(t)
	r := runWith(t, "stream_at_start = false\n", logbook.New(""))
	file := func() string {
		text, err := os.ReadFile(r.file)
		if err != nil {
			t.Fatal(err)
		}
		if strings.Contains(string(text), "secret") {
			t.Errorf("the password is in the file:\n%s", text)
		}
		return string(text)
	}
	// ref is what the file says of a camera's password.
	ref := func(id string) string {
		_, rest, _ := strings.Cut(file(), "id = \""+id+"\"")
		rest, _, _ = strings.Cut(rest, "[[cameras]]")
		_, rest, _ = strings.Cut(rest, "password = \"keyring:")
		name, _, _ := strings.Cut(rest, "\"")
		return name
	}
	kept := func(name, want string) {
		t.Helper()
		if got, err := keyring.Get("Traycam", name); got != want {
			t.Errorf("the keyring has %q for %q (%v), want %q", got, name, err, want)
		}
	}
	id, err := r.AddCamera(app.CameraConfig{Name: "Door", URL: "http://eva:secret%40@10.0.0.7/v", Enabled: true})
	if err != nil {
		t.Fatal(err)
	}
	door := ref("door")
	kept(door, "secret@")
	if text := file(); !strings.Contains(text, `url = "http://eva@10.0.0.7/v"`) || !strings.HasPrefix(door, "door-") {
		t.Errorf("the file is\n%s", text)
	}
	c := find(r.await("the camera", func(s app.Snapshot) bool { return len(s.Cameras) == 1 }), id)

	// A copy has a password of its own.
	twin := c.CameraConfig
	twin.ID, twin.Name = "", "Twin"
	if _, err := r.AddCamera(twin); err != nil {
		t.Fatal(err)
	}
	kept(ref("twin"), "secret@")

	undo, err := r.RemoveCamera("door")
	if err != nil {
		t.Fatal(err)
	}
	kept(door, "")
	// Meanwhile another camera takes its place; each keeps its own.
	if _, err := r.AddCamera(app.CameraConfig{Name: "Door", URL: "http://eva:secret-b@10.0.0.8/v", Enabled: true}); err != nil {
		t.Fatal(err)
	}
	if err := undo(); err != nil {
		t.Fatal(err)
	}
	kept(ref("door"), "secret-b")
	kept(ref("door-2"), "secret@")

	// A change that cannot be saved changes nothing in the keyring.
	c = find(r.await("three cameras", func(s app.Snapshot) bool { return len(s.Cameras) == 3 }), "twin")
	good, before := file(), ref("twin")
	r.write(good + "\nnonsense")
	c.URL, c.Password = "http://eva:secret-c@10.0.0.7/v", ""
	if err := r.UpdateCamera(c.CameraConfig); err == nil {
		t.Error("saved over a file with a mistake in it")
	}
	r.write(good)
	kept(before, "secret@")

	// Without a password nothing of it is left.
	c.URL = "http://10.0.0.7/v"
	if err := r.UpdateCamera(c.CameraConfig); err != nil {
		t.Fatal(err)
	}
	kept(before, "")
	if ref("twin") != "" {
		t.Errorf("the file is\n%s", file())
	}
}

// The camera gets its password from the keyring; where the keyring does not give
// it, the window says so.
func TestPasswordsComeFromTheKeyring(t *testing.T) {
	withKeyring(t)
	asked := make(chan string, 1000)
	web := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, q *http.Request) {
		_, password, ok := q.BasicAuth()
		if !ok {
			w.Header().Set("WWW-Authenticate", `Basic realm="camera"`)
			w.WriteHeader(http.StatusUnauthorized)
			return
		}
		asked <- password
	}))
	defer web.Close()
	if err := keyring.Set("Traycam", "door", "secret"); err != nil {
		t.Fatal(err)
	}
	url := strings.Replace(web.URL, "http://", "http://eva@", 1)
	config := "[[cameras]]\nid = \"door\"\nname = \"Door\"\nurl = \"" + url + "/v\"\npassword = \"keyring:door\"\n" +
		"[[cameras]]\nid = \"gone\"\nname = \"Gone\"\nurl = \"" + url + "/v\"\npassword = \"keyring:gone\"\n"
	r := runWith(t, config, logbook.New(""))
	r.await("a reason", func(s app.Snapshot) bool {
		c := find(s, "gone")
		return c.State == camera.Retrying && strings.Contains(c.Reason.String(), "not in the keyring")
	})
	if got := <-asked; got != "secret" {
		t.Errorf("the camera got the password %q", got)
	}
	var b strings.Builder
	if err := r.Report(&b); err != nil || strings.Contains(b.String(), "secret") {
		t.Errorf("the password is in the report:\n%s", b.String())
	}
	for _, line := range r.Log().Lines() {
		if strings.Contains(line.Text, "secret") {
			t.Errorf("the password is in the log: %s", line)
		}
	}
}

// Without a keyring the password stays in the file, which only its owner can read.
func TestPasswordsWithoutAKeyring(t *testing.T) {
	t.Setenv("DBUS_SESSION_BUS_ADDRESS", "disabled:")
	file := t.TempDir() + "/config.toml"
	a, err := app.New(app.Options{ConfigFile: file, Keyring: true, Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := a.AddCamera(app.CameraConfig{Name: "Door", URL: "http://eva:secret@10.0.0.7/v"}); err != nil {
		t.Fatal(err)
	}
	text, _ := os.ReadFile(file)
	info, err := os.Stat(file)
	if err != nil || info.Mode().Perm() != 0o600 || !strings.Contains(string(text), "eva:secret@") {
		t.Errorf("%v, the file is\n%s", err, text)
	}
}
