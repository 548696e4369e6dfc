package app_test

import (
	"path/filepath"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"traycam/app"
)

// A first copy that was without file descriptors for a while is still found.
func TestRunningCopyWithoutDescriptors(t *testing.T) {
	config := filepath.Join(t.TempDir(), "config.toml")
	raise, release, err := app.Claim(config, true)
	if err != nil {
		t.Fatal(err)
	}
	defer release()
	second, err := unix.Socket(unix.AF_UNIX, unix.SOCK_STREAM, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer unix.Close(second)
	var before unix.Rlimit
	if err := unix.Getrlimit(unix.RLIMIT_NOFILE, &before); err != nil {
		t.Fatal(err)
	}
	set := func(limit unix.Rlimit) {
		if err := unix.Setrlimit(unix.RLIMIT_NOFILE, &limit); err != nil {
			t.Fatal(err)
		}
	}
	set(unix.Rlimit{Cur: 3, Max: before.Max})
	err = unix.Connect(second, &unix.SockaddrUnix{Name: config + ".sock"})
	time.Sleep(300 * time.Millisecond) // in which it cannot accept
	set(before)
	if err != nil {
		t.Fatal(err)
	}
	if _, _, err := app.Claim(config, true); err == nil {
		t.Error("a second start takes over")
	}
	select {
	case <-raise:
	case <-time.After(10 * time.Second):
		t.Error("the first copy was not asked to show its window")
	}
}
