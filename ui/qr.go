package ui

import (
	"image"
	"image/color"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"
	"rsc.io/qr"

	"traycam/app"
)

// quietZone is the white border that a QR code needs, in modules (ISO/IEC 18004, 9.1).
const quietZone = 4

// codeImage draws text as a QR code, black on white in every theme: many phones
// do not read inverted ones. One pixel a module. Nil where the text is too long.
func codeImage(text string) image.Image {
	code, err := qr.Encode(text, qr.M)
	if err != nil {
		return nil
	}
	side := code.Size + 2*quietZone
	m := image.NewGray(image.Rect(0, 0, side, side))
	for y := range side {
		for x := range side {
			m.SetGray(x, y, color.Gray{0xff})
			if code.Black(x-quietZone, y-quietZone) {
				m.SetGray(x, y, color.Gray{0})
			}
		}
	}
	return m
}

// codeView shows a QR code that is at least side units wide.
func codeView(text string, side float32) *canvas.Image {
	view := canvas.NewImageFromImage(codeImage(text))
	view.FillMode = canvas.ImageFillContain
	view.ScaleMode = canvas.ImageScalePixels
	view.SetMinSize(fyne.NewSquareSize(side))
	return view
}

// showCode shows a camera's page as a QR code for a phone. A phone cannot reach
// what is for this computer only, so that is said instead.
func (w *window) showCode(c app.Camera) {
	if w.snapshot.Share.Mode == "off" || len(w.snapshot.Share.Addresses) == 0 {
		w.ask(tr("Share it first"),
			tr("Only this computer can watch now. Share your cameras with your network, and a phone can open this camera with a QR code."),
			choice{tr("Cancel"), widget.MediumImportance, nil},
			choice{tr("Share…"), widget.HighImportance, w.openShare})
		return
	}
	w.showCodeOf(c.Name, linkUnder(w.shareURL(), "cameras", c.ID))
}

// showCodeOf shows a link as a QR code.
func (w *window) showCodeOf(name, link string) {
	hint := widget.NewLabelWithStyle(tr("Point a phone's camera at it. The phone has to be in the same network."), fyne.TextAlignCenter, fyne.TextStyle{})
	hint.Wrapping = fyne.TextWrapWord
	hint.SizeName = theme.SizeNameCaptionText
	text := widget.NewLabel(link)
	text.Wrapping, text.Selectable, text.SizeName = fyne.TextWrapBreak, true, theme.SizeNameCaptionText
	w.askAbout(shorten(name, 40), container.NewVBox(codeView(link, 200), hint, text),
		choice{tr("Close"), widget.MediumImportance, nil},
		choice{tr("Copy"), widget.HighImportance, func() { w.copyText(link) }})
}
