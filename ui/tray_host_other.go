//go:build !linux

package ui

import "log/slog"

// haveDisplay is always true: a desktop program has a desktop here.
func haveDisplay() bool { return true }

// trayTookIcon is always true: Windows and macOS always have a place for it.
func trayTookIcon(*slog.Logger) bool { return true }

// quietNative has nothing to do here.
func quietNative(*slog.Logger) {}

// outliveBus has nothing to do here.
func outliveBus() {}

// sayDisplayGone has nothing to do here.
func sayDisplayGone() {}

// TextScale is 1: Fyne asks the system itself.
func TextScale() float64 { return 1 }
