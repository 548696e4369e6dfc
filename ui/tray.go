package ui

import "time"

// tray is the icon beside the clock with its menu. Its methods may be called
// from any goroutine, set and quit from one at a time.
type tray interface {
	// set shows m. It touches the native menu only where m differs from what is shown.
	set(m trayMenu)
	// shown tells whether a tray has taken the icon, as far as it can be known. May take up to a second.
	shown() bool
	// quit takes the icon away and returns when the tray has ended, or after trayQuitLimit.
	quit()
}

// trayQuitLimit is how long quitting waits for the tray.
const trayQuitLimit = 3 * time.Second

// trayCommands is what the tray's items do. The tray calls them from goroutines
// of its own; they return at once.
type trayCommands struct {
	openViewer, copyLink, share, startStop, showWindow, quit func()
	openCamera                                               func(id string)
}
