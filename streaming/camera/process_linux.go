package camera

import (
	"os/exec"
	"syscall"
)

// inOwnGroup lets cmd be killed with all that it starts, and when this program
// is killed itself.
func inOwnGroup(cmd *exec.Cmd) {
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
	cmd.Cancel = func() error { return syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) }
}
