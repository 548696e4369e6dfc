package app

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"unicode/utf8"

	"traycam/sentence"
)

func loginFile() (string, error) {
	dir, err := os.UserConfigDir()
	return filepath.Join(dir, "autostart", ID+".desktop"), err
}

func startsAtLogin() bool {
	file, err := loginFile()
	if err != nil {
		return false
	}
	text, err := os.ReadFile(file)
	return err == nil && desktopEntryStarts(string(text))
}

func addToLogin(program string) error {
	if !utf8.ValidString(program) {
		return sentence.Errorf("the path of the program is no text. Move Traycam to a folder with another name")
	}
	return writeLoginFile(desktopEntry(program))
}

// installedAs is the path by which the running program is started, such as a link
// in /usr/bin that stays when an update moves what it points to. The system tells
// only where that is, and for an AppImage where it is mounted this time.
func installedAs(running string) string {
	image, mounted := os.Getenv("APPIMAGE"), os.Getenv("APPDIR")
	// Programs that another AppImage starts inherit both.
	if filepath.IsAbs(image) && (mounted == "" || isWithin(running, mounted)) {
		return image
	}
	command, err := exec.LookPath(filepath.Base(os.Args[0]))
	if err == nil && filepath.IsAbs(command) && sameFile(command, running) {
		return command
	}
	return running
}

func isWithin(path, dir string) bool {
	if real, err := filepath.EvalSymlinks(dir); err == nil {
		dir = real
	}
	relative, err := filepath.Rel(dir, path)
	return err == nil && relative != ".." && !strings.HasPrefix(relative, "../")
}

func sameFile(a, b string) bool {
	infoA, errA := os.Stat(a)
	infoB, errB := os.Stat(b)
	return errA == nil && errB == nil && os.SameFile(infoA, infoB)
}
