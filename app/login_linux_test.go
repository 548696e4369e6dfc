package app

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"traycam/sentence"
)

func TestStartAtLogin(t *testing.T) {
	config := filepath.Join(t.TempDir(), "my config")
	t.Setenv("XDG_CONFIG_HOME", config)
	file := filepath.Join(config, "autostart", "io.traycam.Traycam.desktop")
	is := func(want bool) {
		t.Helper()
		if new(App).StartsAtLogin() != want {
			t.Errorf("it starts at login: %v", !want)
		}
	}
	set := func(on bool) {
		t.Helper()
		if err := new(App).StartAtLogin(on); err != nil {
			t.Error(err)
		}
		is(on)
	}
	is(false)
	set(false)
	set(true)
	set(true)
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	// As GNOME and KDE switch it off.
	if err := os.WriteFile(file, append(text, "Hidden=true\n"...), 0o600); err != nil {
		t.Fatal(err)
	}
	is(false)
	set(true)
	set(false)
	if _, err := os.Stat(file); !os.IsNotExist(err) {
		t.Errorf("the file is still there: %v", err)
	}
	if left, err := os.ReadDir(filepath.Dir(file)); len(left) > 0 || err != nil {
		t.Errorf("%v is left, %v", left, err)
	}

	blocked := filepath.Join(t.TempDir(), "file")
	os.WriteFile(blocked, nil, 0o600)
	t.Setenv("XDG_CONFIG_HOME", blocked)
	if err := new(App).StartAtLogin(true); err == nil || !strings.HasPrefix(sentence.Of(err), "Traycam cannot be made to start at login: ") {
		t.Errorf("%v", err)
	}
	is(false)
}

func TestInstalledAs(t *testing.T) {
	t.Setenv("APPIMAGE", "")
	t.Setenv("APPDIR", "")
	real := filepath.Join(t.TempDir(), "opt", "traycam")
	bin := filepath.Join(t.TempDir(), "bin")
	for _, dir := range []string{filepath.Dir(real), bin} {
		if err := os.MkdirAll(dir, 0o700); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.WriteFile(real, nil, 0o700); err != nil {
		t.Fatal(err)
	}
	link := filepath.Join(bin, filepath.Base(os.Args[0]))
	is := func(want string) {
		t.Helper()
		if got := installedAs(real); got != want {
			t.Errorf("%s instead of %s", got, want)
		}
	}
	is(real)
	t.Setenv("PATH", bin)
	is(real)
	if err := os.WriteFile(link, nil, 0o700); err != nil { // another program of that name
		t.Fatal(err)
	}
	is(real)
	os.Remove(link)
	if err := os.Symlink(real, link); err != nil {
		t.Fatal(err)
	}
	is(link)

	t.Setenv("APPIMAGE", "/home/me/Traycam.AppImage")
	is("/home/me/Traycam.AppImage")
	t.Setenv("APPDIR", filepath.Dir(real))
	is("/home/me/Traycam.AppImage")
	t.Setenv("APPDIR", filepath.Dir(real)+"-of-another-program")
	is(link)
}

// TestDesktopsUnderstandTheEntry has the desktops' own programs read it.
func TestDesktopsUnderstandTheEntry(t *testing.T) {
	for _, path := range nastyPaths {
		dir := t.TempDir()
		program := filepath.Join(dir, path)
		if err := os.MkdirAll(filepath.Dir(program), 0o700); err != nil {
			t.Fatal(err)
		}
		script := "#!/bin/sh\nprintf '%s' \"$*\" >\"$TOLD.new\" && mv \"$TOLD.new\" \"$TOLD\"\n"
		if err := os.WriteFile(program, []byte(script), 0o700); err != nil {
			t.Fatal(err)
		}
		config := filepath.Join(dir, "config")
		t.Setenv("XDG_CONFIG_HOME", config)
		if err := addToLogin(program); err != nil {
			t.Fatal(err)
		}
		file := filepath.Join(config, "autostart", "io.traycam.Traycam.desktop")
		if validate, err := exec.LookPath("desktop-file-validate"); err != nil {
			t.Log("not validated: desktop-file-validate is missing")
		} else if out, err := exec.Command(validate, file).CombinedOutput(); err != nil || len(out) > 0 {
			t.Errorf("%q: %v %s", path, err, out)
		}
		gio, err := exec.LookPath("gio")
		if err != nil {
			t.Log("not started: gio is missing")
			continue
		}
		told := filepath.Join(dir, "told")
		launch := exec.Command(gio, "launch", file)
		launch.Env = append(os.Environ(), "TOLD="+told, "DBUS_SESSION_BUS_ADDRESS=disabled:")
		if out, err := launch.CombinedOutput(); err != nil {
			t.Errorf("%q: %v %s", path, err, out)
			continue
		}
		for deadline := time.Now().Add(10 * time.Second); ; time.Sleep(5 * time.Millisecond) {
			if text, err := os.ReadFile(told); err == nil {
				if string(text) != "--hidden" {
					t.Errorf("%q is started with %q", path, text)
				}
				break
			}
			if time.Now().After(deadline) {
				t.Errorf("%q is not started", path)
				break
			}
		}
	}
}
