package e2e

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"image"
	"image/color"
	"image/draw"
	"image/png"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
)

// The quarters of the picture that the cameras of these tests send, told apart by
// how light they are, so that a picture without colours tells them too.
const (
	blue   = 'B'
	red    = 'R'
	green  = 'G'
	yellow = 'Y'
)

// quarters is what is seen of that picture when it is turned: top left, top right,
// bottom left, bottom right.
var quarters = []struct {
	rotate int
	mirror bool
	seen   string
}{
	{0, false, "RGBY"},
	{90, false, "BRYG"},
	{180, false, "YBGR"},
	{270, false, "GYRB"},
	{0, true, "GRYB"},
	{90, true, "RBGY"},
	{180, true, "BYRG"},
	{270, true, "YGBR"},
}

// quartersCamera is ffmpeg as a camera that sends the picture, 320 by 160.
func quartersCamera(t *testing.T, port int) *exec.Cmd {
	t.Helper()
	m := image.NewRGBA(image.Rect(0, 0, 320, 160))
	for i, c := range []color.RGBA{{255, 0, 0, 255}, {0, 255, 0, 255}, {0, 0, 255, 255}, {255, 255, 0, 255}} {
		at := image.Pt(i%2*160, i/2*80)
		draw.Draw(m, image.Rectangle{at, at.Add(image.Pt(160, 80))}, image.NewUniform(c), image.Point{}, draw.Src)
	}
	var b bytes.Buffer
	if err := png.Encode(&b, m); err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "quarters.png")
	if err := os.WriteFile(file, b.Bytes(), 0o644); err != nil {
		t.Fatal(err)
	}
	return start(t, "ffmpeg", "-v", "error", "-re", "-loop", "1", "-framerate", "10", "-i", file,
		"-pix_fmt", "yuvj444p", "-q:v", "2", "-f", "mjpeg", fmt.Sprintf("tcp://127.0.0.1:%d", port))
}

// turned is the config of that camera.
func turned(port, rotate int, mirror bool, more string) string {
	return fmt.Sprintf("[[cameras]]\nid = \"door\"\nname = \"Door\"\nurl = \"tcp://:%d?listen\"\nrotate = %d\nmirror = %v\n%s", port, rotate, mirror, more)
}

// turn changes the config file by hand and waits until the state says so.
func (p *program) turn(port, rotate int, mirror bool, more string) {
	p.t.Helper()
	if err := os.WriteFile(p.config, []byte(turned(port, rotate, mirror, more)), 0o600); err != nil {
		p.t.Fatal(err)
	}
	p.await("the camera to be turned", func(s state) bool {
		return len(s.Cameras) == 1 && s.Cameras[0].Rotate == rotate && s.Cameras[0].Mirror == mirror
	})
}

// inside is a picture's part of the screen, as an object-fit of contain has it.
func inside(place image.Rectangle, sideways bool) image.Rectangle {
	w, h := 2, 1
	if sideways {
		w, h = 1, 2
	}
	scale := min(float64(place.Dx())/float64(w), float64(place.Dy())/float64(h))
	size := image.Pt(int(scale*float64(w)), int(scale*float64(h)))
	from := place.Min.Add(place.Size().Sub(size).Div(2))
	return image.Rectangle{from, from.Add(size)}
}

// lookAt tells the quarters that are seen within a part of a screen; empty where
// that is not the picture.
func lookAt(screen image.Image, part image.Rectangle) string {
	lightness := func(right, down int) int {
		at := part.Min.Add(image.Pt(part.Dx()*(2*right+1)/4, part.Dy()*(2*down+1)/4))
		return int(color.GrayModel.Convert(screen.At(at.X, at.Y)).(color.Gray).Y)
	}
	lights := []int{lightness(0, 0), lightness(1, 0), lightness(0, 1), lightness(1, 1)}
	sorted := slices.Sorted(slices.Values(lights))
	for i := range 3 {
		if sorted[i+1]-sorted[i] < 8 {
			return ""
		}
	}
	var seen strings.Builder
	for _, light := range lights {
		seen.WriteByte([]byte{blue, red, green, yellow}[slices.Index(sorted, light)])
	}
	return seen.String()
}

// anyBrowser is what these tests ask of one.
type anyBrowser interface {
	visit(url string)
	await(expression string)
	screen() image.Image
	place(selector string) image.Rectangle
}

// awaitSeen waits until the picture is seen turned at a place of the page.
func awaitSeen(t *testing.T, b anyBrowser, selector string, sideways bool, want string) {
	t.Helper()
	seen := ""
	for deadline := time.Now().Add(20 * time.Second); seen != want; {
		if time.Now().After(deadline) {
			t.Fatalf("%s shows %q, want %q", selector, seen, want)
		}
		seen = lookAt(b.screen(), inside(b.place(selector), sideways))
	}
}

const rectOf = `(() => {
	const { left, top, right, bottom } = document.querySelector(%q).getBoundingClientRect();
	return JSON.stringify({ Min: { X: Math.round(left), Y: Math.round(top) }, Max: { X: Math.round(right), Y: Math.round(bottom) } });
})()`

func rectangle(t *testing.T, text string) (r image.Rectangle) {
	t.Helper()
	if err := json.Unmarshal([]byte(text), &r); err != nil {
		t.Fatalf("%q: %v", text, err)
	}
	return r
}

func decoded(t *testing.T, b []byte) image.Image {
	t.Helper()
	m, err := png.Decode(bytes.NewReader(b))
	if err != nil {
		t.Fatal(err)
	}
	return m
}

type chrome struct {
	*tab
	t *testing.T
}

func (b chrome) visit(url string) { b.do(chromedp.Navigate(url)) }

func (b chrome) screen() image.Image {
	shot, err := chromedp.Run(b.ctx, chromedp.CaptureScreenshot())
	if err != nil {
		b.t.Fatal(err)
	}
	return decoded(b.t, shot)
}

func (b chrome) place(selector string) image.Rectangle {
	return rectangle(b.t, run[string](b.tab, fmt.Sprintf(rectOf, selector)))
}

func (f *fox) screen() image.Image {
	var answer struct{ Data string }
	if err := json.Unmarshal(f.call("browsingContext.captureScreenshot", map[string]any{"context": f.context}), &answer); err != nil {
		f.t.Fatal(err)
	}
	shot, err := base64.StdEncoding.DecodeString(answer.Data)
	if err != nil {
		f.t.Fatal(err)
	}
	return decoded(f.t, shot)
}

func (f *fox) place(selector string) image.Rectangle {
	answer := f.call("script.evaluate", map[string]any{"expression": fmt.Sprintf(rectOf, selector), "target": map[string]any{"context": f.context}, "awaitPromise": true})
	var got struct{ Result struct{ Value string } }
	if err := json.Unmarshal(answer, &got); err != nil {
		f.t.Fatal(err)
	}
	return rectangle(f.t, got.Result.Value)
}

// On the page over the WebSocket and in a bare <img> the picture is seen turned
// at once, while the streams go on.
func TestTurnedInBrowsers(t *testing.T) {
	for name, open := range map[string]func(*testing.T) anyBrowser{
		"Chromium": func(t *testing.T) anyBrowser { return chrome{browser(t, 900, 700), t} },
		"Firefox":  func(t *testing.T) anyBrowser { return firefox(t) },
	} {
		t.Run(name, func(t *testing.T) {
			port := freePort(t)
			p := startHeadless(t, turned(port, 0, false, ""))
			quartersCamera(t, port)
			p.awaitCamera("door", "live")
			b := open(t)
			everyTurn := func(selector string) {
				t.Helper()
				for _, q := range quarters {
					p.turn(port, q.rotate, q.mirror, "")
					awaitSeen(t, b, selector, q.rotate%180 != 0, q.seen)
				}
			}
			t.Run("page", func(t *testing.T) {
				b.visit(p.url)
				b.await(`document.querySelector('[data-camera="door"]')?.dataset.state === 'live'`)
				everyTurn(".screen")
				b.await(`document.querySelector('[data-camera="door"] .format').textContent.startsWith('160×320')`)
			})
			t.Run("img", func(t *testing.T) {
				b.visit(p.url + "healthz")
				b.await(`document.readyState === 'complete' && Boolean(document.body.innerHTML = '<img src="/mjpeg/" style="position: fixed; inset: 0; width: 100%; height: 100%; object-fit: contain">')`)
				everyTurn("img")
				b.await(`document.querySelector('img').naturalWidth === 160`)
			})
			if s := p.await("the state", func(state) bool { return true }); s.Cameras[0].Width != 160 || s.Cameras[0].Height != 320 || s.Cameras[0].State != "live" {
				t.Errorf("%+v", s.Cameras[0])
			}
		})
	}
}

// Programs see the picture turned where they heed what it says.
func TestTurnedInPrograms(t *testing.T) {
	port := freePort(t)
	p := startHeadless(t, turned(port, 0, false, ""))
	quartersCamera(t, port)
	p.awaitCamera("door", "live")
	for _, q := range quarters {
		p.turn(port, q.rotate, q.mirror, "")
		dir := t.TempDir()
		snapshot := filepath.Join(dir, "snapshot.jpg")
		output(t, "curl", "-sf", "-o", snapshot, p.url+"snapshot.jpg")
		for name, input := range map[string][]string{
			"snapshot": {"-i", snapshot},
			"stream":   {"-f", "mpjpeg", "-i", p.url + "cameras/door/stream.mjpg"},
		} {
			file := filepath.Join(dir, name+".png")
			output(t, "ffmpeg", slices.Concat([]string{"-v", "error", "-nostdin"}, input, []string{"-frames:v", "1", file})...)
			b, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			m := decoded(t, b)
			if got := lookAt(m, m.Bounds()); got != q.seen {
				t.Errorf("%s turned by %d, mirrored %v: ffmpeg sees %q of %v, want %q", name, q.rotate, q.mirror, got, m.Bounds().Size(), q.seen)
			}
		}
	}
}

// The last picture of a camera that is down stays, and is not taken for a live one.
func TestKeptPicture(t *testing.T) {
	port := freePort(t)
	const keep = "when_down = \"keep\"\n"
	p := startHeadless(t, turned(port, 90, false, keep))
	camera := quartersCamera(t, port)
	p.awaitCamera("door", "live")
	stream, err := p.watch("door")
	if err != nil {
		t.Fatal(err)
	}
	defer stream.body.Close()
	b := chrome{browser(t, 900, 700), t}
	b.visit(p.url)
	b.awaitState("door", "live")
	awaitSeen(t, b, ".screen", true, "BRYG")

	camera.Process.Kill()
	camera.Wait()
	p.awaitCamera("door", "waiting")
	b.awaitState("door", "waiting")
	awaitSeen(t, b, ".screen", true, "BRYG")
	b.await(`/Picture \d+ s old/.test(document.querySelector('.age').textContent)`)

	// Who comes now sees it too, and how old it is.
	for _, script := range []string{"true", `globalThis.WebSocket = class { constructor() { setTimeout(() => this.onclose()); } close() {} }`} {
		b.beforeEach(script)
		b.visit(p.url)
		b.awaitState("door", "waiting")
		awaitSeen(t, b, ".screen", true, "BRYG")
		b.await(`/Picture [2-9]\d* s old/.test(document.querySelector('.age').textContent)`)
	}
	last, err := stream.next(nil)
	if err != nil {
		t.Fatal(err)
	}
	kept, err := stream.next(nil)
	for err == nil && !bytes.Equal(last, kept) { // what was queued until it went down
		last = kept
		kept, err = stream.next(nil)
	}
	if err != nil {
		t.Fatal(err)
	}
	answer, err := http.Get(p.url + "snapshot.jpg")
	if err != nil {
		t.Fatal(err)
	}
	io.Copy(io.Discard, answer.Body)
	answer.Body.Close()
	if answer.StatusCode != 503 {
		t.Errorf("a snapshot of a camera that is down: %s", answer.Status)
	}

	// Without it, what is left on a page is the still that it made of the stream's last picture.
	camera = quartersCamera(t, port)
	b.awaitState("door", "live")
	p.turn(port, 180, true, "")
	awaitSeen(t, b, ".screen", false, "BYRG")
	b.await(`(({ width, height }) => width === 2 * height)(document.querySelector('.still'))`)
	camera.Process.Kill()
	camera.Wait()
	b.awaitState("door", "waiting")
	b.await(`document.querySelector('.picture').dataset.shown === 'false'`)
	awaitSeen(t, b, ".screen", false, "BYRG")
}
