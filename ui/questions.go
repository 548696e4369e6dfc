package ui

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/dialog"
	"fyne.io/fyne/v2/widget"
)

// choice is a button of a question.
type choice struct {
	text       string
	importance widget.Importance
	do         func() // nil: nothing
}

// ask puts a question over the window, with its most likely answer last: that
// is what Return gives, and Escape the first. It takes the place of one before.
func (w *window) ask(title, text string, choices ...choice) {
	label := widget.NewLabel(text)
	label.Wrapping = fyne.TextWrapWord
	w.askAbout(title, label, choices...)
}

func (w *window) askAbout(title string, content fyne.CanvasObject, choices ...choice) {
	if w.question != nil {
		w.question.Hide()
	}
	d := dialog.NewCustomWithoutButtons(title, container.NewStack(minimum(fyne.NewSize(420, 1)), content), w.win)
	w.question, w.answers = d, nil
	d.SetOnClosed(func() {
		if w.question == d {
			w.question, w.answers = nil, nil
		}
	})
	buttons := make([]fyne.CanvasObject, len(choices))
	for i, c := range choices {
		answer := func() {
			d.Hide()
			if c.do != nil {
				c.do()
			}
		}
		b := w.newButton(c.text, nil, answer)
		b.Importance = c.importance
		buttons[i] = b
		w.answers = append(w.answers, answer)
	}
	d.SetButtons(buttons)
	w.win.Canvas().Unfocus()
	d.Show()
}

// say tells something that needs no answer.
func (w *window) say(title, text string) {
	w.ask(title, text, choice{tr("OK"), widget.HighImportance, nil})
}

// close is what closing the window means: it goes on in the tray, if there is one.
func (w *window) close() {
	if w.closing {
		return
	}
	w.closing = true
	w.commands.Go(func() {
		inTray := w.trayShown()
		w.do(func() {
			w.closing = false
			switch {
			case !inTray:
				w.askToClose()
			case w.app.Preferences().Bool(prefToldAbout):
				w.hide()
			default:
				w.tellAboutTray()
			}
		})
	})
}

// tellAboutTray says once where the window went.
func (w *window) tellAboutTray() {
	w.ask(tr("Traycam stays in the tray"),
		tr("Your cameras go on streaming without this window. The Traycam icon in the tray brings it back, and quits Traycam."),
		choice{tr("OK"), widget.HighImportance, func() {
			w.app.Preferences().SetBool(prefToldAbout, true)
			w.hide()
		}})
}

// askToClose is for desktops without a tray, where a hidden window is not easily found again.
func (w *window) askToClose() {
	w.ask(tr("Close the window?"),
		tr("This desktop has no tray for Traycam's icon. Traycam can go on without a window: start Traycam again to see it."),
		choice{tr("Cancel"), widget.MediumImportance, nil},
		choice{tr("Quit Traycam"), widget.MediumImportance, w.quit},
		choice{tr("Keep streaming"), widget.HighImportance, w.hide})
}
