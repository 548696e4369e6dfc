package ui

import (
	"errors"
	"strings"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"
	"fyne.io/fyne/v2/theme"

	"traycam/app"
	"traycam/streaming/camera"
)

// paste puts text into a field as a person does.
func paste(e *entry, text string) {
	clipboard := test.NewClipboard()
	clipboard.SetContent(text)
	e.TypedShortcut(&fyne.ShortcutPaste{Clipboard: clipboard})
}

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
			"pasted host and port", kindDial, func(f *cameraForm) { paste(f.host, "10.0.0.7:8888") },
			app.CameraConfig{URL: "tcp://10.0.0.7:8888"},
		},
		{
			"typed whole", kindDial, func(f *cameraForm) { test.Type(f.host, "tcp://10.0.0.9:7777") },
			app.CameraConfig{URL: "tcp://10.0.0.9:7777"},
		},
		{
			"pasted listen", kindDial, func(f *cameraForm) { paste(f.host, "tcp://:9200?listen&allow=10.0.0.0/8") },
			app.CameraConfig{URL: "tcp://:9200?listen&allow=10.0.0.0/8"},
		},
		{
			"pasted into the name", kindListen, func(f *cameraForm) { paste(f.name, "https://eva:p%40ss@cam/video.mjpg?x=1") },
			app.CameraConfig{URL: "https://eva:p%40ss@cam/video.mjpg?x=1"},
		},
		{"web", kindWeb, func(f *cameraForm) {
			f.url.SetText("cam/video.mjpg")
			f.user.SetText("eva")
			f.password.SetText("p@ss/word")
		}, app.CameraConfig{URL: "http://eva:p%40ss%2Fword@cam/video.mjpg"}},
		{"rtsp", kindRTSP, func(f *cameraForm) { f.url.SetText(" cam/stream1 ") }, app.CameraConfig{URL: "rtsp://cam/stream1"}},
		{"webcam", kindWebcam, func(*cameraForm) {}, app.CameraConfig{URL: "webcam:"}},
		{"pasted webcam", kindListen, func(f *cameraForm) { paste(f.name, "webcam:HD 100% Webcam") }, app.CameraConfig{URL: "webcam:HD 100% Webcam"}},
		{"push", kindPush, func(f *cameraForm) { f.key.SetText("abcdefgh1") }, app.CameraConfig{URL: "push:?key=abcdefgh1"}},
		{"test", kindTest, func(f *cameraForm) {
			f.size.SetSelected("640x360")
			f.fps.SetText("5")
		}, app.CameraConfig{URL: "test:?size=640x360&fps=5"}},
		{"turned", kindPush, func(f *cameraForm) {
			f.picture.turn.SetSelected("270°")
			f.picture.mirror.SetChecked(true)
			f.picture.down.SetSelected("Keep the last picture")
		}, app.CameraConfig{URL: "push:", Rotate: 270, Mirror: true, WhenDown: app.KeepLast}},
		{"other", kindOther, func(f *cameraForm) { f.raw.SetText(" webcam:/dev/video0 ") }, app.CameraConfig{URL: "webcam:/dev/video0"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			d := newDesk(t, theme.VariantLight)
			d.render(house(), at)
			d.addCamera()
			d.form().name.SetText(" Yard ")
			d.form().kind.SetSelected(kindNames()[tt.kind])
			tt.fill(d.form())
			test.Tap(d.button("Add camera"))
			d.wantTold("add")
			tt.want.Name, tt.want.Enabled = "Yard", true
			if got := d.fake.kept; len(got) != 1 || got[0] != tt.want {
				t.Errorf("added %+v, want %+v", got, tt.want)
			}
			if d.page != nil {
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
	f := d.form()
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
	f.kind.SetSelected(kindNames()[kindDial])
	want("Address", "Type the camera's name or address in the network, such as 10.0.0.7.")
	f.kind.SetSelected(kindNames()[kindTest])
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
	d.pick("garage", "Edit…")
	f := d.form()
	if f.picked() != kindWeb || f.url.Text != "http://cam/v.mjpg#interval=1s" || f.user.Text != "u" || f.password.Text != "p" || !f.password.Password {
		t.Errorf("kind %v, address %q, user %q, password %q", f.picked(), f.url.Text, f.user.Text, f.password.Text)
	}
	d.form().name.SetText("Carport")
	test.Tap(d.button("Save"))
	d.wantTold("update")
	want := s.Cameras[1].CameraConfig
	want.Name = "Carport"
	if got := d.fake.kept[0]; got != want {
		t.Errorf("saved %+v, want %+v", got, want)
	}

	// So do the picture's options.
	s.Cameras[3].Rotate, s.Cameras[3].Mirror, s.Cameras[3].WhenDown = 180, true, app.KeepLast
	// An address that nobody touched stays as it was written.
	s.Cameras[3].URL = "test:?fps=15"
	d.render(s, at)
	d.pick("demo-1", "Edit…")
	test.Tap(d.button("Save"))
	d.wait()
	if got := d.fake.kept[1]; got != s.Cameras[3].CameraConfig || got.URL != "test:?fps=15" {
		t.Errorf("saved %+v", got)
	}
}

func TestFormKeepsWhatWasRefused(t *testing.T) {
	d := newDesk(t, theme.VariantLight)
	d.fake.refuse = errors.New("There is already a camera of this name.")
	d.render(house(), at)
	d.addCamera()
	d.form().name.SetText("Garage")
	test.Tap(d.button("Add camera"))
	d.wait()
	if d.page == nil || d.form().failed.text != "There is already a camera of this name." || d.form().save.Disabled() {
		t.Error("the form does not say what was refused")
	}
	test.Tap(d.button("Cancel"))
	if d.page != nil {
		t.Error("the form is still there")
	}
}

// The password that is in the keyring stays there, until another
// or another host is typed.
func TestFormKeepsThePasswordInTheKeyring(t *testing.T) {
	d := newDesk(t, theme.VariantLight)
	s := house()
	s.Cameras[1].URL, s.Cameras[1].Password = "http://eva@cam/v.mjpg", "keyring:garage"
	d.render(s, at)
	for _, test := range []struct {
		change func(*cameraForm)
		want   app.CameraConfig
	}{
		{func(f *cameraForm) { f.url.SetText("http://cam/other.mjpg") }, app.CameraConfig{URL: "http://eva@cam/other.mjpg", Password: "keyring:garage"}},
		{func(f *cameraForm) { f.password.SetText("new") }, app.CameraConfig{URL: "http://eva:new@cam/v.mjpg"}},
		{func(f *cameraForm) { f.user.SetText("otto") }, app.CameraConfig{URL: "http://otto@cam/v.mjpg"}},
		{func(f *cameraForm) { f.url.SetText("http://another/v.mjpg") }, app.CameraConfig{URL: "http://eva@another/v.mjpg"}},
		{func(f *cameraForm) { f.takeWhole("http://eva@cam:8080/v.mjpg") }, app.CameraConfig{URL: "http://eva@cam:8080/v.mjpg"}},
	} {
		d.pick("garage", "Edit…")
		test.change(d.form())
		d.form().submit()
		d.wait()
		if got := d.fake.kept[len(d.fake.kept)-1]; got.URL != test.want.URL || got.Password != test.want.Password {
			t.Errorf("saved %s %q, want %s %q", got.URL, got.Password, test.want.URL, test.want.Password)
		}
	}
}

func TestFormShowsCommands(t *testing.T) {
	d := newDesk(t, theme.VariantLight)
	s := house()
	s.Hosts = []string{"192.168.1.20", "10.8.0.1", "fd00::1"}
	d.render(s, at)
	d.addCamera()
	f := d.form()
	f.port.SetText("9123")
	test.Tap(d.button("Copy"))
	want := "ffmpeg -re -f lavfi -i testsrc2=size=1280x720:rate=30 -f mjpeg tcp://192.168.1.20:9123"
	if got := d.app.Clipboard().Content(); got != want {
		t.Errorf("copied %q", got)
	}
	if got := f.mine.text; got != "192.168.1.20 or 10.8.0.1, port 9123" {
		t.Errorf("to be sent to %q", got)
	}
	for _, program := range f.commands.program.Options {
		f.commands.program.SetSelected(program)
		if text := f.commands.text.Text; !strings.Contains(text, "192.168.1.20") || !strings.Contains(text, "9123") {
			t.Errorf("%s: %s", program, text)
		}
	}
	if n := len(f.commands.program.Options); n != 6 {
		t.Errorf("%d programs", n)
	}
}

// Test tries the camera for real and shows what comes, or why nothing does.
func TestFormTries(t *testing.T) {
	d := newDesk(t, theme.VariantLight)
	d.render(house(), at)
	d.addCamera()
	f := d.form()
	f.takeWhole("tcp://10.0.0.7:8888")
	test.Tap(d.button("Test"))
	if !f.trial.running() || !f.trial.box.Visible() || f.test.Text != "End test" {
		t.Fatal("no test runs")
	}
	trial := app.Trial{}
	trial.State, trial.Format, trial.Width, trial.Height, trial.FPS = camera.Live, "multipart", 1280, 720, 25
	trial.Frame = testFrame(1, 1280, 720)
	d.fake.trials <- trial
	d.fake.trials <- trial // taken once the first is on its way to the screen
	d.catchUp()
	if f.trial.word.text != "Live" || f.trial.numbers.text != "multipart · 1280×720 · 25 fps" || f.trial.picture.Image == nil {
		t.Errorf("shown: %q, %q", f.trial.word.text, f.trial.numbers.text)
	}
	trial = app.Trial{}
	trial.State, trial.Reason.Sentence = camera.Retrying, "Nobody listens there."
	d.fake.trials <- trial
	d.fake.trials <- trial
	d.catchUp()
	if f.trial.cause.text != "Nobody listens there." {
		t.Errorf("the cause is %q", f.trial.cause.text)
	}
	f.host.SetText("10.0.0.8")
	if f.trial.running() || f.trial.box.Visible() {
		t.Error("the test goes on with another address")
	}
	test.Tap(d.button("Test"))
	d.closePage()
	if f.trial.running() {
		t.Error("the test goes on without the form")
	}
	d.wait() // its goroutine ends
	if got := d.fake.kept[0].URL; got != "tcp://10.0.0.7:8888" {
		t.Errorf("tried %s", got)
	}
}

// What is pasted takes the form only where it is a whole address, and never a
// password from one host to another.
func TestPasting(t *testing.T) {
	d := newDesk(t, theme.VariantLight)
	d.render(house(), at)
	d.addCamera()
	f := d.form()
	f.kind.SetSelectedIndex(int(kindWeb))
	paste(f.password, "hunter:22")
	if f.picked() != kindWeb || f.password.Text != "hunter:22" {
		t.Errorf("a password became %+v", f.address())
	}
	paste(f.name, "Garage:2")
	paste(f.url, "192.168.1.5:8080")
	if f.picked() != kindWeb || f.name.Text != "Garage:2" || f.url.Text != "192.168.1.5:8080" {
		t.Errorf("a name and an address became %q, %+v", f.name.Text, f.address())
	}
	paste(f.url, "http://eva:secret@a/x")
	paste(f.url, "http://other.example/x")
	if got := f.address().URL(); got != "http://other.example/x" {
		t.Errorf("the address became %s", got)
	}
	f.user.SetText("otto")
	f.url.SetText("http://eva:secret@a/x") // typed
	f.url.FocusLost()
	if got := f.address(); got.url != "http://a/x" || got.user != "eva" || got.password != "secret" {
		t.Errorf("a typed address became %+v", got)
	}
	f.user.SetText("otto")
	f.url.FocusLost()
	if got := f.address(); got.user != "otto" || got.password != "secret" {
		t.Errorf("leaving the field changed the others: %+v", got)
	}
}
