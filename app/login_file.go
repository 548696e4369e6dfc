//go:build linux || darwin

package app

import (
	"errors"
	"io/fs"
	"os"
)

// Where a program starts at login because a file names it.

func writeLoginFile(text string) error {
	file, err := loginFile()
	if err != nil {
		return err
	}
	return writeAtomically(file, []byte(text))
}

func removeFromLogin() error {
	file, err := loginFile()
	if err != nil {
		return err
	}
	if err := os.Remove(file); !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return nil
}
