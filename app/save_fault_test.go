//go:build linux

package app

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"traycam/faults"
)

// saving is the environment variable by which this test is run again, to save a config and to be killed.
const saving = "TRAYCAM_TEST_SAVES"

// TestSaves saves the config that the variable names, with another port each time, as often as it says.
func TestSaves(t *testing.T) {
	file, times, found := strings.Cut(os.Getenv(saving), ",")
	if !found {
		t.Skip("it is run by the tests below")
	}
	f := &configFile{path: file}
	c, _, err := f.load()
	if err != nil {
		t.Fatal(err)
	}
	for n := range map[string]int{"once": 1, "on": 1 << 30}[times] {
		c.Port = 9001 + n%2
		if err := f.save(c); err != nil {
			t.Fatal(err)
		}
	}
}

// saver is this test, run again by another program where that is given.
func saver(file, times string, by ...string) *exec.Cmd {
	args := slices.Concat(by, []string{os.Args[0], "-test.run=^TestSaves$", "-test.count=1"})
	cmd := exec.Command(args[0], args[1:]...)
	cmd.Env = append(os.Environ(), saving+"="+file+","+times)
	return cmd
}

// whole returns the port of a config that must be whole.
func whole(t *testing.T, file string) int {
	t.Helper()
	f := &configFile{path: file}
	c, _, err := f.load()
	if err != nil {
		t.Fatalf("neither the old one nor the new one: %v", err)
	}
	if len(c.Cameras) != 2 || !strings.Contains(string(f.text), "hammer = true") {
		t.Fatalf("not the whole of it:\n%s", f.text)
	}
	return c.Port
}

func TestFaultKilledInASave(t *testing.T) {
	strace, err := exec.LookPath("strace")
	if err != nil {
		t.Fatal("strace is missing; \"make deps\" installs it")
	}
	f := tempConfig(t, handwritten)
	dir := filepath.Dir(f.path)
	trace := filepath.Join(t.TempDir(), "trace")
	if out, err := saver(f.path, "once", strace, "-f", "-y", "-o", trace, "-e", "trace=write,fsync,renameat,renameat2,rename").CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	calls, err := os.ReadFile(trace)
	if err != nil {
		t.Fatal(err)
	}
	order := regexp.MustCompile(`(?s)write\(\d+<[^>]*\.new-\d+>.*fsync\(\d+<[^>]*\.new-\d+>.*rename[a-z0-9]*\([^\n]*config\.toml"[^\n]*\n.*fsync\(\d+<` + regexp.QuoteMeta(dir) + `>`)
	if !order.Match(calls) {
		t.Errorf("the calls are not write, fsync, rename, fsync of the folder:\n%s", calls)
	}
	faults.Held(t, "power fails during a save", "write, fsync, rename, fsync of the folder")

	// Those calls that name the config's folder, one after the other.
	killed, old := 0, 0
	for _, call := range []string{"openat", "write", "fsync", "renameat"} {
		for when := 1; when <= 8; when++ {
			writeAtomically(f.path, []byte(handwritten))
			cmd := saver(f.path, "once", strace, "-f", "-qq", "-o", "/dev/null", "-P", dir, "-P", f.path,
				"-e", "trace="+call, "-e", fmt.Sprintf("inject=%s:signal=SIGKILL:when=%d", call, when))
			if cmd.Run() == nil {
				break // there are no more of these
			}
			killed++
			if whole(t, f.path) == 9000 {
				old++
			}
		}
	}
	if killed < 3 {
		t.Errorf("only %d saves were cut off", killed)
	}
	rounds := 20
	if faults.Long() {
		rounds = 1000
	}
	for n := range rounds {
		cmd := saver(f.path, "on")
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		time.Sleep(20*time.Millisecond + time.Duration(n*7919%10000)*time.Microsecond) // into its saves, anywhere
		cmd.Process.Signal(syscall.SIGKILL)
		cmd.Wait()
		whole(t, f.path)
	}
	left, _ := filepath.Glob(f.path + half + "*")
	for _, file := range left {
		if err := os.Chtimes(file, time.Time{}, time.Now().Add(-time.Hour)); err != nil {
			t.Fatal(err)
		}
	}
	if err := writeAtomically(f.path, []byte(handwritten)); err != nil {
		t.Fatal(err)
	}
	if still, _ := filepath.Glob(f.path + half + "*"); len(still) > 0 {
		t.Errorf("left for good: %q", still)
	}
	faults.Held(t, "killed in the middle of a save", "%d at a system call (%d times the old one), %d at random: whole each time; %d halves cleared away", killed, old, rounds, len(left))
}
