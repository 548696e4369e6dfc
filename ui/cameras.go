package ui

import (
	"slices"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"

	"traycam/app"
)

// cameraCommands is what a row of the list can ask for.
type cameraCommands struct {
	open, copyLink, showCode, saveSnapshot, edit, duplicate, remove func(app.Camera)
	enable                                                          func(c app.Camera, on bool)
	// move puts a camera at a place in the list, from 0.
	move func(c app.Camera, to int)
	// shortcut runs one of the window's shortcuts; false: it is none of them.
	shortcut func(fyne.Shortcut) bool
}

// cameraList is a row per camera, in the person's order. A camera keeps its row
// for as long as it is in the list, so scrolling and focus stay where they are.
type cameraList struct {
	scroll *container.Scroll
	box    *fyne.Container
	do     cameraCommands
	rows   map[string]*cameraRow
	order  []string
	// moving counts the moves that the controller has not made yet: the order of
	// snapshots is that of before.
	moving int
	// dragged is the row that is being moved by the mouse, or nil.
	dragged *cameraRow
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
	rearranged := l.dragged == nil && l.moving == 0 && l.arrange(s)
	higher := false
	for _, c := range s.Cameras {
		row := l.rows[c.ID]
		if row == nil {
			continue // comes when the mouse lets go
		}
		if row.update(c, s.ViewerURL != "", now) {
			higher = true
		}
	}
	if rearranged || higher {
		l.refreshInPlace()
	}
}

// refreshInPlace leaves what a person looks at where it is while rows above it
// come, go and change their heights: the row with the keyboard, or else the first
// one in sight.
func (l *cameraList) refreshInPlace() {
	anchor := l.anchor()
	if anchor == nil {
		l.refresh()
		return
	}
	inView := anchor.Position().Subtract(l.scroll.Offset)
	l.refresh()
	if l.rows[anchor.camera.ID] == anchor {
		l.scroll.ScrollToOffset(fyne.NewPos(0, anchor.Position().Y-inView.Y))
		l.inSight()
	}
}

// anchor is the row that stays where it is. It is nil at the list's top, where
// new rows are to be seen.
func (l *cameraList) anchor() *cameraRow {
	var first *cameraRow
	for _, id := range l.visible() {
		row := l.rows[id]
		if row.focused {
			return row
		}
		if first == nil && l.scroll.Offset.Y > 0 {
			first = row
		}
	}
	return first
}

// arrange gives each camera of s its row, in that order. It reports whether
// anything changed.
func (l *cameraList) arrange(s app.Snapshot) bool {
	order := make([]string, len(s.Cameras))
	for i, c := range s.Cameras {
		order[i] = c.ID
	}
	if slices.Equal(order, l.order) {
		return false
	}
	rows := make(map[string]*cameraRow, len(order))
	for _, id := range order {
		rows[id] = l.rows[id]
		if rows[id] == nil {
			rows[id] = newCameraRow(l)
		}
	}
	l.rows = rows
	l.put(order)
	return true
}

// put lays the rows out in an order.
func (l *cameraList) put(order []string) {
	l.order = order
	l.box.Objects = make([]fyne.CanvasObject, len(order))
	for i, id := range order {
		l.box.Objects[i] = l.rows[id]
	}
}

// refresh lays the rows out anew. They themselves are as they should be: to
// refresh 500 of them would take a tenth of a second.
func (l *cameraList) refresh() {
	l.box.Layout.Layout(l.box.Objects, l.box.Size())
	offset := l.scroll.Offset
	l.scroll.Offset.Y = -1 // to where it is already, it would not scroll, nor measure what is in it
	l.scroll.ScrollToOffset(offset)
	l.inSight()
}

// moveBy moves a row up or down in the list and tells the controller.
func (l *cameraList) moveBy(r *cameraRow, by int) {
	from := slices.Index(l.order, r.camera.ID)
	if from < 0 {
		return // it was removed while its menu was open
	}
	to := min(max(from+by, 0), len(l.order)-1)
	if to == from {
		return
	}
	l.moveTo(r, to)
	l.do.move(r.camera, to)
}

// moveTo shows a row at another place.
func (l *cameraList) moveTo(r *cameraRow, to int) {
	order := slices.DeleteFunc(slices.Clone(l.order), func(id string) bool { return id == r.camera.ID })
	l.put(slices.Insert(order, to, r.camera.ID))
	l.refresh()
	l.reveal(r)
}

// reveal scrolls so that a row can be seen.
func (l *cameraList) reveal(r *cameraRow) {
	top, height := r.Position().Y, r.Size().Height
	switch offset := l.scroll.Offset.Y; {
	case top < offset:
		l.scroll.ScrollToOffset(fyne.NewPos(0, top))
	case top+height > offset+l.scroll.Size().Height:
		l.scroll.ScrollToOffset(fyne.NewPos(0, top+height-l.scroll.Size().Height))
	default:
		return
	}
	l.inSight()
}

// focusFirst gives the keyboard to the first row.
func (l *cameraList) focusFirst() {
	if len(l.order) > 0 && l.scroll.Visible() {
		l.rows[l.order[0]].takeFocus()
	}
}

// neighbour is the row that is some rows below another one, or nil.
func (l *cameraList) neighbour(r *cameraRow, by int) *cameraRow {
	if i := slices.Index(l.order, r.camera.ID) + by; i >= 0 && i < len(l.order) {
		return l.rows[l.order[i]]
	}
	return nil
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

// MinSize is what Layout took: it is asked for with every picture on the screen.
func (rowsLayout) MinSize(objects []fyne.CanvasObject) fyne.Size {
	if len(objects) == 0 {
		return fyne.NewSize(rowMinWidth, 0)
	}
	last := objects[len(objects)-1]
	return fyne.NewSize(rowMinWidth, last.Position().Y+last.Size().Height)
}
