package e2e

import (
	"fmt"
	"image"
	"image/png"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
)

// screenSizes are the sizes of the window in docs/screens, in units of its own.
var screenSizes = []struct {
	name          string
	scale         string
	width, height int
}{
	{"720x480", "1", 720, 480},
	{"1280x800", "1", 1280, 800},
	{"2x", "2", 720, 480},
}

// TestWindowScreens takes a picture of every screen of the window for
// docs/screens, in each size. "make screenshots" runs it.
func TestWindowScreens(t *testing.T) {
	dir := os.Getenv("TRAYCAM_SCREENS")
	if dir == "" {
		t.Skip("TRAYCAM_SCREENS names no folder for the pictures")
	}
	for _, size := range screenSizes {
		t.Run(size.name, func(t *testing.T) {
			d := startDesktop(t, "xfce4-panel")
			d.env = append(d.env, "FYNE_SCALE="+size.scale)
			d.screens(size.name, size.width, size.height)
		})
	}
}

func (d *desktop) screens(size string, width, height int) {
	d.remember(width, height)
	first := d.runOn(8090, "")
	d.picture("first-" + size)
	d.keys("ctrl+q")
	first.mustExit()

	d.t.Cleanup(func() { os.RemoveAll("/tmp/traycam-log") })
	p := d.runOn(8090, screensConfig)
	p.playFrontDoor()
	p.await("rates to settle", func(s state) bool { return s.Cameras[0].Frames > 100 })
	d.picture("list-" + size)
	d.keys("Down", "F10")
	d.picture("menu-" + size)
	d.keys("Escape", "Delete")
	d.picture("remove-" + size)
	d.keys("Escape", "ctrl+n")
	d.picture("form-" + size)
	d.paste("http://localhost:8090/cameras/workshop/stream.mjpg")
	d.typing("Workshop")
	d.picture("form-web-" + size)
	d.keys("Escape")
	d.keys("ctrl+comma")
	d.picture("settings-" + size)
	d.keys("Escape", "ctrl+l")
	d.await("the log", func() bool { return len(d.windowsNamed("^Traycam log$")) == 1 })
	d.pictureOf(d.windowsNamed("^Traycam log$")[0], "log-"+size)
	d.xdotool("windowactivate", "--sync", d.windowsNamed("^Traycam log$")[0], "key", "Escape")
	d.click("Share on network")
	d.await("the check mark", func() bool { return d.checked("Share on network") })
	d.picture("share-" + size)
	d.click("Quit")
	p.mustExit()
}

// What people see in docs/screens: one camera that ffmpeg plays, a test picture,
// one that is not there, and one that is switched off.
const (
	threeCameras = `
[[cameras]]
id = "front-door"
name = "Front door"
url = "tcp://:9001?listen"

[[cameras]]
id = "workshop"
name = "Workshop"
url = "test:?size=640x360&fps=15"

[[cameras]]
id = "garage"
name = "Garage"
url = "tcp://127.0.0.1:8888"
`
	screensConfig = "log_folder = \"/tmp/traycam-log\"\n" + threeCameras + `
[[cameras]]
id = "garden"
name = "Garden"
url = "http://127.0.0.1:8889/video.mjpg"
enabled = false
`
)

// playFrontDoor lets ffmpeg be the first camera.
func (p *program) playFrontDoor() {
	p.t.Helper()
	p.awaitCamera("front-door", "waiting")
	start(p.t, "ffmpeg", "-v", "error", "-re", "-f", "lavfi", "-i", "gradients=size=1280x720:rate=15:c0=0x2d6a4f:c1=0xd8f3dc:c2=0x1b4332:c3=0x95d5b2:nb_colors=4:speed=0.02",
		"-f", "mjpeg", "-q:v", "4", "tcp://127.0.0.1:9001")
	p.awaitCamera("front-door", "live")
}

// remember makes the window begin with a size, as if it had been left at that.
func (d *desktop) remember(width, height int) {
	d.t.Helper()
	for _, v := range d.env {
		config, found := strings.CutPrefix(v, "XDG_CONFIG_HOME=")
		if !found {
			continue
		}
		dir := filepath.Join(config, "fyne", "io.traycam.Traycam")
		if err := os.MkdirAll(dir, 0o700); err != nil {
			d.t.Fatal(err)
		}
		size := fmt.Sprintf(`{"window.size":"%dx%d"}`, width, height)
		if err := os.WriteFile(filepath.Join(dir, "preferences.json"), []byte(size), 0o600); err != nil {
			d.t.Fatal(err)
		}
	}
	d.xdotool("mousemove", "2", "1050") // off the rows, which react to it
}

// paste puts text into the window by way of the clipboard.
func (d *desktop) paste(text string) {
	d.t.Helper()
	clip := d.command("xclip", "-selection", "clipboard")
	clip.Stdin = strings.NewReader(text)
	if err := clip.Run(); err != nil {
		d.t.Fatal(err)
	}
	d.keys("ctrl+v")
}

// picture keeps a picture of the window once it has come to rest.
func (d *desktop) picture(name string) {
	d.t.Helper()
	d.pictureOf(d.window(), name)
}

// pictureOf keeps a picture of a window that shows something else than the last
// picture did, and the same twice, but for live pictures and figures.
func (d *desktop) pictureOf(window, name string) {
	d.t.Helper()
	file := filepath.Join(os.Getenv("TRAYCAM_SCREENS"), name+".png")
	var before image.Image
	d.await(name+" to come to rest", func() bool {
		if d.command("import", "-window", window, file).Run() != nil {
			return false // it is being shown
		}
		f, err := os.Open(file)
		if err != nil {
			d.t.Fatal(err)
		}
		defer f.Close()
		now, err := png.Decode(f)
		if err != nil {
			d.t.Fatal(err)
		}
		rests := unlike(now, before) < 0.06 && unlike(now, d.pictured) > 0.06
		if before = now; rests {
			d.pictured = now
		}
		return rests
	})
}

// unlike is the part of two pictures that differs.
func unlike(a, b image.Image) float64 {
	if b == nil || a.Bounds() != b.Bounds() {
		return 1
	}
	n := 0
	for y := a.Bounds().Min.Y; y < a.Bounds().Max.Y; y += 2 {
		for x := a.Bounds().Min.X; x < a.Bounds().Max.X; x += 2 {
			if a.At(x, y) != b.At(x, y) {
				n++
			}
		}
	}
	return 4 * float64(n) / float64(a.Bounds().Dx()*a.Bounds().Dy())
}

// TestScreens takes the pictures in docs/screens from the running program: a
// camera that ffmpeg plays, a test picture, and one that is not there. "make
// screenshots" runs it.
func TestScreens(t *testing.T) {
	dir := os.Getenv("TRAYCAM_SCREENS")
	if dir == "" {
		t.Skip("TRAYCAM_SCREENS names no folder for the pictures")
	}
	d := startDesktop(t, "xfce4-panel")
	p := d.runOn(8090, threeCameras)
	p.playFrontDoor()

	b := browser(t, 1280, 860)
	b.do(chromedp.Navigate(p.url))
	b.awaitMoving("workshop")
	b.awaitMoving("front-door")
	p.await("rates to settle", func(s state) bool { return s.Cameras[0].Frames > 100 })
	p.awaitCamera("garage", "retrying")
	time.Sleep(2 * time.Second) // what the page and the window show follows the state within a second
	b.screenshot("viewer")

	d.await("the window", func() bool { return len(d.windows()) == 1 })
	d.command("xdotool", "mousemove", "2", "1050").Run() // off the rows, which react to it
	p.awaitCamera("garage", "retrying")
	if out, err := d.command("import", "-window", d.window(), filepath.Join(dir, "window.png")).CombinedOutput(); err != nil {
		t.Fatalf("screenshot: %v\n%s", err, out)
	}
}
