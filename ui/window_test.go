package ui

import (
	"errors"
	"slices"
	"testing"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"
	"fyne.io/fyne/v2/theme"

	"traycam/app"
)

func TestPrimaryButton(t *testing.T) {
	d := newDesk(t, theme.VariantLight)
	s := house()
	for _, test := range []struct {
		change func()
		want   string
	}{
		{func() {}, "Open viewer"},
		{func() { s.Streaming = app.Stopped }, "Start"},
		{func() { s.Cameras = nil }, "Add a camera"},
	} {
		test.change()
		d.render(s, at)
		if got := d.primaries(); !slices.Equal(got, []string{test.want}) {
			t.Errorf("primary buttons: %q, want %q", got, test.want)
		}
	}
}

// Rows stay the same objects, so that scrolling and focus survive.
func TestListUpdatesInPlace(t *testing.T) {
	d := newDesk(t, theme.VariantLight)
	s := house()
	d.render(s, at)
	row := d.list.rows["garage"]
	d.win.Canvas().Focus(row.onOff)
	s = house()
	s.Cameras = append(s.Cameras[1:], makeCamera("new", "New", "test:", "live"))
	d.render(s, at)
	if d.list.rows["garage"] != row || d.win.Canvas().Focused() != fyne.Focusable(row.onOff) {
		t.Error("the row or its focus was lost")
	}
	if len(d.list.rows) != 4 || d.list.rows["front-door"] != nil {
		t.Error("the removed camera is still there")
	}
	if row.word.text != "Trying again in 4 s" {
		t.Errorf("the row says %q", row.word.text)
	}
	d.tick(at.Add(2 * time.Second))
	if row.word.text != "Trying again in 2 s" {
		t.Errorf("two seconds later the row says %q", row.word.text)
	}
}

func TestOnlyRowsInSightArePictured(t *testing.T) {
	d := newDesk(t, theme.VariantLight)
	var s app.Snapshot
	for i := range 64 {
		s.Cameras = append(s.Cameras, makeCamera("c"+string(rune('0'+i)), "Camera", "test:", "live"))
	}
	d.render(s, at)
	if n := len(d.pictures.wanted); n < 3 || n > 6 {
		t.Errorf("%d cameras in sight", n)
	}
	first := d.pictures.wanted[0]
	d.list.scroll.ScrollToBottom()
	if len(d.pictures.wanted) == 0 || d.pictures.wanted[0] == first {
		t.Error("scrolling changed nothing")
	}
	d.addCamera()
	if len(d.pictures.wanted) != 0 {
		t.Error("pictures behind the form")
	}
	d.closePage()
	d.hide()
	if len(d.pictures.wanted) != 0 {
		t.Error("pictures for a hidden window")
	}
}

func TestStartAndStop(t *testing.T) {
	d := newDesk(t, theme.VariantLight)
	s := house()
	d.render(s, at)
	test.Tap(d.startStop)
	d.wantTold()
	test.Tap(d.button("Keep streaming"))
	d.wantTold()
	test.Tap(d.startStop)
	test.Tap(d.button("Stop"))
	d.wantTold("stop")
	s.Viewers = 0
	d.render(s, at)
	test.Tap(d.startStop) // nobody watches: no question
	d.wantTold("stop", "stop")
	s.Streaming = app.Stopped
	d.render(s, at)
	test.Tap(d.startStop)
	d.wantTold("stop", "stop", "start")
	s.Streaming = app.Starting
	d.render(s, at)
	if !d.startStop.Disabled() {
		t.Error("Start can be pressed while starting")
	}
}

func TestLinks(t *testing.T) {
	d := newDesk(t, theme.VariantLight)
	d.render(house(), at)
	test.Tap(d.viewer)
	if got := <-d.opened; got != "http://localhost:8090/" {
		t.Errorf("opened %s", got)
	}
	row := d.list.rows["front-door"]
	test.TapAt(row, fyne.NewPos(20, 20))
	if got := <-d.opened; got != "http://localhost:8090/cameras/front-door" {
		t.Errorf("opened %s", got)
	}
	d.openCameraByID("garage")
	if got := <-d.opened; got != "http://localhost:8090/cameras/garage" {
		t.Errorf("opened %s", got)
	}
	d.pick(row.camera.ID, "Copy stream link")
	if got := d.app.Clipboard().Content(); got != "http://localhost:8090/cameras/front-door/stream.mjpg" {
		t.Errorf("copied %s", got)
	}
	d.copyLink()
	if got := d.app.Clipboard().Content(); got != "http://localhost:8090/" {
		t.Errorf("copied %s", got)
	}
}

func TestNoBrowser(t *testing.T) {
	d := newDesk(t, theme.VariantLight)
	d.render(house(), at)
	d.showAddress("http://localhost:8090/")
	test.Tap(d.button("Copy"))
	if got := d.app.Clipboard().Content(); got != "http://localhost:8090/" {
		t.Errorf("copied %s", got)
	}
}

func TestSwitch(t *testing.T) {
	d := newDesk(t, theme.VariantLight)
	d.render(house(), at)
	row := d.list.rows["garage"]
	test.Tap(row.onOff)
	d.wantTold("switch garage false")
	d.fake.refuse = errors.New("The settings file cannot be written.")
	test.Tap(d.list.rows["demo-1"].onOff)
	d.wait()
	if d.list.rows["demo-1"].onOff.on {
		t.Error("the switch shows what was refused")
	}
	test.Tap(d.button("OK"))
}

func TestRemoveAndUndo(t *testing.T) {
	d := newDesk(t, theme.VariantLight)
	s := house()
	d.render(s, at)
	garage := s.Cameras[1]
	d.pick("garage", "Remove…")
	test.Tap(d.button("Keep"))
	d.wantTold()
	d.pick("garage", "Remove…")
	test.Tap(d.button("Remove"))
	d.wantTold("remove garage")
	s.Cameras = slices.Delete(s.Cameras, 1, 2)
	d.render(s, time.Now())
	test.Tap(d.button("Undo"))
	d.wantTold("remove garage", "undo remove garage")
	d.removeCamera(garage.CameraConfig)
	d.wait()
	if !d.undoBar.Visible() {
		t.Error("nothing to undo")
	}
	d.fake.refuse = errors.New("try again")
	d.undo()
	d.wait()
	if !d.undoBar.Visible() {
		t.Error("an undo that failed took the camera away for good")
	}
	d.tick(time.Now().Add(undoFor + time.Second))
	if d.undoBar.Visible() {
		t.Error("it can still be undone after ten seconds")
	}
}

func TestClosing(t *testing.T) {
	d := newDesk(t, theme.VariantLight)
	d.render(house(), at)

	// No tray: it asks.
	d.close()
	d.wait()
	if got := d.primaries(); !slices.Equal(got, []string{"Keep streaming"}) {
		t.Errorf("primary buttons: %q", got)
	}
	d.button("Quit Traycam")
	d.typed(&fyne.KeyEvent{Name: fyne.KeyEscape})
	if !d.visible || d.question != nil {
		t.Error("Escape did not cancel")
	}
	d.close()
	d.wait()
	d.typed(&fyne.KeyEvent{Name: fyne.KeyReturn})
	if d.visible {
		t.Error("the window is still there")
	}

	// A tray: it tells once.
	d.trayShown = func() bool { return true }
	d.show()
	d.close()
	d.wait()
	if !d.visible {
		t.Error("hidden without a word")
	}
	test.Tap(d.button("OK"))
	if d.visible {
		t.Error("the window is still there")
	}
	d.show()
	d.close()
	d.wait()
	if d.visible {
		t.Error("it told twice")
	}
	d.wantTold() // streaming goes on
}

func TestNotices(t *testing.T) {
	d := newDesk(t, theme.VariantLight)
	s := house()
	s.Notices = []error{errors.New("one"), errors.New("two"), errors.New("three")}
	d.render(s, at)
	if got := d.noticed.text; got != "One. Two. (1 more in the log.)" {
		t.Errorf("%q", got)
	}
	test.Tap(buttons(d.notice)[0])
	d.render(s, at)
	if d.notice.Visible() {
		t.Error("dismissed and still there")
	}
	s.Notices = []error{errors.New("four")}
	d.render(s, at)
	if !d.notice.Visible() {
		t.Error("a new notice is not shown")
	}
}

// How Traycam ended last time is offered until it is dismissed.
func TestCrashIsOffered(t *testing.T) {
	d := newDesk(t, theme.VariantLight)
	s := house()
	d.render(s, at)
	if d.crash.Visible() {
		t.Error("offered without a crash")
	}
	s.Crash = "/somewhere/crash.txt"
	d.render(s, at)
	if !d.crash.Visible() {
		t.Fatal("not offered")
	}
	before := len(d.app.Driver().AllWindows())
	test.Tap(buttons(d.crash)[0])
	d.wait()
	windows := d.app.Driver().AllWindows()
	if len(windows) != before+1 {
		t.Fatalf("%d windows", len(windows))
	}
	windows[before].Close()
	test.Tap(buttons(d.crash)[1])
	d.wantTold("crash report", "dismiss crash")
	s.Crash = ""
	d.render(s, at)
	if d.crash.Visible() {
		t.Error("dismissed and still there")
	}
}

func TestWindowRemembersItsSize(t *testing.T) {
	d := newDesk(t, theme.VariantLight)
	d.win.Resize(fyne.NewSize(900, 600))
	d.hide()
	if got := d.savedSize(); got != fyne.NewSize(900, 600) {
		t.Errorf("%v", got)
	}
	d.app.Preferences().SetString(prefSize, "10x10")
	if got := d.savedSize(); got != fyne.NewSize(windowWidth, windowHeight) {
		t.Errorf("%v", got)
	}
}
