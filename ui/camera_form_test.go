package ui

import (
	"errors"
	"testing"

	"fyne.io/fyne/v2/test"
	"fyne.io/fyne/v2/theme"

	"traycam/app"
)

// wrong is what the form says beside the field that holds in.
func wrong(f *cameraForm, label string) string {
	for _, field := range f.fields {
		if field.label.Text == label && field.row.Visible() && field.note.color == theme.ColorNameError {
			return field.note.text
		}
	}
	return ""
}

func TestFormAdds(t *testing.T) {
	for _, tt := range []struct {
		name string
		kind kind
		fill func(*cameraForm)
		want app.CameraConfig
	}{
		{"listen", kindListen, func(*cameraForm) {}, app.CameraConfig{URL: "tcp://:9003?listen"}},
		{"listen with networks", kindListen, func(f *cameraForm) {
			f.port.SetText(" 9100 ")
			f.allow.SetText("10.0.0.0/8, 192.168.1.0/24")
		}, app.CameraConfig{URL: "tcp://:9100?listen&allow=10.0.0.0/8,192.168.1.0/24"}},
		{"dial", kindDial, func(f *cameraForm) {
			f.host.SetText("cam.local")
			f.dialPort.SetText("8888")
			f.maxFPS.SetText("10")
		}, app.CameraConfig{URL: "tcp://cam.local:8888", MaxFPS: 10}},
		{
			"pasted host and port", kindDial, func(f *cameraForm) { f.host.SetText("10.0.0.7:8888") },
			app.CameraConfig{URL: "tcp://10.0.0.7:8888"},
		},
		{
			"typed whole", kindDial, func(f *cameraForm) { test.Type(f.host, "tcp://10.0.0.9:7777") },
			app.CameraConfig{URL: "tcp://10.0.0.9:7777"},
		},
		{
			"pasted listen", kindDial, func(f *cameraForm) { f.host.SetText("tcp://:9200?listen&allow=10.0.0.0/8") },
			app.CameraConfig{URL: "tcp://:9200?listen&allow=10.0.0.0/8"},
		},
		{
			"pasted other", kindDial, func(f *cameraForm) { f.host.SetText("http://cam/video.mjpg") },
			app.CameraConfig{URL: "http://cam/video.mjpg"},
		},
		{"test", kindTest, func(f *cameraForm) {
			f.size.SetSelected("640x360")
			f.fps.SetText("5")
		}, app.CameraConfig{URL: "test:?size=640x360&fps=5"}},
		{"other", kindOther, func(f *cameraForm) { f.raw.SetText(" rtsp://cam/1 ") }, app.CameraConfig{URL: "rtsp://cam/1"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			d := newDesk(t, theme.VariantLight)
			d.render(house(), at)
			d.addCamera()
			d.form.name.SetText(" Yard ")
			d.form.kind.SetSelected(kindNames[tt.kind])
			tt.fill(d.form)
			test.Tap(d.button("Add camera"))
			d.wantTold("add")
			tt.want.Name, tt.want.Enabled = "Yard", true
			if got := d.fake.kept; len(got) != 1 || got[0] != tt.want {
				t.Errorf("added %+v, want %+v", got, tt.want)
			}
			if d.form != nil {
				t.Error("the form is still there")
			}
		})
	}
}

func TestFormSaysWhatIsWrong(t *testing.T) {
	d := newDesk(t, theme.VariantLight)
	d.fake.wrongURL = "bad"
	d.render(house(), at)
	d.addCamera()
	f := d.form
	want := func(label, sentence string) {
		t.Helper()
		if got := wrong(f, label); got != sentence {
			t.Errorf("beside %s: %q, want %q", label, got, sentence)
		}
	}
	want("Name", "") // untouched
	f.port.SetText("70000")
	want("Port", "A port is a number from 1 to 65535.")
	f.port.SetText("9001")
	want("Port", "Port 9001 is already used by Front door. Try 9003.")
	f.port.SetText("9003")
	want("Port", "")
	f.allow.SetText("bad")
	want("Let in", "Write a network like 192.168.1.0/24.")
	test.Tap(d.button("Add camera"))
	want("Name", "Give the camera a name, such as Front door.")
	f.name.SetText("Yard")
	want("Name", "")
	f.kind.SetSelected(kindNames[kindDial])
	want("Address", "Type the camera's name or address in the network, such as 10.0.0.7.")
	f.kind.SetSelected(kindNames[kindTest])
	f.fps.SetText("many")
	want("Picture", "Type how many pictures a second, such as 15.")
	f.maxFPS.SetText("-1")
	want("At most", "Type a whole number of pictures a second, or nothing.")
	test.Tap(d.button("Add camera"))
	d.wantTold()
}

func TestFormEdits(t *testing.T) {
	d := newDesk(t, theme.VariantLight)
	s := house()
	s.Cameras[1].URL = "http://u:p@cam/v.mjpg#interval=1s"
	d.render(s, at)
	d.list.rows["garage"].menu().Items[3].Action()
	if d.form.picked() != kindOther || d.form.raw.Text != s.Cameras[1].URL {
		t.Errorf("kind %v, address %q", d.form.picked(), d.form.raw.Text)
	}
	d.form.name.SetText("Carport")
	test.Tap(d.button("Save"))
	d.wantTold("update")
	want := s.Cameras[1].CameraConfig
	want.Name = "Carport"
	if got := d.fake.kept[0]; got != want {
		t.Errorf("saved %+v, want %+v", got, want)
	}

	// An address that nobody touched stays as it was written.
	s.Cameras[3].URL = "test:?fps=15"
	d.render(s, at)
	d.list.rows["demo-1"].menu().Items[3].Action()
	test.Tap(d.button("Save"))
	d.wait()
	if got := d.fake.kept[1].URL; got != "test:?fps=15" {
		t.Errorf("saved %s", got)
	}
}

func TestFormKeepsWhatWasRefused(t *testing.T) {
	d := newDesk(t, theme.VariantLight)
	d.fake.refuse = errors.New("There is already a camera of this name.")
	d.render(house(), at)
	d.addCamera()
	d.form.name.SetText("Garage")
	test.Tap(d.button("Add camera"))
	d.wait()
	if d.form == nil || d.form.failed.text != "There is already a camera of this name." || d.form.save.Disabled() {
		t.Error("the form does not say what was refused")
	}
	test.Tap(d.button("Cancel"))
	if d.form != nil {
		t.Error("the form is still there")
	}
}

func TestFormShowsCommand(t *testing.T) {
	d := newDesk(t, theme.VariantLight)
	d.render(house(), at)
	d.addCamera()
	d.form.port.SetText("9123")
	test.Tap(d.form.copyCommand)
	want := "ffmpeg -re -f lavfi -i testsrc2=size=1280x720:rate=30 -f mjpeg tcp://localhost:9123"
	if got := d.app.Clipboard().Content(); got != want {
		t.Errorf("copied %q", got)
	}
}
