package ui

import (
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/layout"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"traycam/app"
)

// crashBar offers the report of a run that ended in a mistake.
func (w *window) crashBar() *fyne.Container {
	said := newText(1, fyne.TextStyle{}, theme.SizeNameText, theme.ColorNameForeground)
	said.set(tr("Traycam ended unexpectedly last time."))
	show := widget.NewButton(tr("Show report"), w.showCrash)
	dismiss := widget.NewButton(tr("Dismiss"), w.c.DismissCrash)
	bar := container.NewStack(
		ground(theme.ColorNameInputBackground),
		container.New(layout.NewCustomPaddedLayout(4, 4, 12, 8), container.New(besideLayout{}, said, container.NewHBox(show, dismiss))),
	)
	bar.Hide()
	return bar
}

// renderCrash reports whether it made a difference.
func (w *window) renderCrash(s app.Snapshot) bool { return setVisible(w.crash, s.Crash != "") }

func (w *window) showCrash() {
	file := w.snapshot.Crash
	var report string
	w.command(func() (err error) {
		report, err = w.c.CrashReport()
		return err
	}, func(err error) {
		if err != nil {
			w.complain(tr("The report cannot be read"))(err)
			return
		}
		w.openReport(file, report)
	})
}

// openReport shows a report in a window of its own, to look through and to copy.
func (w *window) openReport(file, report string) {
	win := w.app.NewWindow(tr("How Traycam ended"))
	lines := strings.Split(strings.ReplaceAll(report, "\t", "    "), "\n")
	list := widget.NewList(
		func() int { return len(lines) },
		func() fyne.CanvasObject {
			line := widget.NewLabel("")
			line.Truncation = fyne.TextTruncateEllipsis
			line.TextStyle.Monospace = true
			line.SizeName = theme.SizeNameCaptionText
			return line
		},
		func(id widget.ListItemID, o fyne.CanvasObject) { o.(*widget.Label).SetText(lines[id]) })
	list.HideSeparators = true
	place := widget.NewLabel(file)
	place.Selectable = true
	place.Truncation = fyne.TextTruncateEllipsis
	copyAll := widget.NewButtonWithIcon(tr("Copy"), theme.ContentCopyIcon(), func() { w.copyText(report) })
	top := container.New(layout.NewCustomPaddedLayout(8, 4, 8, 8), container.NewBorder(nil, nil, nil, copyAll, place))
	win.SetContent(container.NewBorder(top, nil, nil, nil, list))
	win.Resize(fyne.NewSize(windowWidth, windowHeight))
	win.Canvas().SetOnTypedKey(func(e *fyne.KeyEvent) {
		if e.Name == fyne.KeyEscape {
			win.Close()
		}
	})
	win.Show()
}
