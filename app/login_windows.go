package app

import (
	"errors"

	"golang.org/x/sys/windows/registry"
)

const (
	runKey   = `Software\Microsoft\Windows\CurrentVersion\Run`
	runValue = "Traycam"
	// approvedKey is where Task Manager and Settings note what the person switched
	// off there. The first byte of a value is odd then.
	approvedKey = `Software\Microsoft\Windows\CurrentVersion\Explorer\StartupApproved\Run`
)

func startsAtLogin() bool {
	run, err := registry.OpenKey(registry.CURRENT_USER, runKey, registry.QUERY_VALUE)
	if err != nil {
		return false
	}
	defer run.Close()
	if command, _, err := run.GetStringValue(runValue); err != nil || command == "" {
		return false
	}
	approved, err := registry.OpenKey(registry.CURRENT_USER, approvedKey, registry.QUERY_VALUE)
	if err != nil {
		return true
	}
	defer approved.Close()
	state, _, err := approved.GetBinaryValue(runValue)
	return err != nil || len(state) == 0 || state[0]&1 == 0
}

func addToLogin(program string) error {
	command, err := runCommand(program)
	if err != nil {
		return err
	}
	run, _, err := registry.CreateKey(registry.CURRENT_USER, runKey, registry.SET_VALUE)
	if err != nil {
		return err
	}
	defer run.Close()
	if err := run.SetStringValue(runValue, command); err != nil {
		return err
	}
	return removeValue(approvedKey)
}

func removeFromLogin() error { return removeValue(runKey) }

func removeValue(key string) error {
	opened, err := registry.OpenKey(registry.CURRENT_USER, key, registry.SET_VALUE)
	if errors.Is(err, registry.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	defer opened.Close()
	if err := opened.DeleteValue(runValue); !errors.Is(err, registry.ErrNotExist) {
		return err
	}
	return nil
}

// installedAs: the system tells the path as it was started.
func installedAs(running string) string { return running }
