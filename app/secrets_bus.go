//go:build unix && !darwin

package app

import (
	"errors"
	"os"
	"path/filepath"
	"strings"

	"github.com/godbus/dbus/v5"
)

// keyringReachable tells whether there is a session bus, without which there is no
// keyring. The library would start a bus, which would stay behind. It does not
// look into XDG_RUNTIME_DIR, so what is there is told to it.
func keyringReachable() bool {
	const variable = "DBUS_SESSION_BUS_ADDRESS"
	switch os.Getenv(variable) {
	case "", "autolaunch:":
	case "disabled:":
		return false
	default:
		return true
	}
	dir := os.Getenv("XDG_RUNTIME_DIR")
	socket := filepath.Join(dir, "bus")
	if _, err := os.Stat(socket); dir == "" || err != nil { // #nosec G703 -- the environment is the person's own
		return false
	}
	return os.Setenv(variable, "unix:path="+dbus.EscapeBusAddressValue(socket)) == nil
}

// noKeyringService tells whether err is that nothing on the bus keeps passwords.
func noKeyringService(err error) bool {
	e, ok := errors.AsType[dbus.Error](err)
	const prefix = "org.freedesktop.DBus.Error."
	return ok && (e.Name == prefix+"ServiceUnknown" || e.Name == prefix+"NameHasNoOwner" || strings.HasPrefix(e.Name, prefix+"Spawn."))
}
