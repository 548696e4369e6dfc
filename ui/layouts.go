package ui

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/layout"
	"fyne.io/fyne/v2/widget"
)

// Helpers that touch an object only where that makes a difference.

func setVisible(o fyne.CanvasObject, visible bool) (changed bool) {
	if o.Visible() == visible {
		return false
	}
	if visible {
		o.Show()
	} else {
		o.Hide()
	}
	return true
}

func setEnabled(b *widget.Button, on bool) {
	if b.Disabled() == !on {
		return
	}
	if on {
		b.Enable()
	} else {
		b.Disable()
	}
}

// setImportance makes a button the primary one of its screen, or an ordinary one.
func setImportance(b *widget.Button, primary bool) {
	importance := widget.MediumImportance
	if primary {
		importance = widget.HighImportance
	}
	if b.Importance != importance {
		b.Importance = importance
		b.Refresh()
	}
}

// ground is a rectangle in a colour of the theme that follows the theme.
func ground(name fyne.ThemeColorName) fyne.CanvasObject {
	g := &themedGround{name: name}
	g.ExtendBaseWidget(g)
	return g
}

type themedGround struct {
	widget.BaseWidget
	name fyne.ThemeColorName
	rect *canvas.Rectangle
}

func (g *themedGround) CreateRenderer() fyne.WidgetRenderer {
	g.rect = canvas.NewRectangle(colorOf(g.Theme(), g.name))
	return widget.NewSimpleRenderer(g.rect)
}

func (g *themedGround) Refresh() {
	if g.rect != nil {
		g.rect.FillColor = colorOf(g.Theme(), g.name)
	}
	g.BaseWidget.Refresh()
}

// besideLayout puts a second object right behind a text, which is cut where
// both do not fit.
type besideLayout struct{}

func (besideLayout) Layout(o []fyne.CanvasObject, size fyne.Size) {
	text, beside := o[0].(*textLines), o[1]
	min := beside.MinSize()
	width := text.natural() + 1
	if width > size.Width-min.Width-4 {
		width = size.Width - min.Width - 4
	}
	text.Move(fyne.NewPos(0, (size.Height-text.lineHeight())/2))
	text.Resize(fyne.NewSize(width, text.lineHeight()))
	beside.Move(fyne.NewPos(width+6, (size.Height-min.Height)/2))
	beside.Resize(min)
}

func (besideLayout) MinSize(o []fyne.CanvasObject) fyne.Size {
	min := o[1].MinSize()
	return fyne.NewSize(min.Width+40, max(min.Height, o[0].MinSize().Height))
}

// wholeTextLayout gives a text the height that all its lines need in at least a width.
type wholeTextLayout struct{ width float32 }

func (l wholeTextLayout) Layout(o []fyne.CanvasObject, size fyne.Size) {
	height := o[0].(*textLines).heightFor(size.Width)
	o[0].Move(fyne.NewPos(6, (size.Height-height)/2))
	o[0].Resize(fyne.NewSize(size.Width-6, height))
}

func (l wholeTextLayout) MinSize(o []fyne.CanvasObject) fyne.Size {
	return fyne.NewSize(0, o[0].(*textLines).heightFor(l.width))
}

// pagesLayout stacks the pages and tells when their size has changed.
type pagesLayout struct{ after func() }

func (l *pagesLayout) Layout(o []fyne.CanvasObject, size fyne.Size) {
	for _, page := range o {
		page.Move(fyne.Position{})
		page.Resize(size)
	}
	l.after()
}

func (l *pagesLayout) MinSize(o []fyne.CanvasObject) fyne.Size {
	var size fyne.Size
	for _, page := range o {
		size = size.Max(page.MinSize())
	}
	return size
}

// columnWidth is how wide a page's text and fields are at most.
const columnWidth = 660

// columnLayout keeps its object in the middle and no wider than reads well.
type columnLayout float32

func (l columnLayout) Layout(o []fyne.CanvasObject, size fyne.Size) {
	width := min(size.Width, float32(l))
	o[0].Move(fyne.NewPos((size.Width-width)/2, 0))
	o[0].Resize(fyne.NewSize(width, size.Height))
}

func (l columnLayout) MinSize(o []fyne.CanvasObject) fyne.Size { return o[0].MinSize() }

// widthLayout gives its object a width of its own.
type widthLayout float32

func (l widthLayout) Layout(o []fyne.CanvasObject, size fyne.Size) { o[0].Resize(size) }

func (l widthLayout) MinSize(o []fyne.CanvasObject) fyne.Size {
	return fyne.NewSize(float32(l), o[0].MinSize().Height)
}

// narrow is a field for a number, with what stands behind it.
func narrow(field fyne.CanvasObject, behind ...fyne.CanvasObject) fyne.CanvasObject {
	return container.NewHBox(append([]fyne.CanvasObject{container.New(widthLayout(110), field)}, behind...)...)
}

// fieldLabel stands before a field.
func fieldLabel(text string) *widget.Label {
	return widget.NewLabelWithStyle(text, fyne.TextAlignTrailing, fyne.TextStyle{})
}

// fieldNote is the place of a text below a field.
func fieldNote(t *textLines) fyne.CanvasObject {
	return container.New(layout.NewCustomPaddedLayout(0, 4, 8, 0), container.New(wholeTextLayout{width: 480}, t))
}

// edgesLayout puts two texts at the two ends of a line, the second no wider than it needs.
type edgesLayout struct{}

func (edgesLayout) Layout(o []fyne.CanvasObject, size fyne.Size) {
	left, right := o[0].(*textLines), o[1].(*textLines)
	line := left.lineHeight()
	width := float32(0)
	if right.text != "" {
		width = min(right.natural()+1, size.Width)
	}
	y := (size.Height - line) / 2
	right.Move(fyne.NewPos(size.Width-width-8, y))
	right.Resize(fyne.NewSize(width, line))
	left.Move(fyne.NewPos(0, y))
	left.Resize(fyne.NewSize(max(0, size.Width-width-20), line))
}

func (edgesLayout) MinSize(o []fyne.CanvasObject) fyne.Size { return o[0].MinSize() }
