package ui

import (
	"context"
	"image"
	"strings"
	"sync/atomic"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/theme"

	"traycam/app"
	"traycam/streaming/camera"
)

// trialView shows a camera that is being tried: its picture, what it sends, or
// why nothing comes.
type trialView struct {
	w       *window
	changed func() // called when a trial begins or ends, or the text gets longer
	end     context.CancelFunc

	box     *fyne.Container
	picture *canvas.Image
	sign    *canvas.Image
	word    *textLines
	numbers *textLines
	cause   *textLines
}

// seen is what a trial has come to, with its picture decoded.
type seen struct {
	app.Trial
	picture image.Image // nil: as before
}

func newTrialView(w *window) *trialView {
	v := &trialView{w: w}
	v.picture = &canvas.Image{FillMode: canvas.ImageFillContain, ScaleMode: canvas.ImageScaleFastest}
	v.picture.SetMinSize(fyne.NewSize(previewWidth, previewHeight))
	v.sign = &canvas.Image{FillMode: canvas.ImageFillContain}
	v.sign.SetMinSize(fyne.NewSquareSize(markSize))
	v.word = newText(1, fyne.TextStyle{Bold: true}, theme.SizeNameText, theme.ColorNameForeground)
	v.numbers = newText(1, fyne.TextStyle{}, theme.SizeNameText, muted)
	v.cause = newText(3, fyne.TextStyle{}, theme.SizeNameText, theme.ColorNameForeground)
	v.box = container.NewBorder(nil, nil, container.NewStack(ground(theme.ColorNameInputBackground), v.picture), nil,
		container.NewVBox(
			container.NewBorder(nil, nil, container.NewHBox(minimum(fyne.NewSize(4, 1)), container.NewCenter(v.sign)), nil, v.word),
			container.New(wholeTextLayout{width: 460}, v.numbers),
			container.New(wholeTextLayout{width: 460}, v.cause)))
	v.box.Hide()
	return v
}

func (v *trialView) running() bool { return v.end != nil }

// start tries a camera until stop is called.
func (v *trialView) start(c app.CameraConfig) {
	v.stop()
	ctx, cancel := context.WithCancel(v.w.ctx)
	v.end = cancel
	v.picture.Image = nil
	v.show(seen{}, c.URL)
	v.box.Show()
	v.changed()
	size := image.Pt(int(previewWidth*v.w.win.Canvas().Scale()), int(previewHeight*v.w.win.Canvas().Scale()))
	v.w.commands.Go(func() {
		var newest atomic.Pointer[seen]
		decoded := time.Time{}
		for t := range v.w.c.TryCamera(ctx, c) {
			now := seen{Trial: t}
			if t.Frame != nil && !t.Frame.At.Equal(decoded) {
				decoded = t.Frame.At
				now.picture = decodeGuarded(v.w.log, c.ID, t.Frame.JPEG, size)
			}
			if pending := newest.Load(); pending != nil && now.picture == nil {
				now.picture = pending.picture // else it would never be shown
			}
			if newest.Swap(&now) != nil {
				continue // one is on its way to the screen already
			}
			v.w.do(func() {
				if now := newest.Swap(nil); ctx.Err() == nil {
					v.show(*now, c.URL)
				}
			})
		}
	})
}

// stop ends the trial and takes it from the screen.
func (v *trialView) stop() {
	if v.end == nil {
		return
	}
	v.end()
	v.end = nil
	v.box.Hide()
	v.changed()
}

func (v *trialView) show(s seen, url string) {
	m, word := markWaiting, tr("Connecting")
	if s.State != camera.Off {
		m, word = cameraWords(s.Status, time.Now())
	}
	if v.sign.Resource != markIcons[m] {
		v.sign.Resource = markIcons[m]
		v.sign.Refresh()
	}
	v.word.set(word)
	var numbers []string
	if s.State == camera.Live {
		for _, part := range []string{formatWords(s.Format), pictureNumbers(s.Width, s.Height, s.FPS, s.BitsPerSecond)} {
			if part != "" {
				numbers = append(numbers, part)
			}
		}
	}
	if s.picture != nil {
		v.picture.Image = s.picture
		v.picture.Refresh()
	}
	longer := v.numbers.set(strings.Join(numbers, " · "))
	if v.cause.set(cameraSentence(s.Status, url)) || longer {
		v.box.Refresh()
		v.changed()
	}
}

// formatWords says in which form pictures come; empty where that is not known yet.
func formatWords(format string) string {
	if format == "" {
		return ""
	}
	return tr(format)
}
