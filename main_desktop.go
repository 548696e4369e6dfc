//go:build !headless

package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"traycam/app"
	"traycam/ui"
)

// onlyHeadless: this program has a window and a tray.
const onlyHeadless = false

// quitPatience is how long the window's end waits for cameras and viewers to be let go.
const quitPatience = 5 * time.Second

// runDesktop shows window and tray until the person quits or ctx is done.
func runDesktop(ctx context.Context, a *app.App, hidden bool, log *slog.Logger) error {
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
	err := ui.Run(ctx, a, ui.Options{Hidden: hidden, Log: log})
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
