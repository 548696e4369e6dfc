// Package ui is the window and the tray: a view that renders [app.Snapshot] and
// turns what a person does into commands of a [Controller], and nothing else.
//
// Everything of Fyne's is touched on the UI thread only, which is the one that
// calls [Run]. Snapshots come over one bridge that keeps the newest and has at
// most one redraw pending. Pictures are decoded off the UI thread.
package ui

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"iter"
	"log/slog"
	"runtime"
	"sync"
	"sync/atomic"
	"time"

	"fyne.io/fyne/v2"
	fyneapp "fyne.io/fyne/v2/app"

	"traycam/app"
	"traycam/logbook"
	"traycam/streaming/frame"
	"traycam/ui/fynelog"
)

// ErrNoDisplay is returned by [Run] where no window can be opened.
var ErrNoDisplay = errors.New("there is no display to open a window on")

// trayPatience is how long a hidden start waits for a tray that is still being
// started, as at login, before it shows the window.
const trayPatience = 4 * time.Second

// Controller is what the views need of the program. *app.App is one. Its methods
// may be called at once from several goroutines.
type Controller interface {
	// Watch gives the current snapshot first and then newer ones, until ctx is done.
	Watch(ctx context.Context) iter.Seq[app.Snapshot]
	streamer
	cameraEditor
	cameraFinder
	settler
	sharer
	// Newest is a camera's newest picture, nil if there is none.
	Newest(id string) *frame.Frame
	// Log is what people can read of the program's log.
	Log() *logbook.Book
	// Report writes what a person sends along with a question.
	Report(w io.Writer) error
	// CrashReport is how Traycam ended last time, where that was a mistake; DismissCrash has it shown no longer.
	CrashReport() (string, error)
	DismissCrash()
}

// streamer starts and stops the program as a whole. Both return at once; what
// comes of it is in the next snapshots.
type streamer interface {
	Start()
	Stop()
}

// cameraEditor changes the list of cameras. Errors are sentences for people.
type cameraEditor interface {
	AddCamera(c app.CameraConfig) (id string, err error)
	UpdateCamera(c app.CameraConfig) error
	SwitchCamera(id string, on bool) error
	// RemoveCamera gives a function that brings the camera back.
	RemoveCamera(id string) (undo func() error, err error)
	// MoveCamera puts a camera at a place in the list, from 0.
	MoveCamera(id string, to int) error
	// AddDemo adds cameras for this run.
	AddDemo() error
	// TryCamera takes a camera in while the loop over it runs, and gives how it goes.
	TryCamera(ctx context.Context, c app.CameraConfig) iter.Seq[app.Trial]
	// Webcams are the cameras of this computer, the first one first. It may take seconds.
	Webcams(ctx context.Context) []app.Webcam
	// CheckURL returns a sentence that says what to type where a camera URL is not well-formed.
	CheckURL(url string) error
}

// cameraFinder looks for cameras in the network. Errors are sentences for people.
type cameraFinder interface {
	// FindCameras yields all that has answered so far whenever there is more, and ends by itself.
	FindCameras(ctx context.Context) iter.Seq[[]app.Found]
	// CameraStreams asks an ONVIF camera that was found for its streams.
	CameraStreams(ctx context.Context, f app.Found, user, password string) ([]app.Stream, error)
}

// settler changes the settings. Errors are sentences for people.
type settler interface {
	Configure(s app.Settings) error
	CheckPort(port int) error
	StartsAtLogin() bool
	StartAtLogin(on bool) error
	// FFmpeg is where the program ffmpeg is, and an error where there is none.
	FFmpeg() (string, error)
}

// sharer says who may watch from the network. Errors are sentences for people.
type sharer interface {
	Share(mode string) error // "off", "link" or "open"
	NewLink() error
	AddLink(l app.Link) (app.Link, error)
	RemoveLink(token string) error
	ShareByName(on bool) error
}

// Options change how [Run] starts. The zero value is ready.
type Options struct {
	// Hidden starts with the tray icon only. The window is shown where no tray
	// takes the icon within 4 s.
	Hidden bool
	// Raise shows the window whenever something is received from it. May be nil.
	Raise <-chan struct{}
	// Log gets what only a programmer wants to read. Default: slog.Default().
	Log *slog.Logger
}

// Run shows the window and the tray until the person quits or ctx is done, and
// returns when both have ended. Call it once, on the goroutine that main started
// with. The engine goes on: ending it is the caller's business.
func Run(ctx context.Context, c Controller, opt Options) error {
	if opt.Log == nil {
		opt.Log = slog.Default()
	}
	if !haveDisplay() {
		return ErrNoDisplay
	}
	var said sync.WaitGroup
	defer said.Wait()
	defer fynelog.SendTo(func(line string) {
		// Not at once: slog's default handler would wait for the logger that waits for us.
		said.Go(func() { opt.Log.Debug("fyne", "line", line) })
	})()

	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	var work sync.WaitGroup
	do := onThisGoroutine()

	a := fyneapp.NewWithID(app.ID)
	w := newWindow(a, c, windowOptions{ctx: ctx, log: opt.Log, do: do, openURL: openInBrowser})
	t := startTray(opt.Log, trayCommands{
		openViewer: func() { do(w.openViewer) },
		copyLink:   func() { do(w.copyLink) },
		share:      func() { do(w.toggleSharing) },
		startStop:  func() { do(w.toggleStreaming) },
		showWindow: func() { do(w.show) },
		quit:       func() { do(w.quit) },
		openCamera: func(id string) { do(func() { w.openCameraByID(id) }) },
	})
	w.trayShown = t.shown

	a.Lifecycle().SetOnStarted(func() {
		work.Go(func() { bridge(ctx, c, t, do, w) })
		work.Go(func() { w.pictures.run(ctx) })
		work.Go(func() { notifications(ctx, c, a) })
		work.Go(func() { everySecond(ctx, do, w) })
		work.Go(func() {
			for {
				select {
				case <-opt.Raise:
					do(w.show)
				case <-ctx.Done():
					do(w.quit)
					return
				}
			}
		})
		if opt.Hidden {
			work.Go(func() {
				if !waitForTray(ctx, t) && ctx.Err() == nil {
					do(w.show)
				}
			})
		}
	})
	if !opt.Hidden {
		w.show()
	}
	runFyne(a)

	cancel()
	work.Wait()
	t.quit()
	w.commands.Wait()
	return nil
}

// runFyne is a.Run without a panic at its end: Fyne 2.7 queues what it does when
// it has stopped, saving the preferences, while it closes that very queue.
func runFyne(a fyne.App) {
	if l, ok := a.Lifecycle().(interface {
		OnStopped() func()
		SetOnStoppedHookExecuted(hook func())
	}); ok {
		if save := l.OnStopped(); save != nil {
			defer save()
		}
		l.SetOnStoppedHookExecuted(nil)
	}
	a.Run()
}

// onThisGoroutine makes a function that runs others on the goroutine which calls
// onThisGoroutine, by way of Fyne's loop, without waiting for them. Once the
// loop has ended they are dropped: Fyne 2.7 would run them on whatever goroutine
// asks, and for a moment panic, and it ends the loop by itself on SIGTERM.
func onThisGoroutine() (do func(func())) {
	loop := goroutineID()
	return func(f func()) {
		defer func() {
			if r := recover(); r != nil && fmt.Sprint(r) != "send on closed channel" {
				panic(r)
			}
		}()
		fyne.Do(func() {
			if goroutineID() == loop {
				f()
			}
		})
	}
}

// goroutineID is the number of the calling goroutine, as in the first line of its stack.
func goroutineID() string {
	var line [40]byte
	fields := bytes.Fields(line[:runtime.Stack(line[:], false)])
	return string(fields[1])
}

// bridge carries snapshots to the tray and to the window. While a redraw of the
// window is pending, newer snapshots replace the one that it will draw.
func bridge(ctx context.Context, c Controller, t tray, do func(func()), w *window) {
	var newest atomic.Pointer[app.Snapshot]
	for s := range c.Watch(ctx) {
		t.set(trayFor(s))
		if newest.Swap(&s) == nil {
			do(func() { w.render(*newest.Swap(nil), time.Now()) })
		}
	}
}

// everySecond brings what counts down up to date, at most one redraw pending.
func everySecond(ctx context.Context, do func(func()), w *window) {
	tick := time.NewTicker(time.Second)
	defer tick.Stop()
	var pending atomic.Bool
	for {
		select {
		case <-tick.C:
			if pending.CompareAndSwap(false, true) {
				do(func() {
					pending.Store(false)
					w.tick(time.Now())
				})
			}
		case <-ctx.Done():
			return
		}
	}
}

// waitForTray tells whether a tray takes the icon within trayPatience.
func waitForTray(ctx context.Context, t tray) bool {
	for limit := time.Now().Add(trayPatience); time.Now().Before(limit); {
		if t.shown() {
			return true
		}
		select {
		case <-time.After(200 * time.Millisecond):
		case <-ctx.Done():
			return false
		}
	}
	return false
}

// notifications tells the person what happened while the window was not looked at.
func notifications(ctx context.Context, c Controller, a fyne.App) {
	n := newNotifier(func(title, text string) {
		// Not waited for: on Linux it waits for whoever shows notifications.
		go a.SendNotification(fyne.NewNotification(title, text))
	})
	for s := range c.Watch(ctx) {
		n.see(s, time.Now())
	}
}
