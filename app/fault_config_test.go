package app

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"unicode/utf16"

	"traycam/faults"
)

// Each key with each kind of nonsense: a sentence, and the file stays.
func TestFaultConfigNonsense(t *testing.T) {
	kinds := []string{
		`-1`, `99999999999999999999999`, `9223372036854775807`, `nan`, `-inf`, `1.5`, `0x`, ``, `true`, `yes`, `"no: \u0000"`, `"\uD800"`,
		`"` + strings.Repeat("x", 100_000) + `"`, `[]`, `[[[[]]]]`, `{}`, `{a = 1}`, `2024-13-45`, `'''`, `"open`,
	}
	tried, refused, worst := 0, 0, 0
	for _, section := range [][]value{DefaultConfig().values(), CameraConfig{}.values(), Link{}.values()} {
		for _, v := range section {
			for _, kind := range append(kinds, "1\n"+v.key+" = 1") {
				text := "# first\n"
				switch v.section {
				case "cameras", "share.links":
					text += "[[" + v.section + "]]\n"
				case "":
				default:
					text += "[" + v.section + "]\n"
				}
				text += v.key + " = " + kind + "\n"
				tried++
				if say := nonsense(t, []byte(text)); say != "" {
					refused++
					worst = max(worst, len(say))
				}
			}
		}
	}
	for _, text := range [][]byte{
		utf16Text("port = 9000\n"), []byte("\xfe\xff\x00p"), []byte("port = 1\x00\n"), []byte("\xff\xfe\x00"), []byte("port\r= 1\r"),
		bytes.Repeat([]byte("["), 1<<20), bytes.Repeat([]byte("a."), 1<<18), []byte("a = " + strings.Repeat("[", 100_000)), []byte("a = " + strings.Repeat("{a=", 100_000)),
		[]byte("[share]\n[share]\n"), []byte("cameras = 1\n[[cameras]]\n"), []byte("[cameras]\n"), []byte("[[share]]\n"), []byte("port.x = 1\n"), bytes.Repeat([]byte{0}, 1<<20),
		[]byte(strings.Repeat("[[cameras]]\n", 501)),
	} {
		tried++
		say := nonsense(t, text)
		if say == "" {
			t.Errorf("%.40q was taken", text)
			continue
		}
		refused++
		worst = max(worst, len(say))
	}
	if worst > 2000 {
		t.Errorf("a sentence has %d bytes", worst)
	}
	faults.Held(t, "nonsense in the config file", "%d files, %d of them refused with file and line, the longest sentence %d bytes; no file changed", tried, refused, worst)
}

func utf16Text(text string) []byte {
	out := []byte{0xff, 0xfe}
	for _, u := range utf16.Encode([]rune(text)) {
		out = binary.LittleEndian.AppendUint16(out, u)
	}
	return out
}

// nonsense is what is said about text as a config file; empty: nothing.
func nonsense(t *testing.T, text []byte) string {
	t.Helper()
	f := tempConfig(t, string(text))
	_, notices, err := f.load()
	if after, _ := os.ReadFile(f.path); !bytes.Equal(after, text) {
		t.Errorf("%.60q was changed to %.60q", text, after)
	}
	if len(notices) > maxUnknownTold {
		t.Errorf("%.60q: %d notices", text, len(notices))
	}
	if err == nil {
		return ""
	}
	say := err.Error()
	if !strings.Contains(say, f.path+", line ") || strings.ContainsFunc(say, func(r rune) bool { return r < ' ' }) {
		t.Errorf("%.60q: %.300q", text, say)
	}
	if strings.Contains(say, "struct") || strings.Contains(say, "app.") {
		t.Errorf("people read: %.200s", say)
	}
	t.Logf("%.40q: %.200s", text, strings.ReplaceAll(say, filepath.Dir(f.path), ""))
	return say
}

func TestUnknownKeysWithoutEnd(t *testing.T) {
	var text strings.Builder
	for n := range 1_000 {
		fmt.Fprintf(&text, "k%d = 1\n", n)
	}
	f := tempConfig(t, text.String())
	_, notices, err := f.load()
	if err != nil || len(notices) != maxUnknownTold {
		t.Errorf("%d notices, %v", len(notices), err)
	}
	// So many that reading them would take minutes.
	for _, more := range []string{"k%d = 1\n", "[s%d]\n", "x.y%d = 1\n", "z.z%d = [{a = 1}]\n"} {
		text.Reset()
		for n := 0; text.Len() < maxConfig-100; n++ {
			fmt.Fprintf(&text, more, n)
		}
		f := tempConfig(t, text.String())
		if _, _, err := f.load(); err == nil || !strings.Contains(err.Error(), ", line 1: more than 10000 of its keys are unknown") {
			t.Errorf(more+": %v", 0, err)
		}
	}
}

// What is no file is said, and nobody waits for it.
func TestConfigThatIsNoFile(t *testing.T) {
	for name, c := range map[string]struct {
		make func(path string) error
		want string
	}{
		"folder": {func(path string) error { return os.Mkdir(path, 0o700) }, "it is a folder"},
		"fifo":   {func(path string) error { return exec.Command("mkfifo", path).Run() }, "not an ordinary file"},
		"device": {func(path string) error { return os.Symlink("/dev/zero", path) }, "not an ordinary file"},
		"huge": {func(path string) error {
			if err := os.WriteFile(path, nil, 0o600); err != nil {
				return err
			}
			return os.Truncate(path, 100<<20)
		}, "larger than 4 MB"},
		"loop": {func(path string) error { return os.Symlink(path, path) }, "cannot be read"},
	} {
		f := tempConfig(t, "")
		if err := os.MkdirAll(filepath.Dir(f.path), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := c.make(f.path); err != nil {
			t.Skip(err)
		}
		if _, _, err := f.load(); err == nil || !strings.Contains(err.Error(), c.want) || !strings.Contains(err.Error(), f.path) {
			t.Errorf("%s: %v", name, err)
		}
		f.text = []byte("port = 1\n")
		if err := f.save(DefaultConfig()); err == nil {
			t.Errorf("%s: it was saved over", name)
		}
		if left, _ := os.ReadDir(filepath.Dir(f.path)); slices.ContainsFunc(left, func(e os.DirEntry) bool { return e.Name() != "config.toml" }) {
			t.Errorf("%s: left over %v", name, left)
		}
	}
}

func TestSaveKeepsSymlink(t *testing.T) {
	for name, text := range map[string]string{"a file": "port = 9000\n", "nothing yet": ""} {
		f := tempConfig(t, text)
		folder := filepath.Dir(f.path)
		target := filepath.Join(folder, "elsewhere", "my.toml")
		if err := os.MkdirAll(filepath.Dir(target), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.Rename(f.path, target); err != nil && text != "" {
			t.Fatal(err)
		}
		if err := os.Symlink("elsewhere/my.toml", f.path); err != nil {
			t.Skip(err)
		}
		c, _ := f.mustLoad(t)
		c.Port = 9001
		if err := f.save(c); err != nil {
			t.Fatal(err)
		}
		info, err := os.Lstat(f.path)
		if saved, _ := os.ReadFile(target); err != nil || info.Mode()&os.ModeSymlink == 0 || !strings.Contains(string(saved), "port = 9001\n") {
			t.Errorf("to %s: %v %v, %s", name, info, err, saved)
		}
	}
}
