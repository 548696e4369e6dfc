package ui

import (
	"image/color"
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/widget"
)

// textLines is text without padding that fits the width that it is given: it
// breaks between words into at most lines lines and ends the last with "…" where
// that is not enough. Setting it to what it shows already costs nothing.
type textLines struct {
	widget.BaseWidget

	text  string
	lines int // at most
	style fyne.TextStyle
	size  fyne.ThemeSizeName
	color fyne.ThemeColorName
	align fyne.TextAlign

	drawn []*canvas.Text
	width float32 // that drawn was broken for
}

func newText(lines int, style fyne.TextStyle, size fyne.ThemeSizeName, color fyne.ThemeColorName) *textLines {
	t := &textLines{lines: lines, style: style, size: size, color: color}
	t.ExtendBaseWidget(t)
	return t
}

// set changes the text and reports whether that made a difference.
func (t *textLines) set(text string) bool {
	if text == t.text {
		return false
	}
	t.text = text
	t.Refresh()
	return true
}

func (t *textLines) lineHeight() float32 {
	return fyne.MeasureText("Mg", t.themed(t.size), t.style).Height
}

// heightFor is how high the text is in a width: 0 without text.
func (t *textLines) heightFor(width float32) float32 {
	return float32(len(t.breakInto(width))) * t.lineHeight()
}

func (t *textLines) natural() float32 {
	return fyne.MeasureText(t.text, t.themed(t.size), t.style).Width
}

func (t *textLines) breakInto(width float32) []string {
	if t.text == "" {
		return nil
	}
	size := t.themed(t.size)
	fits := func(s string) bool { return fyne.MeasureText(s, size, t.style).Width <= width+0.5 }
	if fits(t.text) {
		return []string{t.text}
	}
	var out []string
	words := strings.Fields(t.text)
	for len(words) > 0 {
		n := 1
		for n < len(words) && fits(strings.Join(words[:n+1], " ")) {
			n++
		}
		if len(out) == t.lines-1 && n < len(words) {
			n = len(words) // the last line takes the rest and is cut
		}
		line := strings.Join(words[:n], " ")
		out = append(out, cutToFit(line, fits))
		words = words[n:]
	}
	return out
}

// cutToFit shortens s until it fits, and shows that by "…".
func cutToFit(s string, fits func(string) bool) string {
	if fits(s) {
		return s
	}
	r := []rune(s)
	low, high := 0, len(r)
	for low < high {
		mid := (low + high + 1) / 2
		if fits(string(r[:mid]) + "…") {
			low = mid
		} else {
			high = mid - 1
		}
	}
	return strings.TrimRight(string(r[:low]), " ") + "…"
}

func (t *textLines) themed(name fyne.ThemeSizeName) float32 { return t.Theme().Size(name) }

func (t *textLines) CreateRenderer() fyne.WidgetRenderer { return &textRenderer{t} }

type textRenderer struct{ t *textLines }

func (r *textRenderer) Layout(size fyne.Size) {
	if size.Width != r.t.width {
		r.rebreak(size.Width)
	}
	height := r.t.lineHeight()
	for i, line := range r.t.drawn {
		line.Resize(fyne.NewSize(size.Width, height))
		line.Move(fyne.NewPos(0, float32(i)*height))
	}
}

func (r *textRenderer) rebreak(width float32) {
	r.t.width = width
	lines := r.t.breakInto(width)
	for len(r.t.drawn) < len(lines) {
		r.t.drawn = append(r.t.drawn, canvas.NewText("", color.Black))
	}
	r.t.drawn = r.t.drawn[:len(lines)]
	for i, line := range lines {
		c := r.t.drawn[i]
		c.Text, c.TextStyle, c.TextSize = line, r.t.style, r.t.themed(r.t.size)
		c.Color = colorOf(r.t.Theme(), r.t.color)
		c.Alignment = r.t.align
		c.Refresh()
	}
}

// MinSize is one line high and no wider than its text, so that it can be squeezed.
func (r *textRenderer) MinSize() fyne.Size {
	return fyne.NewSize(0, r.t.lineHeight())
}

func (r *textRenderer) Refresh() {
	r.rebreak(r.t.Size().Width)
	r.Layout(r.t.Size())
	canvas.Refresh(r.t)
}

func (r *textRenderer) Objects() []fyne.CanvasObject {
	out := make([]fyne.CanvasObject, len(r.t.drawn))
	for i, line := range r.t.drawn {
		out[i] = line
	}
	return out
}

func (r *textRenderer) Destroy() {}

// iconButton is a small button with a picture only.
func iconButton(icon fyne.Resource, tapped func()) *widget.Button {
	b := widget.NewButtonWithIcon("", icon, tapped)
	b.Importance = widget.LowImportance
	return b
}

// minimum is nothing to see, and a size that what is stacked with it cannot go below.
func minimum(size fyne.Size) fyne.CanvasObject {
	r := canvas.NewRectangle(color.Transparent)
	r.SetMinSize(size)
	return r
}
