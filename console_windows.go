package main

import (
	"io"
	"os"

	"golang.org/x/sys/windows"
)

var attachConsole = windows.NewLazySystemDLL("kernel32.dll").NewProc("AttachConsole")

const parentProcess = 0xFFFFFFFF // ATTACH_PARENT_PROCESS

// quitUsage is for installers, and for who cannot find the icon: there are no signals here.
const quitUsage = "  --quit                       end the Traycams that were started from this folder\n"

// console returns where to write to. The desktop program has no console; started
// in a command prompt it writes there, unless its output goes into a file or a pipe.
// With the window it must not: Windows would end it with the prompt.
func console(stdout, stderr io.Writer) (io.Writer, io.Writer) {
	if usable(stdout) && usable(stderr) {
		return stdout, stderr
	}
	if attached, _, _ := attachConsole.Call(parentProcess); attached == 0 {
		return stdout, stderr
	}
	prompt, err := os.OpenFile("CONOUT$", os.O_RDWR, 0)
	if err != nil {
		return stdout, stderr
	}
	if !usable(stdout) {
		stdout = prompt
	}
	if !usable(stderr) {
		stderr = prompt
	}
	return stdout, stderr
}

// usable tells whether w is something other than the handle that a program gets in place of a console.
func usable(w io.Writer) bool {
	file, ok := w.(*os.File)
	if !ok {
		return true
	}
	kind, err := windows.GetFileType(windows.Handle(file.Fd()))
	return err == nil && kind != windows.FILE_TYPE_UNKNOWN
}
