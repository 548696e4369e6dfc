//go:build headless

package main

import (
	"context"
	"errors"
	"log/slog"

	"traycam/app"
)

// onlyHeadless: this program was built without window and tray.
const onlyHeadless = true

func runDesktop(context.Context, *app.App, bool, *slog.Logger) error {
	return errors.New("this Traycam was built without a window; start it with --headless")
}
