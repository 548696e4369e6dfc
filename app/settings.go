package app

import (
	"cmp"
	"context"
	"iter"

	"traycam/logbook"
	"traycam/sentence"
	"traycam/streaming"
	"traycam/streaming/camera"
)

// Configure makes s the settings and saves them; they take effect at once. A
// port that cannot be had changes nothing. Errors are sentences.
func (a *App) Configure(s Settings) error {
	return a.change(func(config *Config) error {
		if s.Port != config.Port {
			if err := a.checkPort(s.Port); err != nil {
				return err
			}
		}
		config.Settings = s
		if wrong := config.Check(); wrong != nil {
			return wrong.Say
		}
		return nil
	})
}

// CheckPort returns nil if the viewer page could be on port, else a sentence.
func (a *App) CheckPort(port int) error {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.checkPort(port)
}

// checkPort is CheckPort; a.mu is held.
func (a *App) checkPort(port int) error {
	if port < 1 || port > 65535 {
		return sentence.Errorf("a port is a number from 1 to 65535")
	}
	if a.listening != nil && a.listening.port == port {
		return nil
	}
	l, err := listen(port)
	if err != nil {
		return err
	}
	for _, ln := range l.listeners {
		ln.Close()
	}
	return nil
}

// Trial is what was seen of a camera that is being tried.
type Trial = streaming.Trial

// TryCamera takes a camera in for as long as the loop over it runs and ctx is not
// done, and yields how it goes five times a second. Nothing is saved. A camera
// with the ID of c is let go meanwhile.
func (a *App) TryCamera(ctx context.Context, c CameraConfig) iter.Seq[Trial] {
	return func(yield func(Trial) bool) {
		if c.Password != "" {
			a.password(c.Password) // without it, the trial tells what the camera says
		}
		a.mu.Lock()
		tried := a.open(c)
		a.mu.Unlock()
		tried.Enabled = true
		a.server.Try(ctx, tried)(yield)
	}
}

// Webcam is a camera of this computer.
type Webcam = camera.Webcam

// Webcams are the cameras of this computer, the first one first, until ctx is
// done. It may take seconds.
func (a *App) Webcams(ctx context.Context) []Webcam {
	program, _ := a.FFmpeg() // without it there are none, but on Linux
	return camera.Webcams(ctx, program)
}

// FFmpeg is where the program ffmpeg is, and an error where there is none.
func (a *App) FFmpeg() (string, error) {
	a.mu.Lock()
	set := a.config.FFmpeg
	a.mu.Unlock()
	return camera.FindFFmpeg(set)
}

// Log is the log that people can read; nil: there is none.
func (a *App) Log() *logbook.Book { return a.opt.Book }

// LogFolder is where log files go; empty: nowhere.
func (a *App) LogFolder() string {
	a.mu.Lock()
	defer a.mu.Unlock()
	return cmp.Or(a.config.LogFolder, a.opt.LogFolder)
}

// StartHidden tells whether the person wants to start with the tray icon alone.
func (a *App) StartHidden() bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.config.StartHidden
}
