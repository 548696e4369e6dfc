package ui

import (
	"image"
	"image/color"
	"slices"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"traycam/app"
	"traycam/assets"
	"traycam/streaming/camera"
)

// Measures of a row.
const (
	rowMinWidth   = 600
	rowPad        = 8
	previewWidth  = 128
	previewHeight = 72
	stateWidth    = 152 // the column of the state's mark and word
	viewersWidth  = 112 // "12 espectadores"
	markSize      = 14
)

// cameraRow is one camera. The whole row reacts: a tap opens the camera in the
// browser, the other mouse button its menu, and dragging moves it in the list.
type cameraRow struct {
	widget.BaseWidget

	list    *cameraList
	do      cameraCommands
	camera  app.Camera
	canOpen bool
	known   bool // update has been called
	marked  mark
	hovered bool
	focused bool

	ground, frame, rule                       *canvas.Rectangle
	picture, nothing, sign                    *canvas.Image
	name, what, word, viewers, numbers, cause *textLines
	onOff                                     *onOff
	more                                      *widget.Button
}

var (
	_ fyne.Tappable          = (*cameraRow)(nil)
	_ fyne.SecondaryTappable = (*cameraRow)(nil)
	_ desktop.Hoverable      = (*cameraRow)(nil)
	_ fyne.Focusable         = (*cameraRow)(nil)
	_ fyne.Shortcutable      = (*cameraRow)(nil)
	_ fyne.Draggable         = (*cameraRow)(nil)
)

var noPicture = fyne.NewStaticResource("no-picture.svg", assets.NoPicture)

func newCameraRow(list *cameraList) *cameraRow {
	r := &cameraRow{list: list, do: list.do, marked: -1}
	r.ground = canvas.NewRectangle(color.Transparent)
	r.frame = canvas.NewRectangle(color.Transparent)
	r.frame.CornerRadius = 4
	r.rule = canvas.NewRectangle(color.Transparent)
	r.picture = &canvas.Image{FillMode: canvas.ImageFillContain, ScaleMode: canvas.ImageScaleFastest}
	r.picture.Hide()
	r.nothing = canvas.NewImageFromResource(noPicture)
	r.nothing.FillMode = canvas.ImageFillContain
	r.sign = &canvas.Image{FillMode: canvas.ImageFillContain}

	plain, bold := fyne.TextStyle{}, fyne.TextStyle{Bold: true}
	r.name = newText(1, bold, theme.SizeNameText, theme.ColorNameForeground)
	r.what = newText(1, plain, theme.SizeNameText, muted)
	r.word = newText(1, plain, theme.SizeNameText, theme.ColorNameForeground)
	r.viewers = newText(1, plain, theme.SizeNameText, theme.ColorNameForeground)
	r.viewers.align = fyne.TextAlignTrailing
	r.numbers = newText(1, plain, theme.SizeNameText, muted)
	r.cause = newText(2, plain, theme.SizeNameText, theme.ColorNameForeground)
	r.onOff = newOnOff(func(on bool) { r.do.enable(r.camera, on) })
	r.more = iconButton(theme.MoreVerticalIcon(), func() {
		r.showMenu(r.more, fyne.NewPos(0, r.more.Size().Height))
	})
	r.ExtendBaseWidget(r)
	return r
}

// update shows c and reports whether the row's height may have changed.
func (r *cameraRow) update(c app.Camera, canOpen bool, now time.Time) bool {
	r.canOpen = canOpen
	if r.known && c == r.camera {
		return false
	}
	renamed := !r.known || c.CameraConfig != r.camera.CameraConfig || c.Temporary != r.camera.Temporary
	r.camera, r.known = c, true
	if renamed {
		r.name.set(oneLine(c.Name))
		what := describeAddress(c.URL)
		if c.Temporary {
			what += " · " + tr("this time only")
		}
		r.what.set(what)
		r.onOff.set(c.Enabled)
	}
	viewers := ""
	if c.Viewers > 0 {
		viewers = count(c.Viewers, "%d viewers")
	}
	counted, numbered := r.viewers.text != "", r.numbers.text != ""
	r.viewers.set(viewers)
	r.numbers.set(cameraNumbers(c))
	if counted != (r.viewers.text != "") || numbered != (r.numbers.text != "") {
		r.Refresh() // others have the place of what is not there
	}
	r.tell(now)
	r.dim()
	return r.cause.set(cameraSentence(c.Status, c.URL))
}

// tell shows the state.
func (r *cameraRow) tell(now time.Time) {
	m, word := cameraWords(r.camera.Status, now)
	if m != r.marked {
		r.marked = m
		r.sign.Resource = markIcons[m]
		r.sign.Refresh()
	}
	r.word.set(word)
}

// show puts up the newest picture.
func (r *cameraRow) show(picture image.Image) {
	r.picture.Image = picture
	r.picture.Refresh()
	r.dim()
}

// dim hides the picture of a camera that is not there, and greys one that has stopped moving.
func (r *cameraRow) dim() {
	state := r.camera.State
	if r.picture.Image == nil || (state != camera.Live && state != camera.Stalled) {
		if r.picture.Visible() {
			r.picture.Image = nil // else the old picture would flash when the camera comes back
			r.picture.Hide()
			r.nothing.Show()
		}
		return
	}
	fade := 0.0
	if state == camera.Stalled {
		fade = 0.6
	}
	if r.picture.Translucency != fade {
		r.picture.Translucency = fade
		r.picture.Refresh()
	}
	if !r.picture.Visible() {
		r.nothing.Hide()
		r.picture.Show()
	}
}

func (r *cameraRow) menu() *fyne.Menu {
	item := func(text string, possible bool, key fyne.KeyName, do func()) *fyne.MenuItem {
		i := fyne.NewMenuItem(text, do)
		i.Disabled = !possible
		if key != "" {
			i.Shortcut = &desktop.CustomShortcut{KeyName: key} // shown beside the text
		}
		return i
	}
	at, last := slices.Index(r.list.order, r.camera.ID), len(r.list.order)-1
	return fyne.NewMenu("",
		item(tr("Open in browser"), r.canOpen, fyne.KeyReturn, func() { r.do.open(r.camera) }),
		item(tr("Copy stream link"), r.canOpen, "", func() { r.do.copyLink(r.camera) }),
		item(tr("Show QR code"), r.canOpen, "", func() { r.do.showCode(r.camera) }),
		item(tr("Save snapshot…"), r.camera.State == camera.Live, "", func() { r.do.saveSnapshot(r.camera) }),
		fyne.NewMenuItemSeparator(),
		item(tr("Edit…"), true, fyne.KeyF2, func() { r.do.edit(r.camera) }),
		item(tr("Duplicate"), true, "", func() { r.do.duplicate(r.camera) }),
		item(tr("Move up"), at > 0, "", func() { r.list.moveBy(r, -1) }),
		item(tr("Move down"), at < last, "", func() { r.list.moveBy(r, 1) }),
		fyne.NewMenuItemSeparator(),
		item(tr("Remove…"), true, fyne.KeyDelete, func() { r.do.remove(r.camera) }),
	)
}

func (r *cameraRow) showMenu(at fyne.CanvasObject, pos fyne.Position) {
	c := fyne.CurrentApp().Driver().CanvasForObject(at)
	if c != nil {
		widget.NewPopUpMenu(r.menu(), c).ShowAtRelativePosition(pos, at)
	}
}

// Tapped opens the camera, but not where the switch or the menu was just missed.
func (r *cameraRow) Tapped(e *fyne.PointEvent) {
	if e.Position.X < r.onOff.Position().X-rowPad {
		r.do.open(r.camera)
	}
}

func (r *cameraRow) TappedSecondary(e *fyne.PointEvent) { r.showMenu(r, e.Position) }

func (r *cameraRow) MouseIn(*desktop.MouseEvent)    { r.hovered = true; r.light() }
func (r *cameraRow) MouseMoved(*desktop.MouseEvent) {}
func (r *cameraRow) MouseOut()                      { r.hovered = false; r.light() }
func (r *cameraRow) FocusGained()                   { r.focused = true; r.light() }
func (r *cameraRow) FocusLost()                     { r.focused = false; r.light() }
func (r *cameraRow) TypedRune(c rune) {
	if c == ' ' {
		r.onOff.Tapped(nil)
	}
}

// TypedKey is the keyboard's way to everything in a row.
func (r *cameraRow) TypedKey(e *fyne.KeyEvent) {
	switch e.Name {
	case fyne.KeyReturn, fyne.KeyEnter:
		r.do.open(r.camera)
	case fyne.KeyF2:
		r.do.edit(r.camera)
	case fyne.KeyDelete, fyne.KeyBackspace:
		r.do.remove(r.camera)
	case desktop.KeyMenu, fyne.KeyF10:
		r.showMenu(r.more, fyne.NewPos(0, r.more.Size().Height))
	case fyne.KeyUp:
		r.list.neighbour(r, -1).takeFocus()
	case fyne.KeyDown:
		r.list.neighbour(r, 1).takeFocus()
	case fyne.KeyHome:
		r.list.focusFirst()
	case fyne.KeyEnd:
		if n := len(r.list.order); n > 0 {
			r.list.rows[r.list.order[n-1]].takeFocus()
		}
	}
}

// TypedShortcut takes Ctrl+C for the camera's link and Alt with an arrow for its
// place in the list.
func (r *cameraRow) TypedShortcut(s fyne.Shortcut) {
	switch s := s.(type) {
	case *fyne.ShortcutCopy:
		r.do.copyLink(r.camera)
		return
	case *desktop.CustomShortcut:
		if s.Modifier == fyne.KeyModifierAlt && s.KeyName == fyne.KeyUp {
			r.list.moveBy(r, -1)
			return
		}
		if s.Modifier == fyne.KeyModifierAlt && s.KeyName == fyne.KeyDown {
			r.list.moveBy(r, 1)
			return
		}
	}
	r.do.shortcut(s)
}

// takeFocus gives the row the keyboard. A nil row does nothing.
func (r *cameraRow) takeFocus() {
	if r == nil {
		return
	}
	if c := fyne.CurrentApp().Driver().CanvasForObject(r); c != nil {
		c.Focus(r)
		r.list.reveal(r)
	}
}

// Dragged moves the row to where the mouse is, past rows whose middle it crosses.
func (r *cameraRow) Dragged(e *fyne.DragEvent) {
	l := r.list
	if l.rows[r.camera.ID] != r {
		return // its camera was removed
	}
	if l.dragged == nil {
		l.dragged = r
		r.light()
	}
	y := r.Position().Y + e.Position.Y
	at := slices.Index(l.order, r.camera.ID)
	if above := l.neighbour(r, -1); above != nil && y < above.Position().Y+above.Size().Height/2 {
		l.moveTo(r, at-1)
	} else if below := l.neighbour(r, 1); below != nil && y > below.Position().Y+below.Size().Height/2 {
		l.moveTo(r, at+1)
	}
}

// DragEnd makes the place that the row was dragged to the camera's own.
func (r *cameraRow) DragEnd() {
	if r.list.dragged != r {
		return
	}
	r.list.dragged = nil
	r.light()
	if at := slices.Index(r.list.order, r.camera.ID); at >= 0 {
		r.do.move(r.camera, at)
	}
}

// light shows that the row has the mouse or the keyboard, or is being moved.
func (r *cameraRow) light() {
	r.ground.FillColor = color.Transparent
	if r.hovered || r.list.dragged == r {
		r.ground.FillColor = colorOf(r.Theme(), theme.ColorNameHover)
	}
	r.ground.StrokeWidth = 0
	if r.focused {
		r.ground.StrokeColor, r.ground.StrokeWidth = colorOf(r.Theme(), theme.ColorNamePrimary), 2
	}
	r.ground.Refresh()
}

// heightFor is how high the row must be in a width.
func (r *cameraRow) heightFor(width float32) float32 {
	line := r.name.lineHeight()
	text := max(r.more.MinSize().Height, line) + line + 2
	if h := r.cause.heightFor(max(width, rowMinWidth) - textLeft - rowPad); h > 0 {
		text += h + 2
	}
	return max(text, previewHeight) + 2*rowPad
}

const textLeft = rowPad + previewWidth + 12

func (r *cameraRow) CreateRenderer() fyne.WidgetRenderer {
	render := &rowRenderer{r}
	render.paint()
	return render
}

type rowRenderer struct{ r *cameraRow }

func (v *rowRenderer) paint() {
	th := v.r.Theme()
	v.r.frame.FillColor = colorOf(th, theme.ColorNameInputBackground)
	v.r.rule.FillColor = colorOf(th, theme.ColorNameSeparator)
}

func (v *rowRenderer) Layout(size fyne.Size) {
	r := v.r
	place := func(o fyne.CanvasObject, x, y, w, h float32) {
		o.Move(fyne.NewPos(x, y))
		o.Resize(fyne.NewSize(w, h))
	}
	place(r.ground, 0, 0, size.Width, size.Height-1)
	place(r.rule, 0, size.Height-1, size.Width, 1)
	place(r.frame, rowPad, rowPad, previewWidth, previewHeight)
	place(r.picture, rowPad, rowPad, previewWidth, previewHeight)
	place(r.nothing, rowPad+previewWidth/2-18, rowPad+previewHeight/2-18, 36, 36)

	line := r.name.lineHeight()
	button := r.more.MinSize()
	first := max(button.Height, line)
	middle := func(h float32) float32 { return rowPad + (first-h)/2 }

	x := size.Width - rowPad - button.Width
	place(r.more, x, middle(button.Height), button.Width, button.Height)
	toggle := r.onOff.MinSize()
	x -= toggle.Width + 4
	place(r.onOff, x, middle(toggle.Height), toggle.Width, toggle.Height)
	right := x - 12
	x = right - viewersWidth
	place(r.viewers, x, middle(line), viewersWidth, line)
	x -= stateWidth + 8
	place(r.sign, x, middle(markSize), markSize, markSize)
	word := float32(stateWidth - markSize - 6)
	if r.viewers.text == "" { // "Trying again in 30 s" is longer in other languages
		word += viewersWidth
	}
	place(r.word, x+markSize+6, middle(line), word, line)
	place(r.name, textLeft, middle(line), x-textLeft-12, line)

	y := rowPad + first + 2
	place(r.numbers, x, y, size.Width-rowPad-x, line)
	whatRight := x - 12
	if r.numbers.text == "" {
		whatRight = size.Width - rowPad
	}
	place(r.what, textLeft, y, whatRight-textLeft, line)
	place(r.cause, textLeft, y+line+2, size.Width-rowPad-textLeft, size.Height-y-line-2)
}

func (v *rowRenderer) MinSize() fyne.Size {
	return fyne.NewSize(rowMinWidth, v.r.heightFor(v.r.Size().Width))
}

func (v *rowRenderer) Refresh() {
	v.paint()
	v.Layout(v.r.Size())
	for _, o := range v.Objects() {
		o.Refresh()
	}
}

func (v *rowRenderer) Objects() []fyne.CanvasObject {
	r := v.r
	return []fyne.CanvasObject{
		r.ground, r.rule, r.frame, r.nothing, r.picture, r.sign,
		r.name, r.what, r.word, r.viewers, r.numbers, r.cause, r.onOff, r.more,
	}
}

func (v *rowRenderer) Destroy() {}
