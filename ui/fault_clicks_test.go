package ui

import (
	"flag"
	"fmt"
	"math/rand/v2"
	"runtime/debug"
	"testing"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"traycam/app"
	"traycam/faults"
)

var seed = flag.Uint64("seed", 0, "what TestFaultClicksInTheWindow begins with; 0: another one each time")

// Whoever clicks and types whatever is there comes to no mistake, and Escape leads back to the list.
func TestFaultClicksInTheWindow(t *testing.T) {
	clicks := 300
	if faults.Long() {
		clicks = 5000
	}
	began := *seed
	if began == 0 {
		began = uint64(time.Now().UnixNano())
	}
	rng := rand.New(rand.NewPCG(began, 0))
	d := newDesk(t, theme.VariantLight)
	empty := app.Snapshot{Streaming: app.Running, ViewerURL: "http://localhost:8090/"}
	snapshots := []app.Snapshot{house(), house(), empty}
	snapshots[1].Cameras = snapshots[1].Cameras[:1]
	d.render(snapshots[0], at)
	var last string
	defer func() {
		if p := recover(); p != nil {
			t.Fatalf("-seed %d, after %s: %v\n%s", began, last, p, debug.Stack())
		}
	}()
	kinds := map[string]bool{}
	for n := range clicks {
		last = d.something(rng)
		kinds[last] = true
		d.settle()
		if n%20 == 19 {
			d.render(snapshots[rng.IntN(len(snapshots))], at.Add(time.Duration(n)*time.Second))
		}
		if n%50 == 49 {
			last = "Escape"
			d.backToTheList(t, began)
		}
	}
	d.backToTheList(t, began)
	d.render(snapshots[0], at)
	if len(d.list.rows) != len(snapshots[0].Cameras) {
		t.Errorf("-seed %d: the list has %d rows", began, len(d.list.rows))
	}
	faults.Held(t, "clicks all over the window", "%d clicks, keys and words on %d different things", clicks, len(kinds))
}

// something is one thing that a person may do, and tells what.
func (d *desk) something(rng *rand.Rand) string {
	if d.files != nil { // they are this computer's own: nothing is to be saved among them
		d.escape()
		return "files"
	}
	switch canvas := d.win.Canvas(); rng.IntN(10) {
	case 0:
		if focused := canvas.Focused(); focused != nil {
			test.Type(focused, []string{"8090", "http://eva:pass@cam/x", "\u202e", "-1", "カメラ", "tcp://:9001?listen"}[rng.IntN(6)])
		}
		return "typing"
	case 1:
		keys := []fyne.KeyName{fyne.KeyEscape, fyne.KeyReturn, fyne.KeySpace, fyne.KeyDown, fyne.KeyUp, fyne.KeyDelete, fyne.KeyTab, fyne.KeyF2}
		key := &fyne.KeyEvent{Name: keys[rng.IntN(len(keys))]}
		if focused := canvas.Focused(); focused != nil {
			focused.TypedKey(key)
		} else if typed := canvas.OnTypedKey(); typed != nil {
			typed(key)
		}
		return "key " + string(key.Name)
	default:
		all := tappables(d.screen())
		if len(all) == 0 {
			return "nothing to click"
		}
		clicked := all[rng.IntN(len(all))]
		what := fmt.Sprintf("%T", clicked)
		if b, ok := clicked.(*button); ok {
			what += " " + b.Text
		}
		if off, ok := clicked.(fyne.Disableable); ok && off.Disabled() {
			return "what is off"
		}
		test.Tap(clicked)
		return what
	}
}

// settle shows what came of the commands that have been carried out; those that go on are not waited for.
func (d *desk) settle() {
	for d.catchUp() {
	}
	for {
		select {
		case <-d.opened:
		default:
			return
		}
	}
}

// backToTheList presses Escape as a person does who wants to get out. A field of the toolkit's own,
// as among the files, keeps the key to itself: then the person clicks beside it first.
func (d *desk) backToTheList(t *testing.T, seed uint64) {
	t.Helper()
	for range 20 {
		if d.win.Canvas().Overlays().Top() == nil && d.page == nil {
			return
		}
		key := &fyne.KeyEvent{Name: fyne.KeyEscape}
		if focused := d.win.Canvas().Focused(); focused != nil {
			focused.TypedKey(key)
			d.win.Canvas().Unfocus()
		} else if typed := d.win.Canvas().OnTypedKey(); typed != nil {
			typed(key)
		}
		d.settle()
	}
	var texts []string
	for _, b := range buttons(d.screen()) {
		texts = append(texts, b.Text)
	}
	t.Fatalf("-seed %d: Escape does not lead out of %T, with the buttons %q", seed, d.page, texts)
}

// tappables are those that can be seen below o.
func tappables(o fyne.CanvasObject) (found []fyne.Tappable) {
	if o == nil || !o.Visible() {
		return nil
	}
	if clickable, ok := o.(fyne.Tappable); ok {
		if _, isPopUp := o.(*widget.PopUp); !isPopUp {
			found = append(found, clickable)
		}
	}
	switch o := o.(type) {
	case *fyne.Container:
		for _, child := range o.Objects {
			found = append(found, tappables(child)...)
		}
	case fyne.Widget:
		for _, child := range test.WidgetRenderer(o).Objects() {
			found = append(found, tappables(child)...)
		}
	}
	return found
}
