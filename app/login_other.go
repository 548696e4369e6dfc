//go:build !linux && !darwin && !windows

package app

import "traycam/sentence"

func startsAtLogin() bool { return false }

func addToLogin(string) error {
	return sentence.Errorf("on this system Traycam does not know how")
}

func removeFromLogin() error { return nil }

func installedAs(running string) string { return running }
