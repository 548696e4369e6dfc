//go:build !unix || darwin

package app

// keyringReachable: the keyring is part of the system.
func keyringReachable() bool { return true }

func noKeyringService(error) bool { return false }
