//go:build unix && !linux

package camera

import (
	"os/exec"
	"syscall"
)

// inOwnGroup lets cmd be killed with all that it starts.
func inOwnGroup(cmd *exec.Cmd) {
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	cmd.Cancel = func() error { return syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) }
}
