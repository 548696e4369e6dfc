package ui

import (
	"cmp"
	"io"
	"net/url"
	"slices"
	"strings"
	"sync"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/dialog"
	"fyne.io/fyne/v2/storage"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"
	"github.com/pkg/browser"

	"traycam/app"
)

// browserLimit is how soon a browser that cannot be opened is known: later errors
// are those of a browser that was used and closed.
const browserLimit = 10 * time.Second

// command runs f off the UI thread and then, on it, after with what f returned.
// Commands are given one after the other, in the order in which the person gave them.
func (w *window) command(f func() error, after func(error)) {
	w.orders.give(&w.commands, func() {
		err := f()
		w.do(func() { after(err) })
	})
}

// orders are carried out one at a time, the oldest first, off the UI thread.
type orders struct {
	mu sync.Mutex
	// Guarded by mu.
	waiting []func()
	busy    bool
}

func (o *orders) give(running *sync.WaitGroup, order func()) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.waiting = append(o.waiting, order)
	if !o.busy {
		o.busy = true
		running.Go(o.carryOut)
	}
}

func (o *orders) carryOut() {
	for {
		o.mu.Lock()
		if len(o.waiting) == 0 {
			o.busy = false
			o.mu.Unlock()
			return
		}
		next := o.waiting[0]
		o.waiting = o.waiting[1:]
		o.mu.Unlock()
		next()
	}
}

// complain shows what went wrong. Errors of the controller are sentences for people.
func (w *window) complain(title string) func(error) {
	return func(err error) {
		if err != nil {
			w.say(title, inWords(err))
		}
	}
}

// confirmToggle starts or stops streaming. Stopping asks first where people watch.
func (w *window) confirmToggle() {
	if !streamingIsOn(w.snapshot.Streaming) || w.snapshot.Viewers == 0 {
		w.toggleStreaming()
		return
	}
	w.ask(tr("Stop streaming?"), count(w.snapshot.Viewers, "%d viewers are watching now. They lose their pictures."),
		choice{tr("Keep streaming"), widget.MediumImportance, nil},
		choice{tr("Stop"), widget.HighImportance, func() {
			if streamingIsOn(w.snapshot.Streaming) {
				w.c.Stop()
			}
		}})
}

// toggleStreaming does it without asking: the tray's menu has just told how many watch.
func (w *window) toggleStreaming() {
	w.dismissed = ""
	switch w.snapshot.Streaming {
	case app.Running:
		w.c.Stop()
	case app.Stopped, app.Failed:
		w.c.Start()
	}
}

func (w *window) openViewer() { w.open(w.snapshot.ViewerURL) }

func (w *window) openCamera(c app.Camera) { w.open(linkUnder(w.snapshot.ViewerURL, "cameras", c.ID)) }

func (w *window) openCameraByID(id string) {
	for _, c := range w.snapshot.Cameras {
		if c.ID == id {
			w.openCamera(c)
			return
		}
	}
}

// shareURL is the viewer page for others on the network, or, while nothing is
// shared, for this computer. Empty without an address.
func (w *window) shareURL() string {
	if links := w.snapshot.Share.Addresses; w.snapshot.Share.Mode != "off" && len(links) > 0 {
		return links[0].URL
	}
	return w.snapshot.ViewerURL
}

// streamLink is the bare stream of a camera, for other programs.
func (w *window) streamLink(c app.Camera) string {
	return linkUnder(w.shareURL(), "cameras", c.ID, "stream.mjpg")
}

// linkUnder is an address below another one; empty where that is.
func linkUnder(base string, path ...string) string {
	if base == "" {
		return ""
	}
	u, err := url.JoinPath(base, path...) // #nosec G125 -- the parts are an id, which is checked, and fixed words
	if err != nil {
		return ""
	}
	return u
}

// open shows an address in the browser, or says it where no browser opens.
func (w *window) open(address string) {
	if address == "" {
		w.show()
		w.say(tr("No viewer yet"), tr("Traycam has no address yet. Start streaming, then open the viewer."))
		return
	}
	began := time.Now()
	// Not waited for: some desktops return when the browser is closed.
	go func() {
		err := w.openURL(address)
		if err == nil || time.Since(began) > browserLimit {
			return
		}
		w.log.Warn("open the browser", "error", err)
		w.do(func() { w.showAddress(address) })
	}()
}

// showAddress is for computers where no browser opens.
func (w *window) showAddress(address string) {
	w.show()
	title, text := tr("Open viewer"), tr("No browser could be opened. Copy this address into one:")
	if strings.HasPrefix(address, "file:") {
		title, text = tr("Open folder"), tr("The folder could not be opened. This is where it is:")
	}
	w.askAbout(title, container.NewVBox(widget.NewLabel(text), w.fixedText(func() string { return address })),
		choice{tr("Close"), widget.MediumImportance, nil},
		choice{tr("Copy"), widget.HighImportance, func() { w.copyText(address) }})
}

// openInBrowser opens the person's own browser. What the browser prints is dropped.
func openInBrowser(address string) error {
	// nil is the null device. A writer of ours would be a pipe that breaks under
	// a browser which outlives us.
	browser.Stdout, browser.Stderr = nil, nil
	return browser.OpenURL(address)
}

// fixedText is a field whose text can be selected and copied, and not changed:
// it is what text says.
func (w *window) fixedText(text func() string) *entry {
	e := w.newEntry("")
	e.SetText(text())
	e.OnChanged = func(s string) {
		if s != text() {
			e.SetText(text())
		}
	}
	return e
}

// copyLink copies the link that others can use, where there is one.
func (w *window) copyLink() {
	link := w.shareURL()
	if link == "" {
		return
	}
	w.copyText(link)
	w.copy.SetIcon(theme.ConfirmIcon())
	w.copied = time.Now()
}

func (w *window) copyText(text string) {
	if text != "" {
		w.app.Clipboard().SetContent(text)
	}
}

func (w *window) addCamera() { w.openPage(newCameraForm(w, nil)) }

func (w *window) editCamera(c app.Camera) { w.openPage(newCameraForm(w, &c)) }

func (w *window) openShare() { w.openPage(newSharePage(w)) }

func (w *window) openSettings() { w.openPage(newSettingsPage(w)) }

func (w *window) tryDemo() {
	w.command(func() error { return w.c.AddDemo() }, w.complain(tr("The demo could not be started")))
}

func (w *window) enableCamera(c app.Camera, on bool) {
	w.command(func() error { return w.c.SwitchCamera(c.ID, on) }, func(err error) {
		if err != nil {
			if row := w.list.rows[c.ID]; row != nil {
				row.onOff.set(row.camera.Enabled)
			}
			w.say(tr("The camera could not be changed"), inWords(err))
		}
	})
}

// duplicateCamera adds a camera like c, on a port of its own, and shows its form.
// It is switched off where the two would fight over one port.
func (w *window) duplicateCamera(c app.Camera) {
	config := c.CameraConfig
	config.ID, config.Name = "", tr("%s (copy)", shorten(config.Name, 180))
	if a := parseAddress(config.URL); a.kind == kindListen {
		a.port = freePort(w.snapshot.Cameras)
		config.URL = a.URL()
	} else if strings.Contains(config.URL, "?listen") {
		config.Enabled = false
	}
	w.command(func() error {
		id, err := w.c.AddCamera(config)
		config.ID = id
		return err
	}, func(err error) {
		if err != nil {
			w.say(tr("The camera could not be duplicated"), inWords(err))
			return
		}
		if w.page == nil { // nothing else was begun meanwhile
			w.editCamera(app.Camera{CameraConfig: config})
		}
	})
}

// moveCamera puts a camera at another place in the list, from 0.
func (w *window) moveCamera(c app.Camera, to int) {
	w.list.moving++
	w.command(func() error { return w.c.MoveCamera(c.ID, to) }, func(err error) {
		w.list.moving--
		if err != nil {
			if w.list.arrange(w.snapshot) {
				w.list.refresh()
			}
			w.say(tr("The camera could not be moved"), inWords(err))
		}
	})
}

// saveSnapshot asks where to save the newest picture of a camera.
func (w *window) saveSnapshot(c app.Camera) {
	picture := w.c.Newest(c.ID)
	if picture == nil {
		w.say(tr("No picture"), tr("There is no picture of this camera now."))
		return
	}
	name := c.ID + " " + picture.At.Local().Format("2006-01-02 15.04.05") + ".jpg"
	w.saveFile(name, []string{".jpg", ".jpeg"}, func(file io.Writer) error {
		_, err := file.Write(picture.JPEG)
		return err
	}, w.complain(tr("The picture could not be saved")))
}

// showFiles shows the system's files over the whole window, until one is picked or Escape is pressed.
func (w *window) showFiles(d *dialog.FileDialog) {
	w.files = d
	d.SetOnClosed(func() { w.files = nil })
	d.Resize(w.win.Canvas().Size())
	d.Show()
}

// saveFile asks where to save, calls write off the UI thread, and then after, on
// it, with what came of that. Nothing is called where the person cancels.
// endings are those of the files that are shown; nil: all.
func (w *window) saveFile(name string, endings []string, write func(io.Writer) error, after func(error)) {
	save := dialog.NewFileSave(func(file fyne.URIWriteCloser, err error) {
		if file == nil && err == nil {
			return // cancelled
		}
		w.command(func() error {
			if err != nil {
				return err
			}
			err := write(file)
			return cmp.Or(err, file.Close())
		}, after)
	}, w.win)
	save.SetFileName(name)
	if endings != nil {
		save.SetFilter(storage.NewExtensionFileFilter(endings))
	}
	w.showFiles(save)
}

func (w *window) confirmRemove(c app.Camera) {
	text := tr("Traycam forgets this camera and how to reach it.")
	if c.Viewers > 0 {
		text += " " + count(c.Viewers, "%d viewers are watching it now.")
	}
	w.ask(tr("Remove %s?", shorten(c.Name, 40)), text,
		choice{tr("Keep"), widget.MediumImportance, nil},
		choice{tr("Remove"), widget.DangerImportance, func() { w.removeCamera(c.CameraConfig) }})
}

// undoFor is how long a removed camera can be brought back.
const undoFor = 10 * time.Second

// removal is a camera that can still be brought back.
type removal struct {
	name  string
	undo  func() error
	until time.Time
}

func (w *window) removeCamera(c app.CameraConfig) {
	var undo func() error
	w.command(func() (err error) {
		undo, err = w.c.RemoveCamera(c.ID)
		return err
	}, func(err error) {
		if err != nil {
			w.say(tr("The camera could not be removed"), inWords(err))
			return
		}
		w.removed = append(w.removed, removal{c.Name, undo, time.Now().Add(undoFor)})
		w.renderUndo(time.Now())
	})
}

// renderUndo offers to bring the camera back that was removed last.
func (w *window) renderUndo(now time.Time) {
	w.removed = slices.DeleteFunc(w.removed, func(r removal) bool { return !now.Before(r.until) })
	changed := setVisible(w.undoBar, len(w.removed) > 0)
	if len(w.removed) > 0 {
		changed = w.undoText.set(tr("%s was removed.", shorten(w.removed[len(w.removed)-1].name, 40))) || changed
	}
	if changed {
		w.main.Refresh()
	}
}

func (w *window) undo() {
	if len(w.removed) == 0 {
		return
	}
	last := w.removed[len(w.removed)-1]
	w.removed = w.removed[:len(w.removed)-1]
	w.renderUndo(time.Now())
	w.command(last.undo, func(err error) {
		if err == nil {
			return
		}
		last.until = time.Now().Add(undoFor)
		w.removed = append(w.removed, last)
		w.renderUndo(time.Now())
		w.say(tr("The camera could not be brought back"), inWords(err))
	})
}
