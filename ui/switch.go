package ui

import (
	"image/color"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"
)

// onOff is a switch: a knob at the right on blue is on, at the left on grey is
// off. Tap or the space bar move it; changed is told, and the owner sets what is true.
type onOff struct {
	widget.BaseWidget
	on, focused, hovered bool
	changed              func(on bool)
}

var (
	_ fyne.Tappable      = (*onOff)(nil)
	_ fyne.Focusable     = (*onOff)(nil)
	_ desktop.Hoverable  = (*onOff)(nil)
	_ desktop.Cursorable = (*onOff)(nil)
)

func newOnOff(changed func(bool)) *onOff {
	s := &onOff{changed: changed}
	s.ExtendBaseWidget(s)
	return s
}

func (s *onOff) set(on bool) {
	if s.on != on {
		s.on = on
		s.Refresh()
	}
}

func (s *onOff) Tapped(*fyne.PointEvent) {
	s.set(!s.on)
	s.changed(s.on)
}

func (s *onOff) TypedRune(r rune) {
	if r == ' ' {
		s.Tapped(nil)
	}
}

func (s *onOff) TypedKey(e *fyne.KeyEvent) {
	if e.Name == fyne.KeyReturn || e.Name == fyne.KeyEnter {
		s.Tapped(nil)
	}
}

func (s *onOff) FocusGained()                   { s.focused = true; s.Refresh() }
func (s *onOff) FocusLost()                     { s.focused = false; s.Refresh() }
func (s *onOff) MouseIn(*desktop.MouseEvent)    { s.hovered = true; s.Refresh() }
func (s *onOff) MouseOut()                      { s.hovered = false; s.Refresh() }
func (s *onOff) MouseMoved(*desktop.MouseEvent) {}
func (s *onOff) Cursor() desktop.Cursor         { return desktop.PointerCursor }

const (
	switchWidth, switchHeight, switchPad = 34, 18, 4
)

func (s *onOff) CreateRenderer() fyne.WidgetRenderer {
	r := &onOffRenderer{s: s, halo: canvas.NewRectangle(color.Transparent), track: canvas.NewRectangle(color.Black), knob: canvas.NewCircle(color.White)}
	r.Refresh()
	return r
}

type onOffRenderer struct {
	s           *onOff
	halo, track *canvas.Rectangle
	knob        *canvas.Circle
}

func (r *onOffRenderer) MinSize() fyne.Size {
	return fyne.NewSize(switchWidth+2*switchPad, switchHeight+2*switchPad)
}

func (r *onOffRenderer) Layout(size fyne.Size) {
	x, y := (size.Width-switchWidth)/2, (size.Height-switchHeight)/2
	r.halo.Move(fyne.NewPos(x-switchPad, y-switchPad))
	r.halo.Resize(r.MinSize())
	r.halo.CornerRadius = switchHeight/2 + switchPad
	r.track.Move(fyne.NewPos(x, y))
	r.track.Resize(fyne.NewSize(switchWidth, switchHeight))
	r.track.CornerRadius = switchHeight / 2
	knob := float32(switchHeight - 6)
	at := x + 3
	if r.s.on {
		at = x + switchWidth - 3 - knob
	}
	r.knob.Resize(fyne.NewSquareSize(knob))
	r.knob.Move(fyne.NewPos(at, y+3))
}

func (r *onOffRenderer) Refresh() {
	th, variant := r.s.Theme(), fyne.CurrentApp().Settings().ThemeVariant()
	r.track.FillColor = color.NRGBA{0x82, 0x88, 0x90, 0xff}
	if r.s.on {
		r.track.FillColor = th.Color(theme.ColorNamePrimary, variant)
	}
	r.halo.FillColor = color.Transparent
	switch {
	case r.s.focused:
		r.halo.FillColor = th.Color(theme.ColorNameFocus, variant)
	case r.s.hovered:
		r.halo.FillColor = th.Color(theme.ColorNameHover, variant)
	}
	r.Layout(r.s.Size())
	r.halo.Refresh()
	r.track.Refresh()
	r.knob.Refresh()
}

func (r *onOffRenderer) Objects() []fyne.CanvasObject {
	return []fyne.CanvasObject{r.halo, r.track, r.knob}
}

func (r *onOffRenderer) Destroy() {}
