package ui

import (
	"image"
	"image/color"
	"slices"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"traycam/app"
	"traycam/assets"
)

// cameraCommands is what a row of the list can ask for.
type cameraCommands struct {
	open, copyLink, edit, remove func(app.Camera)
	enable                       func(c app.Camera, on bool)
}

// cameraList is a row per camera, in the person's order. A camera keeps its row
// for as long as it is in the list, so scrolling and focus stay where they are.
type cameraList struct {
	scroll *container.Scroll
	box    *fyne.Container
	do     cameraCommands
	rows   map[string]*cameraRow
	order  []string
	// inSight is told the cameras whose rows can be seen, when they may have changed.
	inSight func()
}

func newCameraList(do cameraCommands, inSight func()) *cameraList {
	l := &cameraList{do: do, rows: map[string]*cameraRow{}, inSight: inSight}
	l.box = container.New(rowsLayout{})
	l.scroll = container.NewVScroll(l.box)
	l.scroll.OnScrolled = func(fyne.Position) { inSight() }
	return l
}

// update shows the cameras of s. Rows whose camera is as before are not touched.
func (l *cameraList) update(s app.Snapshot, now time.Time) {
	order := make([]string, len(s.Cameras))
	for i, c := range s.Cameras {
		order[i] = c.ID
	}
	reorder := !slices.Equal(order, l.order)
	if reorder {
		l.order = order
		rows := make(map[string]*cameraRow, len(order))
		objects := make([]fyne.CanvasObject, 0, len(order))
		for _, c := range s.Cameras {
			row := l.rows[c.ID]
			if row == nil {
				row = newCameraRow(l.do)
			}
			rows[c.ID] = row
			objects = append(objects, row)
		}
		l.rows = rows
		l.box.Objects = objects
	}
	higher := false
	for _, c := range s.Cameras {
		if l.rows[c.ID].update(c, s.ViewerURL != "", now) {
			higher = true
		}
	}
	if reorder || higher {
		l.box.Refresh()
		l.scroll.Refresh()
		l.inSight()
	}
}

// tick brings what counts down up to date.
func (l *cameraList) tick(now time.Time) {
	for _, row := range l.rows {
		if countsDown(row.camera, now) {
			row.tell(now)
		}
	}
}

// visible is the cameras whose rows can be seen now, from top to bottom.
func (l *cameraList) visible() []string {
	var ids []string
	top, bottom := l.scroll.Offset.Y, l.scroll.Offset.Y+l.scroll.Size().Height
	for _, id := range l.order {
		row := l.rows[id]
		if y := row.Position().Y; y < bottom && y+row.Size().Height > top {
			ids = append(ids, id)
		}
	}
	return ids
}

// rowsLayout puts rows below each other, each as high as its text needs in the width.
type rowsLayout struct{}

func (rowsLayout) Layout(objects []fyne.CanvasObject, size fyne.Size) {
	y := float32(0)
	for _, o := range objects {
		height := o.(*cameraRow).heightFor(size.Width)
		o.Move(fyne.NewPos(0, y))
		o.Resize(fyne.NewSize(size.Width, height))
		y += height
	}
}

func (rowsLayout) MinSize(objects []fyne.CanvasObject) fyne.Size {
	height := float32(0)
	for _, o := range objects {
		height += o.(*cameraRow).heightFor(o.Size().Width)
	}
	return fyne.NewSize(rowMinWidth, height)
}

// Measures of a row.
const (
	rowMinWidth   = 600
	rowPad        = 8
	previewWidth  = 128
	previewHeight = 72
	stateWidth    = 152 // the column of the state's mark and word
	viewersWidth  = 78
	markSize      = 14
)

// cameraRow is one camera. The whole row reacts: a tap opens the camera in the
// browser, the other mouse button its menu.
type cameraRow struct {
	widget.BaseWidget

	do      cameraCommands
	camera  app.Camera
	canOpen bool
	known   bool // update has been called
	marked  mark

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
)

var noPicture = fyne.NewStaticResource("no-picture.svg", assets.NoPicture)

func newCameraRow(do cameraCommands) *cameraRow {
	r := &cameraRow{do: do, marked: -1}
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
		r.name.set(c.Name)
		what := describeAddress(c.URL)
		if c.Temporary {
			what += " · this time only"
		}
		r.what.set(what)
		r.onOff.set(c.Enabled)
	}
	viewers := ""
	if c.Viewers > 0 {
		viewers = count(c.Viewers, "viewer")
	}
	r.viewers.set(viewers)
	r.numbers.set(cameraNumbers(c))
	r.tell(now)
	r.dim()
	return r.cause.set(cameraSentence(c))
}

// tell shows the state.
func (r *cameraRow) tell(now time.Time) {
	m, word := cameraWords(r.camera, now)
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
	state := r.camera.State.String()
	if r.picture.Image == nil || (state != "live" && state != "stalled") {
		if r.picture.Visible() {
			r.picture.Image = nil // else the old picture would flash when the camera comes back
			r.picture.Hide()
			r.nothing.Show()
		}
		return
	}
	fade := 0.0
	if state == "stalled" {
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
	open := fyne.NewMenuItem("Open in browser", func() { r.do.open(r.camera) })
	link := fyne.NewMenuItem("Copy stream link", func() { r.do.copyLink(r.camera) })
	open.Disabled, link.Disabled = !r.canOpen, !r.canOpen
	return fyne.NewMenu("", open, link,
		fyne.NewMenuItemSeparator(),
		fyne.NewMenuItem("Edit…", func() { r.do.edit(r.camera) }),
		fyne.NewMenuItem("Remove…", func() { r.do.remove(r.camera) }),
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

func (r *cameraRow) MouseIn(*desktop.MouseEvent)    { r.hover(true) }
func (r *cameraRow) MouseMoved(*desktop.MouseEvent) {}
func (r *cameraRow) MouseOut()                      { r.hover(false) }

func (r *cameraRow) hover(on bool) {
	r.ground.FillColor = color.Transparent
	if on {
		r.ground.FillColor = colorOf(r.Theme(), theme.ColorNameHover)
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
	place(r.word, x+markSize+6, middle(line), stateWidth-markSize-6, line)
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
