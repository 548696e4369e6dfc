package ui

import (
	"errors"
	"fmt"
	"slices"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/test"
	"fyne.io/fyne/v2/theme"

	"traycam/app"
)

func key(name fyne.KeyName) *fyne.KeyEvent { return &fyne.KeyEvent{Name: name} }

// Everything in a row can be reached without a mouse.
func TestRowKeys(t *testing.T) {
	d := newDesk(t, theme.VariantLight)
	d.render(house(), at)
	d.typed(key(fyne.KeyDown))
	focused := func() string {
		row, _ := d.win.Canvas().Focused().(*cameraRow)
		if row == nil {
			return ""
		}
		return row.camera.ID
	}
	for _, step := range []struct {
		key  fyne.KeyName
		want string
	}{
		{fyne.KeyUp, "front-door"},
		{fyne.KeyDown, "garage"},
		{fyne.KeyEnd, "demo-1"},
		{fyne.KeyDown, "demo-1"},
		{fyne.KeyHome, "front-door"},
		{fyne.KeyDown, "garage"},
	} {
		d.win.Canvas().Focused().TypedKey(key(step.key))
		if got := focused(); got != step.want {
			t.Fatalf("after %s the keyboard is at %q, want %q", step.key, got, step.want)
		}
	}
	row := d.list.rows["garage"]
	row.TypedKey(key(fyne.KeyReturn))
	if got := <-d.opened; got != "http://localhost:8090/cameras/garage" {
		t.Errorf("opened %s", got)
	}
	row.TypedShortcut(&fyne.ShortcutCopy{})
	if got := d.app.Clipboard().Content(); got != "http://localhost:8090/cameras/garage/stream.mjpg" {
		t.Errorf("copied %s", got)
	}
	row.TypedRune(' ')
	d.wantTold("switch garage false")
	row.TypedShortcut(&desktop.CustomShortcut{KeyName: fyne.KeyUp, Modifier: fyne.KeyModifierAlt})
	d.wantTold("switch garage false", "move garage to 0")
	if d.list.order[0] != "garage" || focused() != "garage" {
		t.Errorf("the order is %q, the keyboard at %q", d.list.order, focused())
	}
	row.TypedShortcut(&desktop.CustomShortcut{KeyName: fyne.KeyDown, Modifier: fyne.KeyModifierAlt})
	d.wantTold("switch garage false", "move garage to 0", "move garage to 1")
	row.TypedKey(key(fyne.KeyF2))
	if f := d.form(); f.was.ID != "garage" {
		t.Errorf("F2 edits %s", f.was.ID)
	}
	f := d.form()
	f.name.TypedKey(key(fyne.KeyEscape))
	if d.page != nil {
		t.Error("Escape in a field does not close the form")
	}
	row.TypedKey(key(fyne.KeyDelete))
	d.button("Remove")
	d.typed(key(fyne.KeyEscape))
	if d.question != nil {
		t.Error("Escape does not take the question away")
	}
	// The window's shortcuts work while a row has the keyboard.
	row.TypedShortcut(withControl(keyAdd))
	d.form()
}

// Rows that come, go and change their heights above do not move what a person looks at.
func TestListStaysInPlace(t *testing.T) {
	cameras := func(from, to int, state string) (s app.Snapshot) {
		for n := from; n < to; n++ {
			c := makeCamera(fmt.Sprintf("c%d", n), "Camera", "tcp://10.0.0.7:8888", state)
			if state == "retrying" {
				c.Reason.Sentence = "Nobody listens there."
			}
			s.Cameras = append(s.Cameras, c)
		}
		return s
	}
	for _, keyboard := range []bool{true, false} {
		d := newDesk(t, theme.VariantLight)
		d.render(cameras(0, 64, "live"), at)
		last := d.list.rows["c63"]
		if keyboard {
			d.typed(key(fyne.KeyDown))
			d.win.Canvas().Focused().TypedKey(key(fyne.KeyEnd))
		} else {
			d.list.scroll.ScrollToBottom()
			last = d.list.rows[d.list.visible()[0]]
		}
		place := func() float32 { return last.Position().Y - d.list.scroll.Offset.Y }
		want := place()
		for _, s := range []app.Snapshot{cameras(0, 64, "retrying"), cameras(10, 64, "retrying"), cameras(0, 64, "live")} {
			d.render(s, at)
			if got := place(); got != want {
				t.Errorf("the row is at %v, and was at %v (keyboard: %v)", got, want, keyboard)
			}
		}
	}
}

// What a row tells has its place, whatever comes and goes in it.
func TestRowHasRoomForNumbers(t *testing.T) {
	d := newDesk(t, theme.VariantLight)
	was := house()
	c := &was.Cameras[0]
	c.URL = "rtsp://192.168.100.200:554/a/very/long/path/of/a/camera/that/goes/on/and/on"
	c.Viewers, c.Width, c.Height, c.FPS, c.BitsPerSecond = 0, 0, 0, 0, 0
	d.render(was, at)
	is := house()
	is.Cameras[0].URL, is.Cameras[0].Viewers = c.URL, 0
	d.render(is, at)
	row := d.list.rows[c.ID]
	if row.numbers.text == "" || row.what.Position().X+row.what.Size().Width > row.numbers.Position().X {
		t.Errorf("%q goes on to %v, and %q begins at %v", row.what.text, row.what.Position().X+row.what.Size().Width, row.numbers.text, row.numbers.Position().X)
	}
}

func TestDraggingMovesARow(t *testing.T) {
	d := newDesk(t, theme.VariantLight)
	d.render(house(), at)
	row := d.list.rows["front-door"]
	below := d.list.rows["garage"]
	drag := func(y float32) {
		row.Dragged(&fyne.DragEvent{PointEvent: fyne.PointEvent{Position: fyne.NewPos(50, y-row.Position().Y)}})
	}
	drag(below.Position().Y + 10)
	if d.list.order[0] != "front-door" {
		t.Error("moved before the middle of the next row")
	}
	drag(below.Position().Y + below.Size().Height*0.8)
	if d.list.order[0] != "garage" || d.list.order[1] != "front-door" {
		t.Errorf("the order is %q", d.list.order)
	}
	d.wantTold()
	d.render(house(), at) // a snapshot in the old order does not interfere
	if d.list.order[0] != "garage" {
		t.Error("a snapshot took the row from the mouse")
	}
	row.DragEnd()
	d.wantTold("move front-door to 1")
}

func TestMenuOfARow(t *testing.T) {
	d := newDesk(t, theme.VariantLight)
	s := house()
	d.render(s, at)
	var labels []string
	for _, item := range d.list.rows["garage"].menu().Items {
		if !item.IsSeparator {
			labels = append(labels, item.Label)
		}
	}
	want := []string{"Open in browser", "Copy stream link", "Show QR code", "Save snapshot…", "Edit…", "Duplicate", "Move up", "Move down", "Remove…"}
	if !slices.Equal(labels, want) {
		t.Errorf("the menu is %q", labels)
	}

	// A phone cannot reach what only this computer can.
	d.pick("garage", "Show QR code")
	test.Tap(d.button("Share…"))
	if _, ok := d.page.(*sharePage); !ok {
		t.Errorf("the page is %T", d.page)
	}
	d.closePage()

	d.pick("front-door", "Duplicate")
	d.wantTold("add")
	if got := d.fake.kept[0]; got.Name != "Front door (copy)" || got.URL != "tcp://:9003?listen" || got.ID != "" {
		t.Errorf("added %+v", got)
	}
	if f := d.form(); f.was == nil || f.was.ID != "new" {
		t.Error("the copy is not being edited")
	}
	d.closePage()

	d.pick("front-door", "Save snapshot…")
	d.button("OK") // there is no picture
}

func TestDemoIsOffered(t *testing.T) {
	d := newDesk(t, theme.VariantLight)
	d.render(app.Snapshot{Streaming: app.Running}, at)
	test.Tap(d.button("Try the demo"))
	d.wantTold("demo")
}

// Two moves are two places, also when the snapshot of the first comes between.
func TestMovesAddUp(t *testing.T) {
	d := newDesk(t, theme.VariantLight)
	d.render(house(), at)
	row := d.list.rows["front-door"]
	d.list.moveBy(row, 1)
	d.list.moveBy(row, 1)
	d.render(house(), at) // as before both
	d.list.moveBy(row, 1)
	d.wantTold("move front-door to 1", "move front-door to 2", "move front-door to 3")
	d.render(house(), at)
	if d.list.order[0] != "front-door" {
		t.Errorf("once all is told the list is the controller's: %q", d.list.order)
	}
}

// A camera that has gone takes its row's commands with it.
func TestCommandsOfARowThatIsGone(t *testing.T) {
	d := newDesk(t, theme.VariantLight)
	d.render(house(), at)
	row := d.list.rows["garage"]
	menu := row.menu()
	s := house()
	s.Cameras = s.Cameras[:1]
	d.render(s, at)
	for _, item := range menu.Items {
		if item.Label == "Move down" || item.Label == "Move up" {
			item.Action()
		}
	}
	row.TypedShortcut(&desktop.CustomShortcut{KeyName: fyne.KeyDown, Modifier: fyne.KeyModifierAlt})
	row.Dragged(&fyne.DragEvent{})
	row.DragEnd()
	d.render(app.Snapshot{}, at)
	for _, name := range []fyne.KeyName{fyne.KeyHome, fyne.KeyEnd, fyne.KeyUp, fyne.KeyDown} {
		row.TypedKey(key(name))
	}
	d.wantTold()
}

func TestARefusedMoveIsTakenBack(t *testing.T) {
	d := newDesk(t, theme.VariantLight)
	d.fake.refuse = errors.New("the disk is full")
	d.render(house(), at)
	row := d.list.rows["front-door"]
	d.list.moveBy(row, 1)
	d.wait()
	if d.list.order[0] != "front-door" || row.Position().Y != 0 {
		t.Errorf("the order is %q, the row at %v", d.list.order, row.Position())
	}
}

// Commands reach the controller in the order in which they were given.
func TestCommandsKeepTheirOrder(t *testing.T) {
	d := newDesk(t, theme.VariantLight)
	s := house()
	d.render(s, at)
	var want []string
	for n := range 50 {
		d.enableCamera(s.Cameras[0], n%2 == 1)
		want = append(want, fmt.Sprintf("switch front-door %v", n%2 == 1))
	}
	d.wantTold(want...)
}
