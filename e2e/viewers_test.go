package e2e

import (
	"bytes"
	"context"
	"fmt"
	"image/jpeg"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
)

const twoCameras = `
[[cameras]]
id = "garden"
name = "Garden"
url = "test:?size=640x360&fps=15"

[[cameras]]
id = "workshop"
name = "Workshop"
url = "test:?size=320x240&fps=10"
`

func TestProgramsWatch(t *testing.T) {
	p := startHeadless(t, twoCameras)
	p.awaitCamera("garden", "live")
	stream := p.url + "cameras/garden/stream.mjpg"

	t.Run("ffmpeg", func(t *testing.T) {
		out := output(t, "ffmpeg", "-v", "info", "-nostdin", "-f", "mpjpeg", "-i", stream, "-frames:v", "20", "-f", "null", "-")
		if !strings.Contains(out, "640x360") || !strings.Contains(out, "frame=   20") {
			t.Errorf("ffmpeg says\n%s", out)
		}
	})
	t.Run("curl", func(t *testing.T) {
		file := filepath.Join(t.TempDir(), "snapshot.jpg")
		output(t, "curl", "-sf", "-o", file, p.url+"snapshot.jpg")
		b, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if c, err := jpeg.DecodeConfig(bytes.NewReader(b)); err != nil || c.Width != 640 {
			t.Errorf("the snapshot is %d bytes, %v", len(b), err)
		}
		head := output(t, "curl", "-sfI", stream)
		if !strings.Contains(head, "Content-Type: multipart/x-mixed-replace;boundary=frame") {
			t.Errorf("the stream's headers are\n%s", head)
		}
	})
	t.Run("GStreamer", func(t *testing.T) {
		dir := t.TempDir()
		output(t, "gst-launch-1.0", "-q", "souphttpsrc", "location="+stream, "!", "multipartdemux", "!", "jpegdec", "!",
			"videoconvert", "!", "pngenc", "!", "identity", "eos-after=6", "!", "multifilesink", "location="+dir+"/%d.png")
		if pictures, _ := filepath.Glob(dir + "/*.png"); len(pictures) < 5 {
			t.Errorf("GStreamer decoded %d pictures", len(pictures))
		}
	})
	p.await("nobody to watch", func(s state) bool { return s.Viewers == 0 })
}

// tab is a page in headless Chromium.
type tab struct {
	t   testing.TB
	ctx context.Context
}

// browser opens Chromium. What a page writes to its console as an error fails the test.
func browser(t testing.TB, width, height int) *tab {
	t.Helper()
	options := append(chromedp.DefaultExecAllocatorOptions[:],
		chromedp.ExecPath(chromium(t)), chromedp.NoSandbox, chromedp.WindowSize(width, height),
		chromedp.Flag("disable-component-update", true), chromedp.Flag("disable-quic", true))
	ctx, cancel := chromedp.NewExecAllocator(t.Context(), options...)
	t.Cleanup(cancel)
	ctx, cancel = chromedp.NewContext(ctx)
	t.Cleanup(cancel)
	ctx, cancel = context.WithTimeout(ctx, 2*time.Minute)
	t.Cleanup(cancel)
	console := chromedp.Console(ctx)
	b := &tab{t, ctx}
	b.do(chromedp.Navigate("about:blank"))
	read := make(chan struct{})
	go func() {
		defer close(read)
		for m, err := range console {
			// Requests that fail while the server is gone are what the page is about.
			if err == nil && (m.IsException() || m.Type == "error") && m.Source != "network" {
				t.Errorf("the page's console: %v", m)
			}
		}
	}()
	t.Cleanup(func() { cancel(); <-read })
	return b
}

// chromium is the browser under any of its names.
func chromium(t testing.TB) string {
	t.Helper()
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome"} {
		if path, err := exec.LookPath(name); err == nil {
			return path
		}
	}
	t.Fatal("Chromium is missing; \"make deps\" installs it")
	return ""
}

func (b *tab) do(actions ...chromedp.Action[chromedp.Void]) {
	b.t.Helper()
	if err := chromedp.Do(b.ctx, actions...); err != nil {
		b.t.Fatal(err)
	}
}

// await waits until a JavaScript expression is true.
func (b *tab) await(expression string) {
	b.t.Helper()
	for deadline := time.Now().Add(30 * time.Second); ; time.Sleep(50 * time.Millisecond) {
		// An error may be that of a page which is just being left.
		done, err := chromedp.Run(b.ctx, chromedp.Evaluate[bool](expression))
		if err == nil && done {
			return
		}
		if time.Now().After(deadline) {
			b.t.Fatalf("waited for %s: %v", expression, err)
		}
	}
}

// awaitState waits for a camera's tile to tell a state.
func (b *tab) awaitState(camera, want string) {
	b.t.Helper()
	b.await(fmt.Sprintf(`document.querySelector('[data-camera="%s"]')?.dataset.state === '%s'`, camera, want))
}

// awaitMoving waits until a camera's picture on the page has changed three times.
func (b *tab) awaitMoving(camera string) {
	b.t.Helper()
	// A digest of what is shown, on the <img> or the canvas beneath it. drawImage(img) would give Firefox's first frame for ever.
	digest := fmt.Sprintf(`(async () => {
		const tile = document.querySelector('[data-camera="%s"]');
		let img = tile?.querySelector('img.picture');
		const still = tile?.querySelector('canvas.still');
		if (still?.hasAttribute('width') && img.dataset.shown !== 'true') img = still;
		else if (!img || !img.naturalWidth) return '';
		const canvas = new OffscreenCanvas(64, 36);
		const g = canvas.getContext('2d');
		g.drawImage(await createImageBitmap(img), 0, 0, 64, 36);
		return Array.from(g.getImageData(0, 0, 64, 36).data).join();
	})()`, camera)
	seen := map[string]bool{}
	for deadline := time.Now().Add(30 * time.Second); len(seen) < 4; {
		now, err := chromedp.Run(b.ctx, chromedp.Evaluate[string](digest, chromedp.EvalAwaitPromise))
		if err == nil && now != "" {
			seen[now] = true
		}
		if time.Now().After(deadline) {
			b.t.Fatalf("the picture of %s does not move: %d pictures in 30 s, %v", camera, len(seen), err)
		}
	}
}

// screenshot keeps a picture of the page in the folder that TRAYCAM_SCREENS
// names, for a person to look at.
func (b *tab) screenshot(name string) {
	b.t.Helper()
	dir := os.Getenv("TRAYCAM_SCREENS")
	if dir == "" {
		return
	}
	png, err := chromedp.Run(b.ctx, chromedp.CaptureScreenshot())
	if err != nil {
		b.t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, name+".png"), png, 0o644); err != nil {
		b.t.Fatal(err)
	}
}

func TestChromiumShowsMovingPictures(t *testing.T) {
	p := startHeadless(t, twoCameras)
	b := browser(t, 1280, 800)
	b.do(chromedp.Navigate(p.url))
	for _, camera := range []string{"garden", "workshop"} {
		b.awaitState(camera, "live")
		b.awaitMoving(camera)
	}
	p.await("two viewers", func(s state) bool { return s.Viewers == 2 })
	b.screenshot("page-grid")

	// One camera large, by its address: only that one is watched.
	b.do(chromedp.Navigate(p.url + "cameras/workshop"))
	b.await(`document.body.dataset.large === 'workshop'`)
	b.awaitMoving("workshop")
	p.await("one viewer", func(s state) bool { return s.Viewers == 1 && s.Cameras[1].Viewers == 1 })
	b.screenshot("page-large")

	// A viewer that closes is gone from the count.
	b.do(chromedp.Navigate("about:blank"))
	p.await("no viewer", func(s state) bool { return s.Viewers == 0 })
}

// The bare address of the stream moves in Chromium too, and so does the <img>
// that is all a page needs.
func TestChromiumShowsABareImg(t *testing.T) {
	p := startHeadless(t, twoCameras)
	p.awaitCamera("garden", "live")
	b := browser(t, 800, 600)
	b.do(chromedp.Navigate(p.url + "healthz"))
	b.await(`document.readyState === 'complete' && Boolean(document.body.innerHTML = '<div data-camera="x"><img class="picture" src="/mjpeg/"></div>')`)
	b.awaitMoving("x")
}

// The page says that the server is gone, and shows pictures again when it is back.
func TestChromiumComesBack(t *testing.T) {
	port := freePort(t)
	headless := needProgram(t, "TRAYCAM_HEADLESS_BIN")
	run := func() *program {
		p := &program{t: t, exited: make(chan struct{}), url: fmt.Sprintf("http://localhost:%d/", port)}
		p.cmd = exec.Command(headless, "--port", fmt.Sprint(port), "--config", writeConfig(t, twoCameras))
		p.run()
		p.awaitCamera("garden", "live")
		return p
	}
	p := run()
	b := browser(t, 1280, 800)
	b.do(chromedp.Navigate(p.url))
	b.awaitMoving("garden")
	p.cmd.Process.Signal(os.Interrupt)
	p.mustExit()
	b.await(`document.querySelector('#banner').checkVisibility()`)
	b.screenshot("page-gone")
	run()
	b.await(`!document.querySelector('#banner').checkVisibility()`)
	b.awaitMoving("garden")
}

// The newest frame is there at once, on the network's loopback as for people.
func TestHeadlessContract(t *testing.T) {
	p := startHeadless(t, "", "--demo", "--camera", "Door=tcp://127.0.0.1:1", "--log-format", "json")
	s := p.await("demo cameras to be live", func(s state) bool {
		return len(s.Cameras) == 3 && s.Cameras[1].State == "live" && s.Cameras[2].State == "live"
	})
	if s.Cameras[0].ID != "door" || s.Cameras[0].State == "live" {
		t.Errorf("%+v", s)
	}
	response, err := http.Get(p.url + "healthz")
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	if b, _ := io.ReadAll(response.Body); response.StatusCode != 200 || string(b) != "ok" {
		t.Errorf("healthz: %s %q", response.Status, b)
	}
	p.cmd.Process.Signal(os.Interrupt)
	p.mustExit()
	if log := p.log(); !strings.HasPrefix(log, `{"time"`) {
		t.Errorf("the log is %s", log)
	}
}

func TestPortTaken(t *testing.T) {
	p := startHeadless(t, "")
	port := strings.Trim(p.url[strings.LastIndexByte(p.url[:len(p.url)-1], ':'):], ":/")
	cmd := exec.Command(needProgram(t, "TRAYCAM_HEADLESS_BIN"), "--port", port, "--config", writeConfig(t, ""))
	out, err := cmd.CombinedOutput()
	if err == nil || cmd.ProcessState.ExitCode() != 1 || !strings.Contains(string(out), "already used by another program") || strings.Count(string(out), "\n") != 1 {
		t.Errorf("status %d:\n%s", cmd.ProcessState.ExitCode(), out)
	}
}
