package e2e

import (
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	downloading "github.com/chromedp/cdproto/browser"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"
)

// wall is a config with n test cameras: cam-1, cam-2, …
func wall(n int, url string) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, "[[cameras]]\nid = \"cam-%d\"\nname = \"Camera %d\"\nurl = %q\n\n", i+1, i+1, url)
	}
	return b.String()
}

// run evaluates JavaScript, which may be a promise.
func run[T any](b *tab, script string) T {
	b.t.Helper()
	v, err := chromedp.Run(b.ctx, chromedp.Evaluate[T](script, chromedp.EvalAwaitPromise))
	if err != nil {
		b.t.Fatalf("%s: %v", script, err)
	}
	return v
}

// awaitAllMoving waits until the picture of every tile has changed three times.
func (b *tab) awaitAllMoving(tiles int) {
	b.t.Helper()
	moving := run[int](b, fmt.Sprintf(`(async () => {
		const digests = new Map();
		const canvas = new OffscreenCanvas(16, 9);
		const g = canvas.getContext('2d', { willReadFrequently: true });
		let moving = 0;
		for (const end = performance.now() + 40000; performance.now() < end && moving < %d;) {
			for (const tile of document.querySelectorAll('.tile')) {
				const img = tile.querySelector('.picture');
				const source = img.dataset.shown === 'true' ? img : tile.querySelector('.still');
				if (source === img ? !img.naturalWidth : !source.hasAttribute('width')) continue;
				g.drawImage(await createImageBitmap(source), 0, 0, 16, 9);
				const seen = digests.get(tile) ?? new Set();
				digests.set(tile, seen.add(g.getImageData(0, 0, 16, 9).data.join()));
			}
			moving = [...digests.values()].filter(({ size }) => size > 3).length;
			await new Promise((resume) => setTimeout(resume, 100));
		}
		return moving;
	})()`, tiles))
	if moving < tiles {
		b.t.Fatalf("%d of %d cameras move", moving, tiles)
	}
}

// beside opens another tab of the same browser.
func (b *tab) beside() *tab {
	b.t.Helper()
	ctx, cancel := chromedp.NewContext(b.ctx)
	b.t.Cleanup(cancel)
	return &tab{b.t, ctx}
}

func (b *tab) setHidden(hidden bool) {
	b.t.Helper()
	run[bool](b, fmt.Sprintf(`Object.defineProperty(document, 'hidden', { get: () => %v, configurable: true })
		&& document.dispatchEvent(new Event('visibilitychange'))`, hidden))
}

// resize gives the page the size of another screen.
func (b *tab) resize(width, height int64, options ...chromedp.EmulateViewportOption) {
	b.do(chromedp.EmulateViewport(width, height, options...))
}

func (b *tab) colours(scheme string) {
	b.t.Helper()
	if _, err := chromedp.Call(b.ctx, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{
		Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: scheme}},
	}); err != nil {
		b.t.Fatal(err)
	}
}

func TestChromiumShows64Cameras(t *testing.T) {
	p := startHeadless(t, wall(64, "test:?size=320x180&fps=4"))
	b := browser(t, 1600, 900)
	b.do(chromedp.Navigate(p.url))
	b.await(`document.querySelectorAll('.tile').length === 64`)
	b.awaitAllMoving(64)
	p.await("64 viewers", func(s state) bool { return s.Viewers == 64 })
	b.await(`[...document.querySelectorAll('.tile')].filter((tile) => tile.dataset.state === 'live').length === 64`)

	// The browser's connections are not used up.
	for range 6 {
		other := b.beside()
		other.do(chromedp.Navigate(p.url + "cameras/cam-7"))
		other.awaitMoving("cam-7")
	}
	p.await("70 viewers", func(s state) bool { return s.Viewers == 70 })
	b.awaitAllMoving(64)

	// What is scrolled away, and a hidden tab, asks for nothing.
	b.resize(400, 500)
	p.await("fewer viewers", func(s state) bool { return s.Viewers > 6 && s.Viewers < 60 && s.Cameras[63].Viewers == 0 })
	b.setHidden(true)
	p.await("6 viewers", func(s state) bool { return s.Viewers == 6 })
	if n := run[int](b, `new Promise((resume) => {
		const before = performance.getEntriesByType('resource').length;
		setTimeout(() => resume(performance.getEntriesByType('resource').length - before), 1500);
	})`); n != 0 {
		t.Errorf("%d requests of a hidden tab", n)
	}
	b.setHidden(false)
	p.await("the viewers again", func(s state) bool { return s.Viewers > 6 })
	b.awaitMoving("cam-1")
}

// within fails where something takes the page longer than that.
func (b *tab) within(most time.Duration, what, expression string) {
	b.t.Helper()
	began := time.Now()
	b.await(expression)
	took := time.Since(began)
	b.t.Logf("%s: after %v", what, took.Round(10*time.Millisecond))
	if took > most {
		b.t.Errorf("%s: after %v, not within %v", what, took, most)
	}
}

const allLive = `[...document.querySelectorAll('.tile')].every((tile) => tile.dataset.state === 'live')`

// Whatever ends the pictures, the page says so within 3 s, and has them again
// within 3 s of its end.
func TestChromiumSaysWhatIsWrong(t *testing.T) {
	const patience = 3*time.Second + 200*time.Millisecond // the test itself asks every 50 ms
	port := freePort(t)
	camera := freePort(t)
	config := writeConfig(t, twoCameras+fmt.Sprintf("[[cameras]]\nid = \"door\"\nname = \"Door\"\nurl = \"tcp://:%d?listen\"\n", camera))
	serve := func() *program {
		p := &program{t: t, exited: make(chan struct{}), url: fmt.Sprintf("http://localhost:%d/", port)}
		p.cmd = exec.Command(needProgram(t, "TRAYCAM_HEADLESS_BIN"), "--port", fmt.Sprint(port), "--config", config)
		p.run()
		return p
	}
	ffmpeg := func() *exec.Cmd {
		return start(t, "ffmpeg", "-v", "error", "-re", "-f", "lavfi", "-i", "testsrc2=size=320x240:rate=10", "-f", "mjpeg", fmt.Sprintf("tcp://127.0.0.1:%d", camera))
	}
	p := serve()
	p.awaitCamera("door", "waiting")
	cam := ffmpeg()
	p.awaitCamera("door", "live")
	b := browser(t, 1280, 800)
	network := newLine(t, port)
	b.do(chromedp.Navigate("http://localhost:" + fmt.Sprint(network.ln.Addr().(*net.TCPAddr).Port)))
	b.awaitAllMoving(3)
	b.await(allLive)

	t.Run("camera gone", func(t *testing.T) {
		cam.Process.Kill()
		cam.Wait()
		b.within(patience, "the tile says so", `document.querySelector('[data-camera="door"] .reason').checkVisibility()`)
		cam = ffmpeg()
		p.awaitCamera("door", "live")
		b.within(patience, "it is back", allLive)
		b.awaitMoving("door")
	})
	t.Run("camera silent", func(t *testing.T) {
		stop(t, cam)
		b.within(patience, "the tile says so", `document.querySelector('[data-camera="door"]').dataset.state === 'stalled'`)
		resume(t, cam)
		b.within(patience, "it is back", allLive)
		b.awaitMoving("door")
	})
	t.Run("server silent", func(t *testing.T) {
		stop(t, p.cmd)
		b.within(patience, "the page says so", `document.querySelector('#banner').checkVisibility()`)
		resume(t, p.cmd)
		b.within(patience, "it is back", allLive)
		b.awaitAllMoving(3)
	})
	t.Run("network gone", func(t *testing.T) {
		network.mu.Lock()
		b.within(patience, "the page says so", `document.querySelector('#banner').checkVisibility()`)
		network.mu.Unlock()
		b.within(patience, "it is back", allLive)
		b.awaitAllMoving(3)
	})
	t.Run("network slow", func(t *testing.T) {
		// A third of what the cameras send fits through: there are fewer pictures, not
		// older ones, for what is on its way is counted.
		network.rate.Store(60_000)
		b.awaitAllMoving(3)
		late := run[int](b, `(async () => {
			let late = 0;
			for (let i = 0; i < 40; i++) {
				await new Promise((resume) => setTimeout(resume, 100));
				late += [...document.querySelectorAll('.tile')].some((tile) => tile.dataset.state !== 'live') ? 1 : 0;
			}
			return late;
		})()`)
		if late > 4 {
			t.Errorf("for %d of 40 looks a picture was late", late)
		}
		network.rate.Store(0)
		b.within(patience, "it is as before", allLive)
	})
	t.Run("slept", func(t *testing.T) {
		// The day's clock went on for an hour, the page's did not.
		run[bool](b, `(() => {
			const now = Date.now;
			Date.now = () => now() + 3600e3;
			globalThis.asked = performance.getEntriesByType('resource').length;
			return true;
		})()`)
		b.within(patience, "it asks anew", `performance.getEntriesByType('resource').length > asked`)
		b.within(patience, "it is back", allLive)
		b.awaitAllMoving(3)
	})
	t.Run("server restarted", func(t *testing.T) {
		p.cmd.Process.Signal(os.Interrupt)
		p.mustExit()
		b.within(patience, "the page says so", `document.querySelector('#banner').checkVisibility()`)
		p = serve()
		p.awaitCamera("garden", "live")
		b.within(patience, "it is back", `document.querySelector('[data-camera="garden"]').dataset.state === 'live'`)
		b.awaitMoving("garden")
	})
}

// line is a network between a browser and a port here, that can be cut: then
// nothing passes and nobody is told. It can be slow, too.
type line struct {
	ln   net.Listener
	to   string
	rate atomic.Int64 // bytes a second towards the browser, for all together; 0: no limit
	mu   sync.RWMutex // locked while it is cut
	all  sync.WaitGroup
}

func newLine(t *testing.T, port int) *line {
	t.Helper()
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	l := &line{ln: ln, to: fmt.Sprintf("127.0.0.1:%d", port)}
	l.all.Go(func() {
		for {
			conn, err := ln.Accept()
			if err != nil {
				return
			}
			l.all.Go(func() { l.carry(conn) })
		}
	})
	t.Cleanup(func() { ln.Close() })
	return l
}

func (l *line) carry(near net.Conn) {
	defer near.Close()
	l.mu.RLock()
	far, err := net.Dial("tcp", l.to)
	l.mu.RUnlock()
	if err != nil {
		return
	}
	defer far.Close()
	var both sync.WaitGroup
	for _, way := range [][2]net.Conn{{near, far}, {far, near}} {
		both.Go(func() {
			defer way[1].Close()
			b := make([]byte, 16<<10)
			for {
				n, err := way[0].Read(b)
				l.mu.RLock()
				if n > 0 {
					way[1].Write(b[:n])
				}
				l.mu.RUnlock()
				if rate := l.rate.Load(); rate > 0 && way[1] == near {
					time.Sleep(time.Duration(n) * time.Second / time.Duration(rate)) // what the network takes
				}
				if err != nil {
					return
				}
			}
		})
	}
	both.Wait()
}

func (b *tab) press(keys string, options ...chromedp.KeyOption) {
	b.t.Helper()
	b.do(chromedp.KeyEvent(keys, options...))
}

func TestChromiumKeysAndHands(t *testing.T) {
	p := startHeadless(t, wall(4, "test:?size=640x360&fps=10"))
	b := browser(t, 1280, 800)
	downloads := t.TempDir()
	if _, err := chromedp.CallBrowser(b.ctx, downloading.SetDownloadBehavior, downloading.SetDownloadBehaviorParams{
		Behavior: downloading.SetDownloadBehaviorBehaviorAllow, DownloadPath: downloads,
	}); err != nil {
		t.Fatal(err)
	}
	b.do(chromedp.Navigate(p.url))
	b.awaitAllMoving(4)

	// Figures come from frames.
	b.await(`/^\d+ ms$/.test(document.querySelector('[data-camera="cam-1"] .fresh').textContent)`)
	b.await(`/fps$/.test(document.querySelector('[data-camera="cam-1"] .format').textContent)`)
	b.await(`/\d:\d\d/.test(document.querySelector('[data-camera="cam-1"] .clock').textContent)`)

	// One large by key, the next one, and back.
	b.press("2")
	b.await(`document.body.dataset.large === 'cam-2'`)
	p.await("one viewer", func(s state) bool { return s.Viewers == 1 && s.Cameras[1].Viewers == 1 })
	b.press("\u0303") // →
	b.await(`document.body.dataset.large === 'cam-3'`)
	b.awaitMoving("cam-3")

	// Zoom, by key and by wheel; Esc gives the whole picture, then all cameras.
	b.press("+")
	b.await(`document.body.dataset.zoomed === 'true'`)
	b.press("0")
	b.await(`document.body.dataset.zoomed === 'false'`)
	b.await(`document.querySelector('[data-camera="cam-3"] .open').dispatchEvent(new WheelEvent('wheel', { deltaY: -400, clientX: 300, clientY: 300, cancelable: true, bubbles: true })) === false`)
	b.await(`document.body.dataset.zoomed === 'true'`)
	b.screenshot("page-zoomed")
	b.press("\x1b")
	b.await(`document.body.dataset.zoomed === 'false' && document.body.dataset.large === 'cam-3'`)

	// Save what is large.
	b.press("s")
	b.await(`document.querySelector('#note').textContent.startsWith('Saved as cam-3 ')`)
	var saved []string
	for deadline := time.Now().Add(20 * time.Second); len(saved) == 0 && time.Now().Before(deadline); time.Sleep(20 * time.Millisecond) {
		saved, _ = filepath.Glob(downloads + "/cam-3*.jpg")
	}
	if len(saved) != 1 {
		t.Errorf("saved: %v", saved)
	} else if jpeg, err := os.ReadFile(saved[0]); err != nil || len(jpeg) < 1000 {
		t.Errorf("the picture has %d bytes, %v", len(jpeg), err)
	}
	b.press("\x1b")
	b.await(`!document.body.dataset.large`)

	// The list of keys; the choices last.
	b.press("?", chromedp.KeyModifiers(chromedp.ModifierShift))
	b.await(`document.querySelector('#view').open`)
	b.screenshot("page-keys")
	b.await(`document.querySelector('[name=clocks]').click() || true`)
	b.press("\x1b")
	b.await(`!document.querySelector('#view').open && !document.querySelector('.clock').checkVisibility()`)

	// Another order, by mouse and by key; it lasts.
	order := `[...document.querySelectorAll('.tile')].map((tile) => tile.dataset.camera.slice(4)).join('')`
	x, y := b.middle("cam-1")
	toX, toY := b.middle("cam-4")
	b.mouse("mousePressed", x, y)
	b.mouse("mouseMoved", x+20, y+20)
	b.mouse("mouseMoved", toX, toY)
	b.mouse("mouseReleased", toX, toY)
	b.await(order + ` === '2341'`)
	b.await(`!document.body.dataset.large`) // dragging is no click
	b.await(`document.querySelector('[data-camera="cam-2"] .open').focus() || true`)
	b.press("\u0303", chromedp.KeyModifiers(chromedp.ModifierShift))
	b.await(order + ` === '3241' && document.activeElement.closest('.tile').dataset.camera === 'cam-2'`)
	b.do(chromedp.Navigate(p.url))
	b.await(order + ` === '3241' && !document.querySelector('.clock').checkVisibility()`)
	b.awaitAllMoving(4)
	b.await(`document.querySelector('#own-order').click() || true`)
	b.await(order + ` === '1234'`)

	// Full screen.
	b.press("f")
	b.await(`document.fullscreenElement !== null`)
	b.press("f")
	b.await(`document.fullscreenElement === null`)

	// A phone: one below the other, nothing wider than the screen.
	b.resize(390, 844, chromedp.EmulateMobile, chromedp.EmulateTouch)
	b.await(`getComputedStyle(document.querySelector('#grid')).gridTemplateColumns.split(' ').length === 1`)
	b.await(`document.documentElement.scrollWidth <= 390`)
	b.awaitMoving("cam-1")

	// Kiosk.
	b.do(chromedp.Navigate(p.url + "?kiosk"))
	b.awaitMoving("cam-1")
	b.await(`!document.querySelector('header').checkVisibility() && !document.querySelector('.caption').checkVisibility()`)
	b.await(`getComputedStyle(document.querySelector('.open')).cursor === 'none'`)
}

func (b *tab) middle(camera string) (x, y float64) {
	b.t.Helper()
	at := run[[]float64](b, fmt.Sprintf(`(() => { const box = document.querySelector('[data-camera="%s"]').getBoundingClientRect();
		return [box.left + box.width / 2, box.top + box.height / 2]; })()`, camera))
	return at[0], at[1]
}

// Without a WebSocket the pictures come by <img>, at most four at once.
func TestChromiumWithoutWebSocket(t *testing.T) {
	p := startHeadless(t, wall(6, "test:?size=320x180&fps=5"))
	b := browser(t, 1280, 800)
	b.beforeEach(`globalThis.WebSocket = class { constructor() { setTimeout(() => this.onclose()); } close() {} }`)
	b.do(chromedp.Navigate(p.url))
	b.awaitAllMoving(6)
	p.await("four viewers", func(s state) bool { return s.Viewers == 4 })
}

// beforeEach runs a script before those of each page.
func (b *tab) beforeEach(script string) {
	b.t.Helper()
	if _, err := chromedp.Call(b.ctx, page.AddScriptToEvaluateOnNewDocument, page.AddScriptToEvaluateOnNewDocumentParams{Source: script}); err != nil {
		b.t.Fatal(err)
	}
}

// mouse does something with the left button.
func (b *tab) mouse(what input.DispatchMouseEventType, x, y float64) {
	b.t.Helper()
	b.do(chromedp.MouseEvent(what, x, y, chromedp.ButtonLeft, chromedp.ClickCount(1)))
}
