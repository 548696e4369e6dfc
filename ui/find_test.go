package ui

import (
	"errors"
	"fmt"
	"slices"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"
	"fyne.io/fyne/v2/theme"

	"traycam/app"
	"traycam/discover"
	"traycam/sentence"
)

var (
	doorFound    = app.Found{Name: "Door Cam IPC-1", Host: "10.0.0.7", ONVIF: true, URL: "http://10.0.0.7/onvif/device_service"}
	yardFound    = app.Found{Name: "Yard", Host: "10.0.0.8", URL: "rtsp://10.0.0.8/"}
	printerFound = app.Found{Host: "10.0.0.9", URL: "http://10.0.0.9:8080/stream"}
	allFound     = []app.Found{doorFound, yardFound, printerFound}

	doorStreams = []app.Stream{
		{Name: "main", Width: 2560, Height: 1440, Codec: "H264", URL: "rtsp://10.0.0.7/main", Snapshot: "http://10.0.0.7/snap.jpg"},
		{Name: "sub", Width: 640, Height: 480, Codec: "JPEG", URL: "rtsp://10.0.0.7/sub", Snapshot: "http://10.0.0.7/snap.jpg"},
		{Name: "third", Codec: "", URL: "rtsp://10.0.0.7/third"},
	}
)

// pickRows are those that can be seen below o.
func pickRows(o fyne.CanvasObject) (found []*pickRow) {
	if !o.Visible() {
		return nil
	}
	switch o := o.(type) {
	case *pickRow:
		return []*pickRow{o}
	case *fyne.Container:
		for _, child := range o.Objects {
			found = append(found, pickRows(child)...)
		}
	case fyne.Widget:
		for _, child := range test.WidgetRenderer(o).Objects() {
			found = append(found, pickRows(child)...)
		}
	}
	return found
}

func (d *desk) wantRows(want ...string) {
	d.t.Helper()
	var got []string
	for _, r := range pickRows(d.screen()) {
		got = append(got, r.name.text+" | "+r.what.text)
	}
	if !slices.Equal(got, want) {
		d.t.Errorf("listed are %q\nwant %q", got, want)
	}
}

// openForm opens the form of a new camera, and looks for cameras until all is found.
func (d *desk) findAll(found []app.Found) {
	d.t.Helper()
	d.render(house(), at)
	d.addCamera()
	test.Tap(d.button("Find cameras"))
	if found != nil {
		d.fake.finds <- found
	}
	d.fake.finds <- nil
	d.wait()
}

func TestFindFills(t *testing.T) {
	d := newDesk(t, theme.VariantLight)
	d.render(house(), at)
	d.addCamera()
	test.Tap(d.button("Find cameras"))
	if got := d.form().find.says.text; got != "Looking on the network…" {
		t.Errorf("it says %q", got)
	}
	d.fake.finds <- []app.Found{yardFound}
	for !d.catchUp() {
	}
	d.wantRows("Yard | RTSP · rtsp://10.0.0.8/")
	yard := pickRows(d.screen())[0]
	d.win.Canvas().Focus(yard)
	d.fake.finds <- allFound
	for !d.catchUp() {
	}
	d.wantRows("Door Cam IPC-1 | ONVIF camera · 10.0.0.7", "Yard | RTSP · rtsp://10.0.0.8/", "10.0.0.9 | Web page · http://10.0.0.9:8080/stream")
	if d.win.Canvas().Focused() != fyne.Focusable(yard) {
		t.Error("the row has lost the keyboard")
	}
	yard.TypedKey(&fyne.KeyEvent{Name: fyne.KeyUp})
	if d.win.Canvas().Focused() != fyne.Focusable(pickRows(d.screen())[0]) {
		t.Error("the key Up does not go to the row above")
	}
	d.win.Canvas().Focused().TypedKey(&fyne.KeyEvent{Name: fyne.KeyEscape})
	d.wantTold("find", "found")
	if d.question != nil || d.page == nil {
		t.Error("Escape closes the list, and only that")
	}
}

func TestFindNothing(t *testing.T) {
	d := newDesk(t, theme.VariantLight)
	d.findAll(nil)
	d.wantRows()
	if got := d.form().find.says.text; got[:17] != "Nothing answered." {
		t.Errorf("it says %q", got)
	}
	test.Tap(d.button("Look again"))
	d.fake.finds <- allFound
	d.fake.finds <- nil
	d.wantTold("find", "found", "find", "found")
	if got := len(pickRows(d.screen())); got != 3 {
		t.Errorf("%d rows, want 3", got)
	}
}

func TestFindTakes(t *testing.T) {
	password := func(user, password string) ([]app.Stream, error) {
		switch {
		case user == "":
			return nil, fmt.Errorf("%w: %w", discover.ErrPassword, sentence.Errorf("The camera at %s wants a user name and a password", "10.0.0.7"))
		case password != "p@ss":
			return nil, errors.New("the wrong password came through")
		}
		return doorStreams, nil
	}
	open := func(string, string) ([]app.Stream, error) { return doorStreams, nil }
	for _, tt := range []struct {
		name    string
		row     int
		streams func(user, password string) ([]app.Stream, error)
		signIn  bool
		stream  int
		want    app.CameraConfig
	}{
		{"RTSP", 1, nil, false, 0, app.CameraConfig{Name: "Yard", URL: "rtsp://10.0.0.8/"}},
		{"a web page", 2, nil, false, 0, app.CameraConfig{Name: "Mine", URL: "http://10.0.0.9:8080/stream"}},
		{"ONVIF, Motion JPEG", 0, open, false, 0, app.CameraConfig{Name: "Door Cam IPC-1", URL: "rtsp://10.0.0.7/sub"}},
		{"ONVIF, a still", 0, open, false, 1, app.CameraConfig{Name: "Door Cam IPC-1", URL: "http://10.0.0.7/snap.jpg"}},
		{"ONVIF with a password", 0, password, true, 2, app.CameraConfig{Name: "Door Cam IPC-1", URL: "rtsp://eva:p%40ss@10.0.0.7/main"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			d := newDesk(t, theme.VariantLight)
			d.fake.streams = tt.streams
			d.findAll(allFound)
			if tt.want.Name == "Mine" {
				d.form().name.SetText("Mine")
			}
			test.Tap(pickRows(d.screen())[tt.row])
			d.wait()
			if tt.signIn {
				for _, text := range []string{"eva", "p@ss"} {
					test.Type(d.win.Canvas().Focused(), text)
					d.win.Canvas().Focused().TypedKey(&fyne.KeyEvent{Name: fyne.KeyReturn})
				}
				d.wait()
			}
			if tt.row == 0 {
				d.wantRows("sub · 640×480 | Motion JPEG · works without ffmpeg", "main · 2560×1440 | Still pictures · work without ffmpeg",
					"main · 2560×1440 | H.264 · needs ffmpeg on this computer", "third | Video · may need ffmpeg on this computer")
				pickRows(d.screen())[tt.stream].TypedKey(&fyne.KeyEvent{Name: fyne.KeyReturn})
			}
			if d.question != nil {
				t.Error("the list is still there")
			}
			test.Tap(d.button("Add camera"))
			d.wait()
			tt.want.Enabled = true
			if got := d.fake.kept; len(got) != 1 || got[0] != tt.want {
				t.Errorf("added %+v, want %+v", got, tt.want)
			}
		})
	}
}

// A camera that cannot be asked says why, and the list is still there behind it.
func TestFindProblem(t *testing.T) {
	d := newDesk(t, theme.VariantLight)
	d.fake.streams = func(string, string) ([]app.Stream, error) {
		return nil, sentence.Errorf("The camera at %s does not answer in time. Is it still on?", "10.0.0.7")
	}
	d.findAll(allFound)
	test.Tap(pickRows(d.screen())[0])
	d.wait()
	test.Tap(d.button("Try again"))
	d.wantTold("find", "found", "streams of 10.0.0.7", "streams of 10.0.0.7")
	d.escape()
	if got := len(pickRows(d.screen())); got != 3 {
		t.Errorf("%d rows after Back, want 3", got)
	}
	d.escape()
	if d.question != nil || d.page == nil {
		t.Error("Escape does not lead back to the form")
	}
}

// The search ends with the form, and a second one ends the first.
func TestFindEnds(t *testing.T) {
	d := newDesk(t, theme.VariantLight)
	d.render(house(), at)
	d.addCamera()
	test.Tap(d.button("Find cameras"))
	d.form().find.look()
	d.closePage()
	d.wait()
	if got := d.told(); len(got) != 4 {
		t.Errorf("the controller was told %q", got)
	}
}

// A password that the form has goes to the same host alone.
func TestFindKeepsThePassword(t *testing.T) {
	for login, want := range map[string]string{"eva:secret@10.0.0.7": "eva secret", "eva:secret@10.0.0.77": " ", "eva@10.0.0.7": " "} {
		d := newDesk(t, theme.VariantLight)
		got := ""
		d.fake.streams = func(user, password string) ([]app.Stream, error) {
			got = user + " " + password
			return doorStreams, nil
		}
		d.findAll(allFound)
		d.form().takeWhole("http://" + login + "/video")
		test.Tap(pickRows(d.screen())[0])
		d.wait()
		if got != want {
			t.Errorf("with %s in the form it was asked as %q, want %q", login, got, want)
		}
		d.closePage()
	}
}

func TestKeptFromLooking(t *testing.T) {
	said := map[string]bool{}
	for _, system := range []string{"linux", "darwin", "windows"} {
		said[keptFromLooking(system)] = true
	}
	if len(said) != 3 {
		t.Errorf("%v", said)
	}
}
