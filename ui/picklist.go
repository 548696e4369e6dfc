package ui

import (
	"image/color"
	"slices"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/layout"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"
)

// pick is what a list offers: a name, and what it is. Comparable but for do.
type pick struct {
	name, what string
	do         func()
}

// pickList is a list that a person picks one of, with the mouse or the keyboard.
type pickList struct {
	w      *window
	scroll *container.Scroll
	box    *fyne.Container
	rows   []*pickRow
}

func (w *window) newPickList() *pickList {
	l := &pickList{w: w, box: container.NewVBox()}
	l.scroll = container.NewVScroll(l.box)
	return l
}

// set shows picks. Rows that stay keep the keyboard.
func (l *pickList) set(picks []pick) {
	old := l.rows
	l.rows = nil
	l.box.RemoveAll()
	for _, p := range picks {
		at := slices.IndexFunc(old, func(r *pickRow) bool { return r.name.text == p.name && r.what.text == p.what })
		var row *pickRow
		if at >= 0 {
			row = old[at]
			row.do = p.do
			old = slices.Delete(old, at, at+1)
		} else {
			row = newPickRow(l, p)
		}
		l.rows = append(l.rows, row)
		l.box.Add(row)
	}
	l.scroll.Refresh()
}

// pickRow is one line of the list. The whole row reacts.
type pickRow struct {
	widget.BaseWidget

	list             *pickList
	do               func()
	name, what       *textLines
	ground           *canvas.Rectangle
	hovered, focused bool
}

var (
	_ fyne.Tappable     = (*pickRow)(nil)
	_ fyne.Focusable    = (*pickRow)(nil)
	_ desktop.Hoverable = (*pickRow)(nil)
)

func newPickRow(l *pickList, p pick) *pickRow {
	r := &pickRow{list: l, do: p.do, ground: canvas.NewRectangle(color.Transparent)}
	r.ground.CornerRadius = 4
	r.name = newText(1, fyne.TextStyle{Bold: true}, theme.SizeNameText, theme.ColorNameForeground)
	r.what = newText(1, fyne.TextStyle{}, theme.SizeNameCaptionText, muted)
	r.name.text, r.what.text = p.name, p.what
	r.ExtendBaseWidget(r)
	return r
}

func (r *pickRow) CreateRenderer() fyne.WidgetRenderer {
	return widget.NewSimpleRenderer(container.NewStack(r.ground,
		container.New(layout.NewCustomPaddedLayout(4, 4, 8, 8), container.New(layout.NewCustomPaddedVBoxLayout(1), r.name, r.what))))
}

func (r *pickRow) Tapped(*fyne.PointEvent)        { r.do() }
func (r *pickRow) MouseIn(*desktop.MouseEvent)    { r.hovered = true; r.light() }
func (r *pickRow) MouseMoved(*desktop.MouseEvent) {}
func (r *pickRow) MouseOut()                      { r.hovered = false; r.light() }
func (r *pickRow) FocusGained()                   { r.focused = true; r.light(); r.reveal() }
func (r *pickRow) FocusLost()                     { r.focused = false; r.light() }
func (r *pickRow) TypedRune(rune)                 {}

func (r *pickRow) TypedKey(k *fyne.KeyEvent) {
	switch k.Name {
	case fyne.KeyReturn, fyne.KeyEnter, fyne.KeySpace:
		r.do()
	case fyne.KeyUp:
		r.focusBy(-1)
	case fyne.KeyDown:
		r.focusBy(1)
	default:
		r.list.w.takesKey(k)
	}
}

func (r *pickRow) focusBy(n int) {
	if at := slices.Index(r.list.rows, r) + n; at >= 0 && at < len(r.list.rows) {
		r.list.w.win.Canvas().Focus(r.list.rows[at])
	}
}

// reveal scrolls to where the row is seen.
func (r *pickRow) reveal() {
	s := r.list.scroll
	top, bottom := r.Position().Y, r.Position().Y+r.Size().Height
	switch {
	case top < s.Offset.Y:
		s.ScrollToOffset(fyne.NewPos(0, top))
	case bottom > s.Offset.Y+s.Size().Height:
		s.ScrollToOffset(fyne.NewPos(0, bottom-s.Size().Height))
	}
}

// light shows that the row has the mouse or the keyboard.
func (r *pickRow) light() {
	r.ground.FillColor, r.ground.StrokeWidth = color.Transparent, 0
	if r.hovered {
		r.ground.FillColor = colorOf(r.Theme(), theme.ColorNameHover)
	}
	if r.focused {
		r.ground.StrokeColor, r.ground.StrokeWidth = colorOf(r.Theme(), theme.ColorNamePrimary), 2
	}
	r.ground.Refresh()
}
