package e2e

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
)

// TestScreens takes the pictures in docs/screens from the running program: a
// camera that ffmpeg plays, a test picture, and one that is not there. "make
// screenshots" runs it.
func TestScreens(t *testing.T) {
	dir := os.Getenv("TRAYCAM_SCREENS")
	if dir == "" {
		t.Skip("TRAYCAM_SCREENS names no folder for the pictures")
	}
	const port = 9001 // and 8090: what people will see
	config := fmt.Sprintf(`
[[cameras]]
id = "front-door"
name = "Front door"
url = "tcp://:%d?listen"

[[cameras]]
id = "workshop"
name = "Workshop"
url = "test:?size=640x360&fps=15"

[[cameras]]
id = "garage"
name = "Garage"
url = "tcp://127.0.0.1:8888"
`, port)
	d := startDesktop(t, "xfce4-panel")
	p := d.runOn(8090, config)
	p.awaitCamera("front-door", "waiting")
	start(t, "ffmpeg", "-v", "error", "-re", "-f", "lavfi", "-i", "gradients=size=1280x720:rate=15:c0=0x2d6a4f:c1=0xd8f3dc:c2=0x1b4332:c3=0x95d5b2:nb_colors=4:speed=0.02",
		"-f", "mjpeg", "-q:v", "4", fmt.Sprintf("tcp://127.0.0.1:%d", port))
	p.awaitCamera("front-door", "live")

	b := browser(t, 1280, 860)
	b.do(chromedp.Navigate(p.url))
	b.awaitMoving("workshop")
	b.awaitMoving("front-door")
	p.await("rates to settle", func(s state) bool { return s.Cameras[0].Frames > 100 })
	p.awaitCamera("garage", "retrying")
	time.Sleep(2 * time.Second) // what the page and the window show follows the state within a second
	b.screenshot("viewer")

	d.await("the window", func() bool { return len(d.windows()) == 1 })
	d.command("xdotool", "mousemove", "1270", "790").Run() // off the rows, which react to it
	p.awaitCamera("garage", "retrying")
	if out, err := d.command("import", "-window", d.windows()[0], filepath.Join(dir, "window.png")).CombinedOutput(); err != nil {
		t.Fatalf("screenshot: %v\n%s", err, out)
	}
}
