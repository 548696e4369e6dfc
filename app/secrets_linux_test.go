package app

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/godbus/dbus/v5"
)

// TestNoKeyring has no session bus, and a dbus-launch that would start one.
func TestNoKeyring(t *testing.T) {
	dir := t.TempDir()
	started := filepath.Join(dir, "started")
	if err := os.WriteFile(filepath.Join(dir, "dbus-launch"), []byte("#!/bin/sh\necho >"+started+"\n"), 0o700); err != nil {
		t.Fatal(err)
	}
	t.Setenv("PATH", dir)
	s := newSecrets()
	for _, env := range []struct{ address, runtime string }{{"", ""}, {"", dir}, {"autolaunch:", dir}, {"disabled:", dir}} {
		t.Setenv("DBUS_SESSION_BUS_ADDRESS", env.address)
		t.Setenv("XDG_RUNTIME_DIR", env.runtime)
		_, putErr := s.put("door", "secret")
		_, getErr := s.get("keyring:door")
		removeErr := s.remove("keyring:door")
		for _, err := range []error{putErr, getErr, removeErr} {
			if !errors.Is(err, errNoKeyring) {
				t.Errorf("%+v: %v", env, err)
			}
		}
	}
	if _, err := os.Stat(started); err == nil {
		t.Error("a bus was started")
	}
}

const bareBus = `<busconfig>
	<type>session</type>
	<listen>unix:path=PATH</listen>
	<policy context="default"><allow send_destination="*" eavesdrop="true"/><allow eavesdrop="true"/><allow own="*"/></policy>
</busconfig>`

// session is a home folder with a session bus that starts nothing by itself.
type session struct {
	t   *testing.T
	dir string
	env []string
}

func startSession(t *testing.T) *session {
	t.Helper()
	s := &session{t: t, dir: t.TempDir()}
	s.env = []string{"PATH=" + os.Getenv("PATH"), "HOME=" + s.dir, "XDG_RUNTIME_DIR=" + s.dir, "XDG_DATA_HOME=" + s.dir + "/data", "XDG_CONFIG_HOME=" + s.dir + "/config", "XDG_CACHE_HOME=" + s.dir + "/cache"}
	socket, config := filepath.Join(s.dir, "bus"), filepath.Join(s.dir, "bus.conf")
	if err := os.WriteFile(config, []byte(strings.Replace(bareBus, "PATH", socket, 1)), 0o600); err != nil {
		t.Fatal(err)
	}
	s.start("", "dbus-daemon", "--nofork", "--config-file="+config)
	s.await("the bus", func() bool {
		_, err := os.Stat(socket)
		return err == nil
	})
	return s
}

// start runs a program until the test ends, or stop is called.
func (s *session) start(input, name string, args ...string) (stop func()) {
	s.t.Helper()
	cmd := exec.Command(name, args...)
	cmd.Env = append(s.env, "DBUS_SESSION_BUS_ADDRESS="+s.address())
	cmd.Stdin = strings.NewReader(input)
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	if err := cmd.Start(); err != nil {
		s.t.Fatal(err)
	}
	stop = func() {
		if cmd.ProcessState == nil {
			syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL)
			cmd.Wait()
		}
	}
	s.t.Cleanup(stop)
	return stop
}

func (s *session) address() string {
	return "unix:path=" + dbus.EscapeBusAddressValue(filepath.Join(s.dir, "bus"))
}

func (s *session) await(what string, ok func() bool) {
	s.t.Helper()
	for deadline := time.Now().Add(20 * time.Second); !ok(); time.Sleep(20 * time.Millisecond) {
		if time.Now().After(deadline) {
			s.t.Fatal("waited for " + what)
		}
	}
}

// startKeyring runs GNOME's keyring, unlocked where there is a password.
func (s *session) startKeyring(password string, args ...string) (stop func()) {
	s.t.Helper()
	stop = s.start(password, "gnome-keyring-daemon", append(args, "--foreground", "--components=secrets")...)
	conn, err := dbus.Connect(s.address())
	if err != nil {
		s.t.Fatal(err)
	}
	defer conn.Close()
	s.await("the keyring", func() bool {
		var owned bool
		err := conn.BusObject().Call("org.freedesktop.DBus.NameHasOwner", 0, "org.freedesktop.secrets").Store(&owned)
		return err == nil && owned
	})
	return stop
}

// inside runs the test function's other half, named what, as a program of its own in
// the session: the library keeps its connection, and the address in the environment.
func (s *session) inside(what string) {
	s.t.Helper()
	child := exec.Command(os.Args[0], "-test.run=^"+s.t.Name()+"$", "-test.v", "-test.timeout=60s")
	child.Env = append(s.env, insideSession+"="+what)
	if out, err := child.CombinedOutput(); err != nil || !strings.Contains(string(out), "--- PASS: "+s.t.Name()) {
		s.t.Errorf("%s: %v\n%s", what, err, out)
	}
}

const insideSession = "TRAYCAM_TEST_INSIDE_SESSION"

// TestSystemKeyring keeps passwords in a real keyring.
func TestSystemKeyring(t *testing.T) {
	if what := os.Getenv(insideSession); what != "" {
		defer func() {
			if conn, err := dbus.SessionBus(); err == nil {
				conn.Close()
			}
		}()
		useSystemKeyring(t, what)
		return
	}
	for _, name := range []string{"dbus-daemon", "gnome-keyring-daemon"} {
		if _, err := exec.LookPath(name); err != nil {
			t.Skipf("%s is missing; \"make deps\" installs it", name)
		}
	}
	s := startSession(t)
	s.inside("no keyring")
	stop := s.startKeyring("\n", "--unlock") // with nothing at all it makes no keyring
	s.inside("put")
	s.inside("get and remove")
	stop()

	s = startSession(t)
	stop = s.startKeyring("a password", "--unlock")
	s.inside("put")
	stop()
	s.startKeyring("")
	s.inside("locked")
}

func useSystemKeyring(t *testing.T, what string) {
	const password = "p@ss: wörd/%\n"
	s := newSecrets()
	switch what {
	case "no keyring":
		if _, err := s.put("door", password); !errors.Is(err, errNoKeyring) {
			t.Errorf("%v", err)
		}
	case "put":
		for _, p := range []string{"another", password} {
			if _, err := s.put("door", p); err != nil {
				t.Error(err)
			}
		}
		if _, err := s.get("keyring:yard"); !errors.Is(err, errNoSecret) {
			t.Errorf("a password that was never put: %v", err)
		}
	case "get and remove":
		if got, err := s.get("keyring:door"); err != nil || got != password {
			t.Errorf("%q, %v", got, err)
		}
		for range 2 {
			if err := s.remove("keyring:door"); err != nil {
				t.Error(err)
			}
		}
		if _, err := s.get("keyring:door"); !errors.Is(err, errNoSecret) {
			t.Errorf("%v", err)
		}
	case "locked":
		_, getErr := s.get("keyring:door")
		_, putErr := s.put("door", "new")
		for _, err := range []error{getErr, putErr} {
			if !errors.Is(err, errKeyringLocked) && !errors.Is(err, errKeyringSilent) {
				t.Errorf("%v", err)
			}
		}
	}
}
