//go:build !windows

package app

import "errors"

// EndWhenAsked does nothing: signals ask programs to end.
func EndWhenAsked(func()) (stop func(), err error) { return func() {}, nil }

// Quit is there where there are no signals.
func Quit() error {
	return errors.New("--quit is for Windows. Elsewhere the signal TERM asks Traycam to end: pkill traycam")
}
