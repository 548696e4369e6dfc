package ui

import (
	"context"
	"log/slog"
	"slices"
	"strings"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/layout"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"traycam/app"
	"traycam/logbook"
)

// logLevels are what the log can be narrowed to.
var logLevels = []slog.Level{slog.LevelDebug, slog.LevelWarn, slog.LevelError}

// logWindow shows the last lines of the log, in a window of its own.
type logWindow struct {
	w      *window
	win    fyne.Window
	end    context.CancelFunc
	lines  []logbook.Line // those that pass the filter, the oldest first
	follow bool

	list    *widget.List
	level   *widget.Select
	cameras []string // ids in the order of camera's options, from the second on
	camera  *widget.Select
	whole   *widget.Label // the picked line
	empty   *textLines
}

// openLog shows the log, in the window that it has already where there is one.
func (w *window) openLog() {
	if w.logs != nil {
		w.logs.win.Show()
		w.logs.win.RequestFocus()
		return
	}
	l := &logWindow{w: w, win: w.app.NewWindow(tr("Traycam log")), follow: true}
	w.logs = l
	l.build()
	ctx, cancel := context.WithCancel(w.ctx)
	l.end = cancel
	l.win.SetOnClosed(func() {
		cancel()
		w.logs = nil
	})
	w.commands.Go(func() {
		for range w.c.Log().Watch(ctx) {
			w.do(func() {
				if ctx.Err() == nil && l.follow {
					l.fill()
				}
			})
		}
	})
	l.win.Show()
}

func (l *logWindow) build() {
	l.level = widget.NewSelect([]string{tr("Everything"), tr("Warnings and errors"), tr("Errors only")}, func(string) { l.fill() })
	l.camera = widget.NewSelect(nil, func(string) { l.fill() })
	l.nameCameras(l.w.snapshot)
	follow := widget.NewCheck(tr("Show what is new"), func(on bool) {
		l.follow = on
		l.fill()
	})
	l.whole = widget.NewLabel("")
	l.whole.Wrapping = fyne.TextWrapBreak
	l.whole.Selectable = true
	l.whole.TextStyle.Monospace = true
	l.whole.SizeName = theme.SizeNameCaptionText
	l.empty = newText(1, fyne.TextStyle{}, theme.SizeNameText, muted)
	l.list = widget.NewList(
		func() int { return len(l.lines) },
		func() fyne.CanvasObject {
			line := widget.NewLabel("")
			line.Truncation = fyne.TextTruncateEllipsis
			line.TextStyle.Monospace = true
			line.SizeName = theme.SizeNameCaptionText
			return line
		},
		func(id widget.ListItemID, o fyne.CanvasObject) {
			if id < len(l.lines) {
				o.(*widget.Label).SetText(l.lines[id].String())
			}
		})
	l.list.HideSeparators = true
	l.list.OnSelected = func(id widget.ListItemID) {
		if id < len(l.lines) {
			l.whole.SetText(l.lines[id].String())
		}
	}
	copyAll := widget.NewButtonWithIcon(tr("Copy"), theme.ContentCopyIcon(), l.copyAll)
	top := container.New(layout.NewCustomPaddedLayout(8, 4, 8, 8), container.NewBorder(nil, nil,
		container.NewHBox(l.level, l.camera, follow), copyAll))
	foot := container.NewVScroll(l.whole)
	foot.SetMinSize(fyne.NewSize(1, 72))
	l.win.SetContent(container.NewStack(minimum(fyne.NewSize(560, 360)),
		container.NewBorder(top, container.NewVBox(widget.NewSeparator(), foot), nil, nil,
			container.NewStack(container.NewCenter(l.empty), l.list))))
	l.win.Resize(fyne.NewSize(windowWidth, windowHeight))
	l.win.Canvas().AddShortcut(&fyne.ShortcutCopy{}, func(fyne.Shortcut) { l.copyAll() })
	l.win.Canvas().AddShortcut(withControl(keyQuit), func(fyne.Shortcut) { l.w.quit() })
	l.win.Canvas().SetOnTypedKey(func(e *fyne.KeyEvent) {
		if e.Name == fyne.KeyEscape {
			l.win.Close()
		}
	})
	l.level.SetSelectedIndex(0)
	l.camera.SetSelectedIndex(0)
	follow.SetChecked(true)
}

// nameCameras offers the cameras that there are now.
func (l *logWindow) nameCameras(s app.Snapshot) {
	cameras, names := []string{}, []string{tr("All cameras")}
	for _, c := range s.Cameras {
		cameras = append(cameras, c.ID)
		names = append(names, shorten(c.Name, 40))
	}
	if slices.Equal(names, l.camera.Options) {
		return
	}
	picked := l.picked()
	l.cameras = cameras
	l.camera.Options = names
	l.camera.SetSelectedIndex(1 + slices.Index(cameras, picked))
}

// picked is the camera whose lines are shown; empty: all.
func (l *logWindow) picked() string {
	if i := l.camera.SelectedIndex(); i > 0 && i <= len(l.cameras) {
		return l.cameras[i-1]
	}
	return ""
}

// fill shows the lines that pass the filter.
func (l *logWindow) fill() {
	if l.list == nil {
		return
	}
	level := logLevels[max(0, l.level.SelectedIndex())]
	camera := l.picked()
	l.lines = l.lines[:0:0]
	for _, line := range l.w.c.Log().Lines() {
		if line.Level >= level && (camera == "" || line.Camera == camera) {
			l.lines = append(l.lines, line)
		}
	}
	none := ""
	if len(l.lines) == 0 {
		none = tr("There is nothing to show.")
	}
	l.empty.set(none)
	l.list.Refresh()
	if l.follow && len(l.lines) > 0 {
		l.list.ScrollToBottom()
	}
}

// copyAll puts what is shown onto the clipboard.
func (l *logWindow) copyAll() {
	var b strings.Builder
	for _, line := range l.lines {
		b.WriteString(line.At.Format(time.DateOnly) + " " + line.String() + "\n")
	}
	l.w.copyText(b.String())
}
