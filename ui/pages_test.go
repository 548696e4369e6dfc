package ui

import (
	"errors"
	"log/slog"
	"slices"
	"strings"
	"testing"
	"time"

	"fyne.io/fyne/v2/test"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"traycam/app"
	"traycam/streaming/camera"
)

func (d *desk) settingsPage() *settingsPage {
	d.t.Helper()
	s := house()
	s.Settings = app.Settings{Port: 8090, StreamAtStart: true, Theme: "light", NotifyProblems: true}
	d.render(s, at)
	d.openSettings()
	d.wait()
	return d.page.(*settingsPage)
}

func TestSettingsTakeEffectAtOnce(t *testing.T) {
	d := newDesk(t, theme.VariantLight)
	p := d.settingsPage()
	want := p.settings
	p.atStart.SetChecked(false)
	want.StreamAtStart = false
	d.wantTold("configure")
	p.look.SetSelectedIndex(2)
	d.wait()
	want.Theme = "dark"
	p.hidden.SetChecked(true)
	d.wait()
	want.StartHidden = true
	p.tellViewer.SetChecked(true)
	d.wait()
	want.NotifyFirstViewer = true
	p.tellProblems.SetChecked(false)
	d.wait()
	want.NotifyProblems = false
	d.wait()
	p.viewers.SetText("12")
	want.MaxViewers = 12
	d.wait()
	if d.fake.settings != want {
		t.Errorf("configured %+v, want %+v", d.fake.settings, want)
	}
	p.viewers.SetText("many")
	if p.viewersNote.text == "" {
		t.Error("nothing is said about a wrong number")
	}
	p.atLogin.SetChecked(true)
	d.wait()
	if told := d.told(); told[len(told)-1] != "at login true" || !p.atLogin.Checked {
		t.Errorf("told %q, checked %v", told, p.atLogin.Checked)
	}
}

// A port in use is said before it is saved, and not saved.
func TestSettingsPort(t *testing.T) {
	d := newDesk(t, theme.VariantLight)
	p := d.settingsPage()
	p.port.SetText("9999")
	d.wait()
	if !strings.Contains(p.portNote.text, "9999 is already used") || p.portNote.color != theme.ColorNameError {
		t.Errorf("the note is %q", p.portNote.text)
	}
	d.wantTold()
	p.port.SetText("99999")
	if !strings.Contains(p.portNote.text, "1 to 65535") {
		t.Errorf("the note is %q", p.portNote.text)
	}
	p.port.SetText("9100")
	d.wait()
	if p.portNote.color == theme.ColorNameError {
		t.Errorf("the note is %q", p.portNote.text)
	}
	p.applyPort()
	d.wait()
	d.wantTold("configure")
	if d.fake.settings.Port != 9100 {
		t.Errorf("the port is %d", d.fake.settings.Port)
	}
	s2 := d.snapshot
	s2.Settings.Port, s2.ViewerURL = 9100, "http://localhost:9100/"
	d.render(s2, at)
	d.wait()
	if p.portNote.text != "Viewers open http://localhost:9100" {
		t.Errorf("the note is %q", p.portNote.text)
	}
}

func TestRefusedSettingIsTakenBack(t *testing.T) {
	d := newDesk(t, theme.VariantLight)
	p := d.settingsPage()
	d.fake.refuse = errors.New("the disk is full")
	p.atStart.SetChecked(false)
	d.wait()
	if !p.atStart.Checked || p.problem.text != "The disk is full." {
		t.Errorf("checked %v, %q", p.atStart.Checked, p.problem.text)
	}
}

func TestShare(t *testing.T) {
	d := newDesk(t, theme.VariantLight)
	s := house()
	s.Share.Mode = "off"
	d.render(s, at)
	d.openShare()
	p := d.page.(*sharePage)
	if p.body.Visible() {
		t.Error("a link while nothing is shared")
	}
	p.who.SetSelected("People with the link")
	d.wantTold("share link")
	s.Share.Mode = "link"
	s.Share.Addresses = []app.Address{{URL: "http://192.168.1.20:8090/v/secret/"}, {URL: "http://10.8.0.2:8090/v/secret/", Interface: "tun0"}}
	d.render(s, at)
	if !p.body.Visible() || p.link.Text != "http://192.168.1.20:8090/v/secret/" || d.shared.text != "Shared by link" {
		t.Errorf("the link is %q, the foot says %q", p.link.Text, d.shared.text)
	}
	test.Tap(d.button("Copy"))
	if got := d.app.Clipboard().Content(); got != p.link.Text {
		t.Errorf("copied %q", got)
	}
	// Where the link is no good, a new one can be made.
	bad := s
	bad.Share.Addresses, bad.Share.Reason = nil, errors.New("the link is no good. Make a new link")
	d.render(bad, at)
	test.Tap(d.button("New link…"))
	test.Tap(d.button("Make a new link"))
	d.wantTold("share link", "new link")
	d.render(s, at)
	d.closePage()

	// What is copied elsewhere is what others can use, too.
	d.pick("garage", "Copy stream link")
	if got := d.app.Clipboard().Content(); got != "http://192.168.1.20:8090/v/secret/cameras/garage/stream.mjpg" {
		t.Errorf("copied %q", got)
	}
	d.toggleSharing()
	d.wantTold("share link", "new link", "share off")
}

func TestQRCode(t *testing.T) {
	m := codeImage("http://192.168.1.20:8090/v/k3jx5q7mzv2n4p6r8s9t0w1y3a/cameras/front-door")
	if m == nil || m.Bounds().Dx() < 21+2*quietZone {
		t.Fatal("no code")
	}
	if codeImage(strings.Repeat("x", 5000)) != nil {
		t.Error("a code of more than any code can hold")
	}
}

func TestLogWindow(t *testing.T) {
	d := newDesk(t, theme.VariantLight)
	log := slog.New(d.fake.book.Handler(slog.DiscardHandler))
	log.Info("camera is live", "camera", "garage")
	log.Warn("something is odd", "camera", "garden")
	log.Error("something broke")
	d.render(house(), at)
	d.openLog()
	l := d.logs
	want := func(n int) {
		t.Helper()
		l.fill()
		if len(l.lines) != n {
			t.Errorf("%d lines, want %d", len(l.lines), n)
		}
	}
	want(3)
	l.level.SetSelectedIndex(1)
	want(2)
	l.camera.SetSelected("Garden")
	want(1)
	l.level.SetSelectedIndex(2)
	want(0)
	if l.empty.text == "" {
		t.Error("nothing says that there is nothing")
	}
	l.level.SetSelectedIndex(0)
	l.camera.SetSelectedIndex(0)
	l.copyAll()
	if got := d.app.Clipboard().Content(); strings.Count(got, "\n") != 3 || !strings.Contains(got, "something broke") {
		t.Errorf("copied %q", got)
	}
	l.win.Close()
	d.wait() // whoever watched the log has gone
	if d.logs != nil {
		t.Error("the window is still there")
	}
}

func TestNotifications(t *testing.T) {
	var sent []string
	n := newNotifier(func(title, text string) { sent = append(sent, title+": "+text) })
	now := at
	see := func(after time.Duration, s app.Snapshot) {
		now = now.Add(after)
		n.see(s, now)
	}
	want := func(texts ...string) {
		t.Helper()
		if strings.Join(sent, "|") != strings.Join(texts, "|") {
			t.Errorf("sent %q, want %q", sent, texts)
		}
		sent = nil
	}
	s := house()
	s.Viewers = 0
	s.Settings = app.Settings{NotifyProblems: true}
	s.Cameras = s.Cameras[:1]
	s.Cameras[0].Viewers, s.Cameras[0].Frames = 0, 100
	see(0, s)
	s.Viewers, s.Cameras[0].Viewers = 1, 1
	see(time.Second, s)
	want() // off by default
	s.Viewers = 0
	see(time.Second, s)
	s.Settings.NotifyFirstViewer = true
	s.Viewers = 2
	see(time.Second, s)
	s.Viewers = 3
	see(time.Second, s)
	want("Somebody is watching: Front door")

	down := s
	down.Cameras = []app.Camera{s.Cameras[0]}
	down.Cameras[0].State, down.Cameras[0].Reason.Sentence = camera.Retrying, "It went away."
	see(time.Second, down)
	see(29*time.Second, down)
	want()
	see(2*time.Second, down)
	see(time.Minute, down)
	want("Front door is down: It went away.")
	see(time.Second, s)
	want("Front door is back: The camera sends pictures again.")
	see(time.Second, down)
	see(20*time.Second, s) // back before anybody was told
	see(time.Second, down)
	see(20*time.Second, s)
	want()

	failed := s
	failed.Streaming, failed.Reason = app.Failed, errors.New("the port is gone")
	see(time.Second, failed)
	see(time.Second, failed)
	want("Traycam does not stream: The port is gone.")
	s.Settings.NotifyProblems = false
	down.Settings, failed.Settings = s.Settings, s.Settings
	see(time.Second, s)
	see(time.Second, failed)
	see(time.Second, down)
	see(time.Hour, down)
	want()
}

func TestLinksOfTheirOwn(t *testing.T) {
	d := newDesk(t, theme.VariantLight)
	s := house()
	s.Share.Mode = "link"
	s.Share.Addresses = []app.Address{{URL: "http://192.168.1.20:8090/v/secret/"}}
	s.Share.Links = []app.LinkStatus{{
		Link: app.Link{Token: "abc", Name: "Grandma", Cameras: []string{"garden"}, Expires: at.Add(time.Hour)},
		URL:  "http://192.168.1.20:8090/v/abc/", Viewers: 1,
	}}
	d.render(s, at)
	d.openShare()
	p := d.page.(*sharePage)
	if got, want := linkWords(s.Share.Links[0], map[string]string{"garden": "Garden"}), "Grandma · Garden · until "+at.Add(time.Hour).Local().Format("2006-01-02 15:04")+" · 1 viewer"; got != want {
		t.Errorf("the link is told as %q, want %q", got, want)
	}
	test.Tap(d.button("Link for somebody…"))
	test.Type(d.win.Canvas().Focused(), "Otto")
	test.Tap(d.button("Make the link"))
	d.wantTold(`add link Otto []`)
	p.own.remove(s.Share.Links[0].Link)
	test.Tap(d.button("Take it back"))
	d.wantTold(`add link Otto []`, "remove link abc")
	p.byName.SetChecked(true)
	d.wantTold(`add link Otto []`, "remove link abc", "share by name true")
}

// The way to a newer version is a page in the browser, where it is known which.
func TestNewerVersion(t *testing.T) {
	d := newDesk(t, theme.VariantLight)
	s := house()
	d.render(s, at)
	d.openSettings()
	d.wait()
	if slices.ContainsFunc(buttons(d.screen()), func(b *widget.Button) bool { return b.Text == "Look for a newer version" }) {
		t.Error("nobody said where, and there is a button")
	}
	d.closePage()
	s.Home = "https://example.org/traycam"
	d.render(s, at)
	d.openSettings()
	d.wait()
	test.Tap(d.button("Look for a newer version"))
	if got := <-d.opened; got != "https://example.org/traycam/releases/latest" {
		t.Errorf("opened %s", got)
	}
}
