package ui

import (
	"path/filepath"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/dialog"
	"fyne.io/fyne/v2/layout"
	"fyne.io/fyne/v2/storage"
	"fyne.io/fyne/v2/theme"

	"traycam/app"
)

// ffmpegRow says in the settings where the program ffmpeg is, and lets a person
// say where.
type ffmpegRow struct {
	p     *settingsPage
	place *textLines
	found *button // back to the one that is found
	shown string  // the setting that place is about
	asked bool
}

func newFFmpegRow(p *settingsPage) *ffmpegRow {
	r := &ffmpegRow{p: p, place: newText(1, fyne.TextStyle{}, theme.SizeNameText, theme.ColorNameForeground)}
	r.found = p.w.newButton("", theme.ContentUndoIcon(), func() { r.choose("") })
	return r
}

func (r *ffmpegRow) row() fyne.CanvasObject {
	return container.NewBorder(nil, nil, nil, container.NewHBox(r.p.w.newButton(tr("Change…"), nil, r.pick), r.found),
		container.New(layout.NewCustomPaddedLayout(6, 4, 8, 8), r.place))
}

// show looks where the program is, if the setting is another than before.
func (r *ffmpegRow) show(setting string) {
	setVisible(r.found, setting != "")
	if r.asked && setting == r.shown {
		return
	}
	r.asked, r.shown = true, setting
	var place string
	r.p.w.command(func() (err error) {
		place, err = r.p.w.c.FFmpeg()
		return err
	}, func(err error) {
		switch {
		case err == nil:
			r.place.set(place)
		case setting == "":
			r.place.set(tr("Not found. H.264, H.265 and webcams need it."))
		default:
			r.place.set(tr("%s cannot be started", setting))
		}
	})
}

func (r *ffmpegRow) choose(path string) {
	r.p.change(func(s *app.Settings) { s.FFmpeg = path })
}

func (r *ffmpegRow) pick() {
	open := dialog.NewFileOpen(func(file fyne.URIReadCloser, err error) {
		if err != nil {
			r.p.problem.set(inWords(err))
			return
		}
		if file != nil {
			file.Close()
			r.choose(filepath.FromSlash(file.URI().Path()))
		}
	}, r.p.w.win)
	if at, err := storage.ListerForURI(storage.NewFileURI(filepath.Dir(r.place.text))); err == nil {
		open.SetLocation(at)
	}
	r.p.w.showFiles(open)
}
