package app

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"golang.org/x/sys/windows"
)

// quitPatience is how long those that were asked may take: the window, the
// cameras and the viewers have 5 s to end.
const quitPatience = 15 * time.Second

// EndWhenAsked calls end when another start from the same folder calls [Quit], until
// stop is called. The event stays open, for Quit to see when this process has ended.
func EndWhenAsked(end func()) (stop func(), err error) {
	name, err := quitEvent()
	if err != nil {
		return nil, err
	}
	event, err := windows.CreateEvent(nil, 1, 0, name) // stays set: everybody is asked
	if err != nil && !errors.Is(err, windows.ERROR_ALREADY_EXISTS) {
		return nil, fmt.Errorf("make an event for --quit: %w", err)
	}
	return whenSet(event, func() (again bool) { end(); return false })
}

// Quit asks every Traycam that was started from this program's folder to end, and
// returns when they have. Windows cannot replace or delete a program that runs.
func Quit() error {
	name, err := quitEvent()
	if err != nil {
		return err
	}
	for deadline := time.Now().Add(quitPatience); time.Now().Before(deadline); time.Sleep(50 * time.Millisecond) {
		event, err := windows.OpenEvent(windows.EVENT_MODIFY_STATE, false, name)
		if errors.Is(err, windows.ERROR_FILE_NOT_FOUND) {
			return nil
		}
		if err != nil {
			return fmt.Errorf("ask Traycam to end: %w", err)
		}
		windows.SetEvent(event)
		windows.CloseHandle(event)
	}
	return errors.New("Traycam runs and does not end. End it in the Task Manager, and try again")
}

func quitEvent() (*uint16, error) {
	program, err := os.Executable()
	if err != nil {
		return nil, err
	}
	return eventName("quit", filepath.Dir(program)), nil
}
