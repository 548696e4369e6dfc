//go:build headless

package main

import (
	"context"
	"errors"
	"log/slog"

	"traycam/app"
	"traycam/logbook"
)

// onlyHeadless: this program was built without window and tray.
const onlyHeadless = true

func runDesktop(context.Context, flags, *slog.Logger, *logbook.Book, *app.Crashes) error {
	return errors.New("this Traycam was built without a window; start it with --headless")
}
