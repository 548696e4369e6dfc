package ui

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"image"
	"image/color"
	"image/jpeg"
	"io"
	"iter"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"traycam/app"
	"traycam/logbook"
	"traycam/sentence"
	"traycam/streaming/frame"
)

// fakeController remembers what it was told. Its snapshots are those of the test.
type fakeController struct {
	snapshots chan app.Snapshot
	wrongURL  string // CheckURL refuses addresses that hold it
	refuse    error  // what the commands return
	trials    chan app.Trial
	webcams   []app.Webcam
	finds     chan []app.Found // what FindCameras yields; nil ends it
	streams   func(user, password string) ([]app.Stream, error)
	book      *logbook.Book

	// Guarded by mu.
	mu   sync.Mutex
	told []string
	kept []app.CameraConfig // what was added or updated, in order
	last map[string]*frame.Frame

	settings app.Settings
	atLogin  bool
}

func (c *fakeController) tell(what string, config ...app.CameraConfig) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.told = append(c.told, what)
	c.kept = append(c.kept, config...)
}

func (c *fakeController) Watch(ctx context.Context) iter.Seq[app.Snapshot] {
	return func(yield func(app.Snapshot) bool) {
		for {
			select {
			case s := <-c.snapshots:
				if !yield(s) {
					return
				}
			case <-ctx.Done():
				return
			}
		}
	}
}

func (c *fakeController) Start() { c.tell("start") }
func (c *fakeController) Stop()  { c.tell("stop") }

func (c *fakeController) AddCamera(config app.CameraConfig) (string, error) {
	c.tell("add", config)
	return "new", c.refuse
}

func (c *fakeController) UpdateCamera(config app.CameraConfig) error {
	c.tell("update", config)
	return c.refuse
}

func (c *fakeController) RemoveCamera(id string) (func() error, error) {
	c.tell("remove " + id)
	return func() error { c.tell("undo remove " + id); return c.refuse }, c.refuse
}

func (c *fakeController) SwitchCamera(id string, on bool) error {
	c.tell(fmt.Sprintf("switch %s %v", id, on))
	return c.refuse
}

func (c *fakeController) MoveCamera(id string, to int) error {
	c.tell(fmt.Sprintf("move %s to %d", id, to))
	return c.refuse
}

func (c *fakeController) FindCameras(ctx context.Context) iter.Seq[[]app.Found] {
	c.tell("find")
	return func(yield func([]app.Found) bool) {
		defer c.tell("found")
		for {
			select {
			case found := <-c.finds:
				if found == nil || !yield(found) {
					return
				}
			case <-ctx.Done():
				return
			}
		}
	}
}

func (c *fakeController) CameraStreams(_ context.Context, f app.Found, user, password string) ([]app.Stream, error) {
	c.tell("streams of " + f.Host)
	return c.streams(user, password)
}

func (c *fakeController) AddDemo() error { c.tell("demo"); return c.refuse }

func (c *fakeController) TryCamera(ctx context.Context, config app.CameraConfig) iter.Seq[app.Trial] {
	c.tell("try", config)
	return func(yield func(app.Trial) bool) {
		for {
			select {
			case t := <-c.trials:
				if !yield(t) {
					return
				}
			case <-ctx.Done():
				return
			}
		}
	}
}

func (c *fakeController) Webcams(context.Context) []app.Webcam {
	return c.webcams
}

func (c *fakeController) FFmpeg() (string, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if strings.Contains(c.settings.FFmpeg, "nowhere") {
		return "", errors.New("no such file")
	}
	return cmp.Or(c.settings.FFmpeg, "/usr/bin/ffmpeg"), nil
}

func (c *fakeController) Configure(s app.Settings) error {
	c.tell("configure")
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.refuse == nil {
		c.settings = s
	}
	return c.refuse
}

func (c *fakeController) CheckPort(port int) error {
	if port == takenPort {
		return sentence.Errorf("port %d is already used by another program", port)
	}
	return nil
}

func (c *fakeController) StartsAtLogin() bool { c.mu.Lock(); defer c.mu.Unlock(); return c.atLogin }

func (c *fakeController) StartAtLogin(on bool) error {
	c.tell(fmt.Sprintf("at login %v", on))
	c.mu.Lock()
	defer c.mu.Unlock()
	c.atLogin = on
	return c.refuse
}

func (c *fakeController) Share(mode string) error { c.tell("share " + mode); return c.refuse }

func (c *fakeController) NewLink() error { c.tell("new link"); return c.refuse }

func (c *fakeController) AddLink(l app.Link) (app.Link, error) {
	c.tell(fmt.Sprintf("add link %s %q", l.Name, l.Cameras))
	return l, c.refuse
}

func (c *fakeController) RemoveLink(token string) error {
	c.tell("remove link " + token)
	return c.refuse
}

func (c *fakeController) ShareByName(on bool) error {
	c.tell(fmt.Sprintf("share by name %v", on))
	return c.refuse
}

func (c *fakeController) Log() *logbook.Book { return c.book }

func (c *fakeController) Report(w io.Writer) error {
	c.tell("report")
	_, err := io.WriteString(w, "a report")
	return err
}

func (c *fakeController) CrashReport() (string, error) {
	c.tell("crash report")
	return "panic: something\n\tgarden.go:12", c.refuse
}

func (c *fakeController) DismissCrash() { c.tell("dismiss crash") }

// takenPort is one that CheckPort says is used.
const takenPort = 9999

func (c *fakeController) CheckURL(url string) error {
	if c.wrongURL != "" && strings.Contains(url, c.wrongURL) {
		return sentence.Errorf("Write a network like 192.168.1.0/24.")
	}
	return nil
}

func (c *fakeController) Newest(id string) *frame.Frame {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.last[id]
}

// desk is a window without a desktop.
type desk struct {
	*window
	t      *testing.T
	fake   *fakeController
	opened chan string
	mu     sync.Mutex
	queue  []func() // Guarded by mu. For the UI thread, which is the test's goroutine.
	look   string   // what the snapshots' settings say, where they say nothing
}

// render shows a snapshot in the desk's look.
func (d *desk) render(s app.Snapshot, now time.Time) {
	s.Settings.Theme = cmp.Or(s.Settings.Theme, d.look)
	d.window.render(s, now)
}

// at is when the tests' snapshots are looked at.
var at = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

func newDesk(t *testing.T, variant fyne.ThemeVariant) *desk {
	t.Helper()
	a := test.NewTempApp(t)
	d := &desk{t: t, fake: &fakeController{snapshots: make(chan app.Snapshot), trials: make(chan app.Trial), finds: make(chan []app.Found), book: logbook.New(""), last: map[string]*frame.Frame{}}, opened: make(chan string, 10)}
	d.window = newWindow(a, d.fake, windowOptions{
		ctx: t.Context(),
		log: slog.New(slog.DiscardHandler),
		do: func(f func()) {
			d.mu.Lock()
			defer d.mu.Unlock()
			d.queue = append(d.queue, f)
		},
		openURL: func(url string) error {
			d.opened <- url
			return nil
		},
	})
	d.look = map[fyne.ThemeVariant]string{theme.VariantLight: "light", theme.VariantDark: "dark"}[variant]
	a.Settings().SetTheme(look{theme.DefaultTheme(), d.look})
	d.win.SetContent(d.win.Content())
	d.win.Resize(fyne.NewSize(windowWidth, windowHeight))
	d.show()
	return d
}

// form is the page, which is that of a camera.
func (d *desk) form() *cameraForm {
	d.t.Helper()
	f, ok := d.page.(*cameraForm)
	if !ok {
		d.t.Fatalf("the page is %T", d.page)
	}
	return f
}

// pick picks from the menu of a camera's row.
func (d *desk) pick(id, text string) {
	d.t.Helper()
	for _, item := range d.list.rows[id].menu().Items {
		if item.Label == text && !item.Disabled {
			item.Action()
			d.wait()
			return
		}
	}
	d.t.Fatalf("no %q in the menu", text)
}

// wait returns once the commands have been carried out, and what came of them is shown.
func (d *desk) wait() {
	for d.commands.Wait(); d.catchUp(); d.commands.Wait() {
	}
}

// catchUp does what waits for the UI thread, and reports whether there was anything.
func (d *desk) catchUp() bool {
	d.mu.Lock()
	queue := d.queue
	d.queue = nil
	d.mu.Unlock()
	for _, f := range queue {
		f()
	}
	return len(queue) > 0
}

func (d *desk) told() []string {
	d.fake.mu.Lock()
	defer d.fake.mu.Unlock()
	return slices.Clone(d.fake.told)
}

func (d *desk) wantTold(want ...string) {
	d.t.Helper()
	d.wait()
	if got := d.told(); !slices.Equal(got, want) {
		d.t.Errorf("the controller was told %q, want %q", got, want)
	}
}

// buttons are those that can be seen below o.
func buttons(o fyne.CanvasObject) (found []*widget.Button) {
	if !o.Visible() {
		return nil
	}
	switch o := o.(type) {
	case *widget.Button:
		return []*widget.Button{o}
	case *button:
		return []*widget.Button{&o.Button}
	case *fyne.Container:
		for _, child := range o.Objects {
			found = append(found, buttons(child)...)
		}
	case fyne.Widget:
		for _, child := range test.WidgetRenderer(o).Objects() {
			found = append(found, buttons(child)...)
		}
	}
	return found
}

// screen is what is on top: a question, or the page.
func (d *desk) screen() fyne.CanvasObject {
	if top := d.win.Canvas().Overlays().Top(); top != nil {
		return top
	}
	return d.win.Canvas().Content()
}

// button finds a button on the topmost screen by its text.
func (d *desk) button(text string) *widget.Button {
	d.t.Helper()
	for _, b := range buttons(d.screen()) {
		if b.Text == text {
			return b
		}
	}
	d.t.Fatalf("no button %q", text)
	return nil
}

// primaries are the buttons that stand out on the topmost screen.
func (d *desk) primaries() (texts []string) {
	for _, b := range buttons(d.screen()) {
		if b.Importance == widget.HighImportance || b.Importance == widget.DangerImportance {
			texts = append(texts, b.Text)
		}
	}
	return texts
}

// makeCamera makes one in a state that is named as in /state.
func makeCamera(id, name, url, state string) app.Camera {
	c := app.Camera{CameraConfig: app.CameraConfig{ID: id, Name: name, URL: url, Enabled: state != "off"}}
	for c.State.String() != state {
		c.State++
	}
	return c
}

// house is a snapshot with a camera in each state.
func house() app.Snapshot {
	door := makeCamera("front-door", "Front door", "tcp://:9001?listen", "live")
	door.Width, door.Height, door.FPS, door.BitsPerSecond, door.Viewers = 1280, 720, 29.8, 21e6, 2
	garage := makeCamera("garage", "Garage", "tcp://10.0.0.7:8888", "retrying")
	garage.Reason.Sentence, garage.Reason.Address = "Nobody listens on %s. Is the camera on?", "10.0.0.7:8888"
	garage.NextTry = at.Add(3500 * time.Millisecond)
	garden := makeCamera("garden", "Garden", "tcp://:9002?listen", "waiting")
	demo := makeCamera("demo-1", "Demo 1", "test:", "off")
	demo.Temporary = true
	return app.Snapshot{
		Streaming: app.Running, ViewerURL: "http://localhost:8090/", Viewers: 4, BitsOut: 63e6,
		Cameras: []app.Camera{door, garage, garden, demo},
	}
}

// testFrame is a picture with a light disc.
func testFrame(seq uint64, width, height int) *frame.Frame {
	m := image.NewRGBA(image.Rect(0, 0, width, height))
	for y := range height {
		for x := range width {
			c := color.RGBA{uint8(40 + 80*x/width), uint8(90 + 60*y/height), 140, 255}
			if dx, dy := x-width/2, y-height/2; dx*dx+dy*dy < height*height/9 {
				c = color.RGBA{240, 230, 200, 255}
			}
			m.SetRGBA(x, y, c)
		}
	}
	var b bytes.Buffer
	if err := jpeg.Encode(&b, m, nil); err != nil {
		panic(err)
	}
	f := frame.New(b.Bytes(), width, height, at)
	f.Seq = seq
	return f
}
