package e2e

import (
	"bufio"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/godbus/dbus/v5"
)

// desktop is an X server with a window manager, a session bus and a tray host.
type desktop struct {
	t   testing.TB
	env []string
	bus *dbus.Conn

	xvfb, daemon *exec.Cmd

	pictured image.Image // the last screen that a picture was kept of
}

// startDesktop gives a desktop whose tray is the panel host, such as xfce4-panel.
func startDesktop(t testing.TB, host string) *desktop {
	t.Helper()
	d := &desktop{t: t}
	home := t.TempDir()
	for _, kept := range []string{"PATH", "TRAYCAM_BIN"} {
		d.env = append(d.env, kept+"="+os.Getenv(kept))
	}
	d.env = append(d.env, "HOME="+home, "XDG_CONFIG_HOME="+home+"/config", "XDG_CACHE_HOME="+home+"/cache", "XDG_RUNTIME_DIR="+home, "LANG=C.UTF-8", "NO_AT_BRIDGE=1")

	number, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer number.Close()
	xvfb := d.command("Xvfb", "-displayfd", "3", "-screen", "0", "1600x1100x24", "-nolisten", "tcp", "-noreset")
	xvfb.ExtraFiles = []*os.File{w}
	d.start(xvfb)
	d.xvfb = xvfb
	w.Close()
	display, err := bufio.NewReader(number).ReadString('\n')
	if err != nil {
		t.Fatalf("Xvfb does not start: %v", err)
	}
	d.env = append(d.env, "DISPLAY=:"+strings.TrimSpace(display))

	daemon := d.command("dbus-daemon", "--session", "--nofork", "--print-address=1")
	out, err := daemon.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	d.start(daemon)
	d.daemon = daemon
	address, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		t.Fatalf("dbus-daemon does not start: %v", err)
	}
	d.env = append(d.env, "DBUS_SESSION_BUS_ADDRESS="+strings.TrimSpace(address))
	if d.bus, err = dbus.Connect(strings.TrimSpace(address)); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { d.bus.Close() })
	d.start(d.command("openbox"))
	if host != "" {
		d.start(d.command(host))
	}
	return d
}

func (d *desktop) command(name string, args ...string) *exec.Cmd {
	cmd := exec.Command(need(d.t, name), args...)
	cmd.Env = d.env
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	return cmd
}

// start runs a part of the desktop until the test ends, with what it started itself.
func (d *desktop) start(cmd *exec.Cmd) {
	d.t.Helper()
	if err := cmd.Start(); err != nil {
		d.t.Fatal(err)
	}
	d.t.Cleanup(func() {
		syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL)
		cmd.Wait()
	})
}

// run starts the program with window and tray on a port of its own.
func (d *desktop) run(config string, args ...string) *program {
	d.t.Helper()
	return d.runOn(freePort(d.t), config, args...)
}

func (d *desktop) runOn(port int, config string, args ...string) *program {
	d.t.Helper()
	p := &program{t: d.t, exited: make(chan struct{}), url: fmt.Sprintf("http://localhost:%d/", port)}
	p.config = writeConfig(d.t, config)
	args = append([]string{"--port", fmt.Sprint(port), "--config", p.config}, args...)
	p.cmd = exec.Command(needProgram(d.t, "TRAYCAM_BIN"), args...)
	p.cmd.Env = d.env
	p.run()
	return p
}

// await waits for something on the desktop.
func (d *desktop) await(what string, ok func() bool) {
	d.t.Helper()
	for deadline := time.Now().Add(30 * time.Second); !ok(); time.Sleep(50 * time.Millisecond) {
		if time.Now().After(deadline) {
			d.screenshot("failed-" + d.t.Name())
			d.t.Fatal("waited for " + what)
		}
	}
}

// trayItem is the bus name of Traycam's registered tray item, empty where there is none.
func (d *desktop) trayItem() string {
	v, err := d.bus.Object("org.kde.StatusNotifierWatcher", "/StatusNotifierWatcher").GetProperty("org.kde.StatusNotifierWatcher.RegisteredStatusNotifierItems")
	if err != nil {
		return ""
	}
	items, _ := v.Value().([]string)
	for _, item := range items {
		if name, _, found := strings.Cut(item, "/"); found && strings.Contains(item, "systray") {
			return name
		}
	}
	return ""
}

// menuItem is a line of the tray's menu (com.canonical.dbusmenu, GetLayout).
type menuItem struct {
	ID         int32
	Properties map[string]dbus.Variant
	Children   []dbus.Variant
}

func (m menuItem) label() string {
	s, _ := m.Properties["label"].Value().(string)
	return strings.ReplaceAll(s, "_", "")
}

func (m menuItem) visible() bool {
	v, there := m.Properties["visible"]
	return !there || v.Value() == true
}

func (d *desktop) menuObject() dbus.BusObject {
	item := d.bus.Object(d.trayItem(), "/org/ayatana/NotificationItem/systray")
	v, err := item.GetProperty("org.kde.StatusNotifierItem.Menu")
	if err != nil {
		return nil
	}
	path, _ := v.Value().(dbus.ObjectPath)
	return d.bus.Object(item.Destination(), path)
}

// menu is what the tray's menu shows now.
func (d *desktop) menu() []menuItem {
	object := d.menuObject()
	if object == nil {
		return nil
	}
	var revision uint32
	var root menuItem
	if err := object.Call("com.canonical.dbusmenu.GetLayout", 0, int32(0), int32(-1), []string{}).Store(&revision, &root); err != nil {
		return nil
	}
	var items []menuItem
	for _, child := range root.Children {
		var item menuItem
		if dbus.Store([]any{child.Value()}, &item) == nil && item.visible() {
			items = append(items, item)
		}
	}
	return items
}

func (d *desktop) labels() (labels []string) {
	for _, item := range d.menu() {
		labels = append(labels, item.label())
	}
	return labels
}

func (d *desktop) awaitLabel(begin string) {
	d.t.Helper()
	d.await(fmt.Sprintf("%q in the tray's menu, which is %q", begin, d.labels()), func() bool {
		return slices.ContainsFunc(d.labels(), func(l string) bool { return strings.HasPrefix(l, begin) })
	})
}

// click clicks a line of the tray's menu.
func (d *desktop) click(label string) {
	d.t.Helper()
	d.awaitLabel(label)
	for _, item := range d.menu() {
		if item.label() == label {
			call := d.menuObject().Call("com.canonical.dbusmenu.Event", 0, item.ID, "clicked", dbus.MakeVariant(int32(0)), uint32(time.Now().Unix()))
			if call.Err != nil {
				d.t.Fatal(call.Err)
			}
			return
		}
	}
	d.t.Fatalf("%q is gone from the tray's menu", label)
}

// closeWindow closes the window, and gives the likeliest answer where that is asked about.
func (d *desktop) closeWindow() {
	d.t.Helper()
	d.await("the window to be gone", func() bool {
		if windows := d.windows(); len(windows) > 0 { // a key may be lost while the window manager is busy
			d.command("xdotool", "windowactivate", "--sync", windows[0], "key", "--delay", "100", "alt+F4", "Return").Run()
		}
		return len(d.windows()) == 0
	})
}

// window is Traycam's window, once it is there.
func (d *desktop) window() (id string) {
	d.t.Helper()
	d.await("the window", func() bool {
		windows := d.windows()
		if len(windows) != 1 {
			return false
		}
		id = windows[0]
		return true
	})
	return id
}

// keys presses keys in Traycam's window.
func (d *desktop) keys(keys ...string) {
	d.t.Helper()
	d.xdotool(append([]string{"windowactivate", "--sync", d.window(), "key", "--delay", "50"}, keys...)...)
}

func (d *desktop) typing(text string) {
	d.t.Helper()
	d.xdotool("type", "--delay", "30", text)
}

func (d *desktop) xdotool(args ...string) {
	d.t.Helper()
	if out, err := d.command("xdotool", args...).CombinedOutput(); err != nil {
		d.t.Fatalf("xdotool %q: %v\n%s", args, err, out)
	}
}

// windows are the visible windows with Traycam's title. An icon in an XEmbed
// tray is a small window, and xdotool does not tell traycam from Traycam.
func (d *desktop) windows() []string { return d.windowsNamed("^Traycam$") }

func (d *desktop) windowsNamed(title string) (ids []string) {
	out, _ := d.command("xdotool", "search", "--onlyvisible", "--name", title).Output()
	for _, id := range strings.Fields(string(out)) {
		geometry, _ := d.command("xdotool", "getwindowgeometry", "--shell", id).Output()
		_, rest, _ := strings.Cut(string(geometry), "WIDTH=")
		var width int
		if _, err := fmt.Sscan(rest, &width); err == nil && width > 300 {
			ids = append(ids, id)
		}
	}
	return ids
}

// screenshot takes a picture of the whole screen. It is kept in the folder that
// TRAYCAM_SCREENS names, for a person to look at.
func (d *desktop) screenshot(name string) image.Image {
	d.t.Helper()
	dir := os.Getenv("TRAYCAM_SCREENS")
	if dir == "" {
		dir = d.t.TempDir()
	}
	file := filepath.Join(dir, strings.ReplaceAll(name, "/", "-")+".png")
	if out, err := d.command("import", "-window", "root", file).CombinedOutput(); err != nil {
		d.t.Fatalf("screenshot: %v\n%s", err, out)
	}
	f, err := os.Open(file)
	if err != nil {
		d.t.Fatal(err)
	}
	defer f.Close()
	m, err := png.Decode(f)
	if err != nil {
		d.t.Fatal(err)
	}
	return m
}

// testPictures counts the test pictures on the screen by their colour bars:
// rows of magenta of some length.
func testPictures(m image.Image) int {
	found, last := 0, -100
	for y := m.Bounds().Min.Y; y < m.Bounds().Max.Y; y++ {
		run := 0
		for x := m.Bounds().Min.X; x < m.Bounds().Max.X; x++ {
			c := color.RGBAModel.Convert(m.At(x, y)).(color.RGBA)
			if c.R > 170 && c.G < 40 && c.B > 170 {
				run++
			}
		}
		if run >= 10 {
			if y > last+10 {
				found++
			}
			last = y
		}
	}
	return found
}

// The window lists the cameras with their pictures; the tray's menu stops the
// streams, starts them again, brings the window back, and quits.
func TestWindowAndTray(t *testing.T) {
	needProgram(t, "TRAYCAM_BIN")
	d := startDesktop(t, "xfce4-panel")
	p := d.run(twoCameras)
	p.awaitCamera("garden", "live")
	d.await("the window", func() bool { return len(d.windows()) == 1 })
	d.await("the tray's icon", func() bool { return d.trayItem() != "" })
	d.await("two live pictures in the window", func() bool { return testPictures(d.screenshot("window")) == 2 })
	d.awaitLabel("Streaming · 2 cameras · 0 viewers")
	d.awaitLabel("Garden")

	d.click("Stop streaming")
	p.await("stopped", func(s state) bool { return !s.Streaming })
	if _, err := p.watch("garden"); err == nil || !strings.Contains(err.Error(), "503") {
		t.Errorf("a stream while stopped: %v", err)
	}
	d.awaitLabel("Stopped · 2 cameras")
	d.click("Start streaming")
	p.awaitCamera("garden", "live")
	view, err := p.watch("garden")
	if err != nil {
		t.Fatal(err)
	}
	defer view.body.Close()
	if _, err := view.next(nil); err != nil {
		t.Fatal(err)
	}
	d.awaitLabel("Streaming · 2 cameras · 1 viewer")

	// Closing the window leaves the tray and the streams.
	// The first time it says so, and closes when that is read.
	d.closeWindow()
	if _, err := view.next(nil); err != nil {
		t.Errorf("the stream ended with the window: %v", err)
	}
	// A second start brings the window back, and ends.
	again := exec.Command(p.cmd.Path, p.cmd.Args[1:]...)
	again.Env = d.env
	if out, err := again.CombinedOutput(); err != nil {
		t.Errorf("a second start: %v\n%s", err, out)
	}
	d.await("the window to be back", func() bool { return len(d.windows()) == 1 })

	d.click("Quit")
	p.mustExit()
	d.await("the icon to be gone", func() bool { return d.trayItem() == "" })
	if out, _ := exec.Command("pgrep", "-P", fmt.Sprint(p.cmd.Process.Pid)).Output(); len(out) > 0 {
		t.Errorf("left behind: %s", out)
	}
}

// What the README says: add a camera that connects, point ffmpeg at it, and it
// is live and saved. On a desktop without a tray closing the window asks, and
// starting Traycam again brings it back.
func TestPersonAddsACamera(t *testing.T) {
	needProgram(t, "TRAYCAM_BIN")
	d := startDesktop(t, "")
	p := d.run("")
	d.await("the window", func() bool { return len(d.windows()) == 1 })
	d.keys("ctrl+n")
	port := fmt.Sprint(freePort(t))
	d.await("the camera", func() bool { // the form takes keys once it is painted
		d.typing("Front door")
		d.keys("Tab", "Tab", "ctrl+a")
		d.typing(port)
		d.keys("Return")
		for began := time.Now(); time.Since(began) < 5*time.Second; time.Sleep(50 * time.Millisecond) {
			if s, err := p.state(); err == nil && len(s.Cameras) == 1 {
				return true
			}
		}
		return false
	})
	p.awaitCamera("front-door", "waiting")
	start(t, "ffmpeg", "-v", "error", "-re", "-f", "lavfi", "-i", "testsrc2=size=1280x720:rate=30", "-f", "mjpeg", "tcp://127.0.0.1:"+port)
	p.awaitCamera("front-door", "live")
	config, err := os.ReadFile(p.config)
	if err != nil || !strings.Contains(string(config), `url = "tcp://:`+port+`?listen"`) {
		t.Errorf("%v, the config is\n%s", err, config)
	}

	d.closeWindow() // and keep streaming
	p.awaitCamera("front-door", "live")
	again := exec.Command(p.cmd.Path, p.cmd.Args[1:]...)
	again.Env = d.env
	if out, err := again.CombinedOutput(); err != nil {
		t.Errorf("a second start: %v\n%s", err, out)
	}
	d.await("the window to be back", func() bool { return len(d.windows()) == 1 })
}

// A tray of the old kind (XEmbed) takes the icon too, so no window is shown.
func TestXEmbedTray(t *testing.T) {
	needProgram(t, "TRAYCAM_BIN")
	if _, err := exec.LookPath("trayer"); err != nil {
		t.Skip("trayer is missing; Debian has it")
	}
	d := startDesktop(t, "")
	d.start(d.command("trayer", "--edge", "top", "--align", "left", "--widthtype", "pixel", "--width", "100", "--height", "40"))
	p := d.run(twoCameras, "--hidden")
	p.awaitCamera("garden", "live")
	d.await("the icon", func() bool {
		m, teal := d.screenshot("xembed"), 0
		for y := range 40 {
			for x := range 100 {
				c := color.RGBAModel.Convert(m.At(x, y)).(color.RGBA)
				if c.R < 60 && c.G > 110 && c.B > 90 {
					teal++
				}
			}
		}
		return teal > 40
	})
	if windows := d.windows(); len(windows) != 0 {
		t.Errorf("%d windows at a hidden start", len(windows))
	}
}

// --hidden shows the tray alone; where there is no tray, the window.
func TestHiddenStart(t *testing.T) {
	needProgram(t, "TRAYCAM_BIN")
	d := startDesktop(t, "xfce4-panel")
	p := d.run(twoCameras, "--hidden")
	d.await("the tray's icon", func() bool { return d.trayItem() != "" })
	p.awaitCamera("garden", "live")
	if windows := d.windows(); len(windows) != 0 {
		t.Errorf("%d windows at a hidden start", len(windows))
	}
	d.click("Show window")
	d.await("the window", func() bool { return len(d.windows()) == 1 })
	p.cmd.Process.Signal(syscall.SIGTERM)
	p.mustExit()

	bare := startDesktop(t, "")
	bare.run(twoCameras, "--hidden")
	bare.await("the window where there is no tray", func() bool { return len(bare.windows()) == 1 })
}

// Who wants larger text on the desktop has it here, too.
func TestTextScalesWithTheDesktop(t *testing.T) {
	needProgram(t, "TRAYCAM_BIN")
	d := startDesktop(t, "")
	resources := d.command("xrdb", "-merge")
	resources.Stdin = strings.NewReader("Xft.dpi: 144\n")
	if out, err := resources.CombinedOutput(); err != nil {
		t.Fatalf("xrdb: %v\n%s", err, out)
	}
	d.run(twoCameras)
	d.await("a window of 1080×720", func() bool {
		windows := d.windows()
		if len(windows) == 0 {
			return false
		}
		geometry, _ := d.command("xdotool", "getwindowgeometry", "--shell", windows[0]).Output()
		return strings.Contains(string(geometry), "WIDTH=1080\nHEIGHT=720")
	})
}

// Without a session bus and without a tray the window still works.
func TestNoSessionBus(t *testing.T) {
	needProgram(t, "TRAYCAM_BIN")
	d := startDesktop(t, "")
	d.env = append(d.env, "DBUS_SESSION_BUS_ADDRESS=unix:path=/nonexistent")
	p := d.run(twoCameras)
	p.awaitCamera("garden", "live")
	d.await("the window", func() bool { return len(d.windows()) == 1 })
	p.cmd.Process.Signal(syscall.SIGTERM)
	p.mustExit()
	for line := range strings.Lines(p.log()) {
		if !strings.HasPrefix(line, "time=") {
			t.Errorf("noise on standard error: %s", line)
		}
	}
}

// A config that cannot be read is said in a window, and nothing is changed.
func TestUnreadableConfigIsSaid(t *testing.T) {
	program := needProgram(t, "TRAYCAM_BIN")
	d := startDesktop(t, "")
	config := writeConfig(t, "port = \n")
	cmd := exec.Command(program, "--config", config)
	cmd.Env = d.env
	d.start(cmd)
	d.await("the window", func() bool { return len(d.windows()) == 1 })
	d.await("the end", func() bool {
		windows := d.windows()
		if len(windows) > 0 {
			d.command("xdotool", "windowactivate", "--sync", windows[0], "key", "Return").Run()
		}
		return len(windows) == 0
	})
	if b, err := os.ReadFile(config); err != nil || string(b) != "port = \n" {
		t.Errorf("the config is now %q, %v", b, err)
	}
}

// Without a display the program says so in one line.
func TestNoDisplay(t *testing.T) {
	cmd := exec.Command(needProgram(t, "TRAYCAM_BIN"), "--port", "0", "--config", writeConfig(t, ""), "--log-level", "error")
	cmd.Env = []string{"HOME=" + t.TempDir()}
	out, err := cmd.CombinedOutput()
	if err == nil || cmd.ProcessState.ExitCode() != 1 || !strings.Contains(string(out), "--headless") || strings.Count(string(out), "\n") != 1 {
		t.Errorf("status %d:\n%s", cmd.ProcessState.ExitCode(), out)
	}
}
