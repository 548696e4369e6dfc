package ui

import (
	"fyne.io/fyne/v2"
	fyneapp "fyne.io/fyne/v2/app"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/layout"
	"fyne.io/fyne/v2/widget"

	"traycam/app"
	"traycam/assets"
)

// Tell shows a sentence in a window of its own and returns when it is closed,
// for a start that cannot go on. Where there is no display it returns at once.
// Call it on the goroutine that main started with, and never beside [Run].
func Tell(sentence string) {
	if !haveDisplay() {
		return
	}
	speak()
	a := fyneapp.NewWithID(app.ID)
	w := a.NewWindow("Traycam")
	w.SetIcon(fyne.NewStaticResource("app.png", assets.AppIcon))
	text := widget.NewLabel(sentence)
	text.Wrapping = fyne.TextWrapWord
	ok := widget.NewButton(tr("OK"), a.Quit)
	ok.Importance = widget.HighImportance
	w.SetContent(container.NewPadded(container.NewBorder(
		nil, container.NewHBox(layout.NewSpacer(), ok), nil, nil, container.NewVScroll(text))))
	w.Resize(fyne.NewSize(480, 200))
	w.CenterOnScreen()
	w.Canvas().SetOnTypedKey(func(e *fyne.KeyEvent) {
		if e.Name == fyne.KeyReturn || e.Name == fyne.KeyEnter || e.Name == fyne.KeyEscape {
			a.Quit()
		}
	})
	w.Show()
	runFyne(a)
}
