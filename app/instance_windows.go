package app

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"

	"golang.org/x/sys/windows"
)

// Copies of Traycam find each other by events with a name. Such an event is there for as
// long as one of the processes that have it open, so a crash leaves nothing behind.

// allowSetForegroundWindow lets the first copy bring its window to the front, which
// Windows grants only to the program that the person has just started.
var allowSetForegroundWindow = windows.NewLazySystemDLL("user32.dll").NewProc("AllowSetForegroundWindow")

const anyProcess = 0xFFFFFFFF // ASFW_ANY

// Claim makes this the one copy of Traycam that runs with configFile, until
// release is called. Another start gets ErrRunning and, if it wants to be seen,
// makes raise of the first receive a value.
func Claim(configFile string, show bool) (raise <-chan struct{}, release func(), err error) {
	os.MkdirAll(filepath.Dir(configFile), 0o700) // its long name is the event's
	event, err := windows.CreateEvent(nil, 0, 0, eventName("show", configFile))
	if errors.Is(err, windows.ERROR_ALREADY_EXISTS) {
		defer windows.CloseHandle(event)
		if show {
			allowSetForegroundWindow.Call(anyProcess)
			windows.SetEvent(event)
		}
		return nil, nil, ErrRunning
	}
	if errors.Is(err, windows.ERROR_ACCESS_DENIED) { // an administrator's copy, or another account's
		return nil, nil, ErrRunning
	}
	if err != nil {
		return nil, nil, fmt.Errorf("make an event for other starts of Traycam: %w", err)
	}
	asked := make(chan struct{}, 1)
	stop, err := whenSet(event, func() (again bool) { poke(asked); return true })
	if err != nil {
		windows.CloseHandle(event)
		return nil, nil, err
	}
	return asked, func() { stop(); windows.CloseHandle(event) }, nil
}

// eventName is what path's event is called in all sessions of this computer.
func eventName(what, path string) *uint16 {
	if long, err := filepath.EvalSymlinks(path); err == nil { // "C:\PROGRA~1" too
		path = long
	} else if long, err := filepath.EvalSymlinks(filepath.Dir(path)); err == nil { // the file comes later
		path = filepath.Join(long, filepath.Base(path))
	}
	if absolute, err := filepath.Abs(path); err == nil {
		path = absolute
	}
	sum := sha256.Sum256([]byte(strings.ToLower(path)))
	name, _ := windows.UTF16PtrFromString(fmt.Sprintf(`Global\%s-%s-%x`, ID, what, sum[:12]))
	return name
}

// whenSet calls f when event is set, as long as f wants to hear of it again and until stop is called.
func whenSet(event windows.Handle, f func() (again bool)) (stop func(), err error) {
	stopped, err := windows.CreateEvent(nil, 1, 0, nil)
	if err != nil {
		return nil, fmt.Errorf("make an event: %w", err)
	}
	var waiting sync.WaitGroup
	waiting.Go(func() {
		for {
			which, err := windows.WaitForMultipleObjects([]windows.Handle{stopped, event}, false, windows.INFINITE)
			if err != nil || which != windows.WAIT_OBJECT_0+1 || !f() {
				return
			}
		}
	})
	return func() {
		windows.SetEvent(stopped)
		waiting.Wait()
		windows.CloseHandle(stopped)
	}, nil
}
