package e2e

import (
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/godbus/dbus/v5"

	"traycam/faults"
)

// recordBrowser puts a program in the place of the person's browser that writes
// down what it is asked to open.
func (d *desktop) recordBrowser() (opened func() string) {
	d.t.Helper()
	dir := d.t.TempDir()
	file := filepath.Join(dir, "opened")
	script := "#!/bin/sh\necho \"$1\" > " + file + ".new && mv " + file + ".new " + file + "\n"
	if err := os.WriteFile(filepath.Join(dir, "xdg-open"), []byte(script), 0o700); err != nil {
		d.t.Fatal(err)
	}
	for i, v := range d.env {
		if path, found := strings.CutPrefix(v, "PATH="); found {
			d.env[i] = "PATH=" + dir + ":" + path
		}
	}
	return func() string {
		b, _ := os.ReadFile(file)
		return strings.TrimSpace(string(b))
	}
}

func (d *desktop) clipboard() string {
	out, _ := d.command("xclip", "-selection", "clipboard", "-o").Output()
	return string(out)
}

// checked tells whether a line of the tray's menu has a check mark.
func (d *desktop) checked(label string) bool {
	for _, item := range d.menu() {
		if item.label() == label {
			v, there := item.Properties["toggle-state"]
			return there && v.Value() == int32(1)
		}
	}
	return false
}

// Every line of the tray's menu does what it says.
func TestEveryTrayItem(t *testing.T) {
	needProgram(t, "TRAYCAM_BIN")
	d := startDesktop(t, "xfce4-panel")
	opened := d.recordBrowser()
	p := d.run(twoCameras, "--hidden")
	p.awaitCamera("garden", "live")
	d.await("the tray's icon", func() bool { return d.trayItem() != "" })

	d.click("Open viewer")
	d.await("the viewer in the browser", func() bool { return opened() == p.url })
	d.awaitLabel("Garden")
	d.click(d.labelFrom("Garden"))
	d.await("the camera in the browser", func() bool { return opened() == p.url+"cameras/garden" })

	d.click("Stop streaming")
	p.await("stopped", func(s state) bool { return !s.Streaming })
	d.click("Start streaming")
	p.awaitCamera("garden", "live")

	d.click("Show window")
	d.await("the window", func() bool { return len(d.windows()) == 1 })
	d.click("Copy link")
	d.await("the link on the clipboard", func() bool { return d.clipboard() == p.url })

	// Shared, the link is one for others, and the camera can be seen by it.
	own := ownAddress(t)
	if d.checked("Share on network") {
		t.Error("shared from the start")
	}
	d.click("Share on network")
	d.await("the check mark", func() bool { return d.checked("Share on network") })
	d.await("a link for others on the clipboard", func() bool {
		d.click("Copy link")
		return strings.Contains(d.clipboard(), "/v/")
	})
	link := d.clipboard()
	if !strings.Contains(link, own) {
		t.Errorf("the link is %s, this computer is %s", link, own)
	}
	answer := func() int {
		response, err := http.Get(link + "cameras/garden/snapshot.jpg")
		if err != nil {
			return 0
		}
		response.Body.Close()
		return response.StatusCode
	}
	d.await("the camera by the link", func() bool { return answer() == http.StatusOK })
	d.click("Share on network")
	d.await("the end of sharing", func() bool { return answer() == 0 && !d.checked("Share on network") })

	d.click("Quit")
	p.mustExit()
	d.await("the icon to be gone", func() bool { return d.trayItem() == "" })
}

// labelFrom is the line of the tray's menu that begins so.
func (d *desktop) labelFrom(begin string) string {
	d.t.Helper()
	labels := d.labels()
	at := slices.IndexFunc(labels, func(l string) bool { return strings.HasPrefix(l, begin) })
	if at < 0 {
		d.t.Fatalf("no line of the menu begins with %q: %q", begin, labels)
	}
	return labels[at]
}

// Started and ended twenty times, in every way that there is, it ends well and
// leaves nothing behind.
func TestTwentyStartsAndEnds(t *testing.T) {
	if testing.Short() {
		t.Skip("takes a minute")
	}
	needProgram(t, "TRAYCAM_BIN")
	d := startDesktop(t, "xfce4-panel")
	port := freePort(t)
	ends := []func(p *program){
		func(*program) { d.click("Quit") },
		func(*program) { d.keys("ctrl+q") },
		func(p *program) { p.cmd.Process.Signal(syscall.SIGTERM) },
		func(p *program) { p.cmd.Process.Signal(os.Interrupt) },
	}
	for n := range 20 {
		p := d.runOn(port, twoCameras)
		d.await("the window", func() bool { return len(d.windows()) == 1 })
		d.await("the tray's icon", func() bool { return d.trayItem() != "" })
		ends[n%len(ends)](p)
		p.mustExit()
		for line := range strings.Lines(p.log()) {
			if !strings.HasPrefix(line, "time=") {
				t.Errorf("start %d, noise on standard error: %s", n+1, line)
			}
		}
		d.await("the icon to be gone", func() bool { return d.trayItem() == "" })
	}
	out, _ := exec.Command("pgrep", "-f", os.Getenv("TRAYCAM_BIN")+" --port "+fmt.Sprint(port)).Output()
	if len(out) > 0 {
		t.Errorf("left behind: %s", out)
	}
}

// The tray's host may come late, or go and come again.
func TestFaultTrayHostIsStartedAgain(t *testing.T) {
	needProgram(t, "TRAYCAM_BIN")
	d := startDesktop(t, "")
	p := d.run(twoCameras)
	p.awaitCamera("garden", "live")
	for range 2 {
		panel := d.command("xfce4-panel")
		d.start(panel)
		d.await("the icon", func() bool { return d.trayItem() != "" })
		d.awaitLabel("Streaming · 2 cameras")
		syscall.Kill(-panel.Process.Pid, syscall.SIGKILL)
		d.await("the host to be gone", func() bool { return d.trayItem() == "" })
	}
	p.awaitCamera("garden", "live")
	faults.Held(t, "the tray's host is started again", "2 times: the icon was back, with its menu")
}

// notifications is a notification daemon (Desktop Notifications Specification 1.2).
type notifications struct{ got chan [2]string }

func (n *notifications) Notify(_ string, _ uint32, _, title, text string, _ []string, _ map[string]dbus.Variant, _ int32) (uint32, *dbus.Error) {
	n.got <- [2]string{title, text}
	return 1, nil
}

// Who wants to know is told when somebody begins to watch.
func TestNotificationOfTheFirstViewer(t *testing.T) {
	needProgram(t, "TRAYCAM_BIN")
	d := startDesktop(t, "")
	n := &notifications{got: make(chan [2]string, 10)}
	if err := d.bus.Export(n, "/org/freedesktop/Notifications", "org.freedesktop.Notifications"); err != nil {
		t.Fatal(err)
	}
	if _, err := d.bus.RequestName("org.freedesktop.Notifications", dbus.NameFlagDoNotQueue); err != nil {
		t.Fatal(err)
	}
	p := d.run("[notify]\nfirst_viewer = true\n" + twoCameras)
	d.await("the window", func() bool { return len(d.windows()) == 1 })
	p.awaitCamera("garden", "live")
	view, err := p.watch("garden")
	if err != nil {
		t.Fatal(err)
	}
	defer view.body.Close()
	select {
	case got := <-n.got:
		if got != [2]string{"Somebody is watching", "Garden"} {
			t.Errorf("told %q", got)
		}
	case <-time.After(20 * time.Second):
		t.Error("nothing was told")
	}
}

// In another language the window and the tray are in it.
func TestGerman(t *testing.T) {
	needProgram(t, "TRAYCAM_BIN")
	d := startDesktop(t, "xfce4-panel")
	d.env = append(d.env, "LANG=de_DE.UTF-8", "LANGUAGE=de", "LC_ALL=de_DE.UTF-8")
	p := d.run(twoCameras)
	p.awaitCamera("garden", "live")
	d.await("the tray's icon", func() bool { return d.trayItem() != "" })
	d.awaitLabel("Beenden")
	d.await("the window", func() bool { return len(d.windows()) == 1 })
	d.screenshot("german")
}

// SIGTERM, as at logging out, ends it with the log open, too.
func TestEndsWithTheLogOpen(t *testing.T) {
	needProgram(t, "TRAYCAM_BIN")
	d := startDesktop(t, "")
	p := d.run(twoCameras)
	p.awaitCamera("garden", "live")
	d.keys("ctrl+l")
	d.await("the log", func() bool { return len(d.windowsNamed("^Traycam log$")) == 1 })
	p.cmd.Process.Signal(syscall.SIGTERM)
	p.mustExit()
}
