//go:build !headless

package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"runtime"
	"time"

	"traycam/app"
	"traycam/logbook"
	"traycam/sentence"
	"traycam/ui"
)

// onlyHeadless: this program has a window and a tray.
const onlyHeadless = false

// quitPatience is how long the window's end waits for cameras and viewers to be let go.
const quitPatience = 5 * time.Second

// runDesktop shows window and tray until the person quits or ctx is done. Where
// Traycam runs already it shows that one's window.
func runDesktop(ctx context.Context, f flags, log *slog.Logger, book *logbook.Book, crashes *app.Crashes) error {
	keepQuiet()
	if scale := ui.TextScale(); scale != 1 && os.Getenv("FYNE_SCALE") == "" {
		os.Setenv("FYNE_SCALE", fmt.Sprintf("%.2f", scale))
	}
	raise, release, err := app.Claim(f.config, !f.hidden)
	if errors.Is(err, app.ErrRunning) {
		log.Info("Traycam runs already with this config; its window is shown, and the other flags are left alone")
		return nil
	}
	if err != nil {
		log.Warn("a second start of Traycam will not find this one", "err", err)
	} else {
		defer release()
	}
	book.SetFolder(logFolder()) // not before the claim: two programs would write there
	a, err := newApp(f, log, book, crashes, logFolder())
	if err != nil {
		ui.Tell("Traycam cannot start.\n\n" + sentence.Of(err))
		return err
	}
	if err := a.Listen(); err != nil {
		log.Error("viewers cannot be served", "err", err) // the window says it too, and can try again
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		a.Run(ctx)
	}()
	err = ui.Run(ctx, a, ui.Options{Hidden: f.hidden || a.StartHidden(), Raise: raise, Log: log})
	if errors.Is(err, ui.ErrNoDisplay) {
		err = fmt.Errorf("%w. Start it with --headless to stream without one", err)
	}
	cancel()
	select {
	case <-ended:
	case <-time.After(quitPatience):
		log.Warn("some cameras or viewers did not end in time")
	}
	return err
}

// keepQuiet keeps GLib and Fyne from starting a session bus of their own, which
// would stay behind, where the desktop has none.
func keepQuiet() {
	if runtime.GOOS != "linux" || os.Getenv("DBUS_SESSION_BUS_ADDRESS") != "" {
		return
	}
	if _, err := os.Stat(filepath.Join(os.Getenv("XDG_RUNTIME_DIR"), "bus")); err != nil { // #nosec G703 -- the environment is the person's own
		os.Setenv("DBUS_SESSION_BUS_ADDRESS", "disabled:")
		os.Setenv("NO_AT_BRIDGE", "1")
	}
}
