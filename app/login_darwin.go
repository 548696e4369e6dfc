package app

import (
	"os"
	"path/filepath"
	"strings"

	"traycam/sentence"
)

func loginFile() (string, error) {
	home, err := os.UserHomeDir()
	return filepath.Join(home, "Library", "LaunchAgents", ID+".plist"), err
}

func startsAtLogin() bool {
	file, err := loginFile()
	if err != nil {
		return false
	}
	_, err = os.Stat(file)
	return err == nil
}

func addToLogin(program string) error {
	// macOS runs what was just downloaded from a folder that is another one each time.
	if strings.Contains(program, "/AppTranslocation/") {
		return sentence.Errorf("move Traycam to the Applications folder first, and start it from there")
	}
	return writeLoginFile(launchAgent(program))
}

// installedAs: the system tells the path as it was started, links in it included.
func installedAs(running string) string { return running }
