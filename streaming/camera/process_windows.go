package camera

import (
	"os/exec"

	"golang.org/x/sys/windows"
)

// inOwnGroup keeps a console window from showing. What cmd itself starts is not
// ended with it.
func inOwnGroup(cmd *exec.Cmd) {
	cmd.SysProcAttr = &windows.SysProcAttr{HideWindow: true, CreationFlags: windows.CREATE_NO_WINDOW}
}
