//go:build unix

package e2e

import (
	"os/exec"
	"syscall"
	"testing"
)

// stop lets a program stand still, as a computer that sleeps or hangs does.
func stop(t testing.TB, cmd *exec.Cmd) { signal(t, cmd, syscall.SIGSTOP) }

func resume(t testing.TB, cmd *exec.Cmd) { signal(t, cmd, syscall.SIGCONT) }

func signal(t testing.TB, cmd *exec.Cmd, s syscall.Signal) {
	t.Helper()
	if err := cmd.Process.Signal(s); err != nil {
		t.Fatal(err)
	}
}
