package ui

import (
	"fmt"
	"image"
	"log/slog"
	"net/url"
	"slices"
	"strings"
	"sync"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/dialog"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/layout"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"
	"github.com/pkg/browser"

	"traycam/app"
	"traycam/assets"
)

// The window's smallest size, and the one that it first has.
const windowWidth, windowHeight = 720, 480

// Keys of the preferences.
const (
	prefSize      = "window.size"    // "WIDTHxHEIGHT"
	prefToldAbout = "tray.explained" // closing the window has been explained
)

// undoFor is how long a removed camera can be brought back.
const undoFor = 10 * time.Second

// browserLimit is how soon a browser that cannot be opened is known: later errors
// are those of a browser that was used and closed.
const browserLimit = 10 * time.Second

type windowOptions struct {
	log     *slog.Logger
	do      func(func())           // runs a function on the UI thread
	openURL func(url string) error // shows an address in the browser; may take as long as the browser runs
}

// window is the main window. All its methods and fields belong to the UI
// thread, but for those said otherwise.
type window struct {
	windowOptions
	app       fyne.App
	win       fyne.Window
	c         Controller
	trayShown func() bool    // asked off the UI thread
	commands  sync.WaitGroup // commands on their way to the controller
	pictures  *previews      // works off the UI thread

	snapshot app.Snapshot
	visible  bool
	closing  bool // the answer to closing the window is being found
	removed  []removal
	copied   time.Time     // when the address was copied; the button shows it for a second or two
	form     *cameraForm   // nil while the list is shown
	question dialog.Dialog // over the window, or nil
	answers  []func()      // what its buttons do

	pages     *fyne.Container // the list, or the form over it
	list      *cameraList
	first     fyne.CanvasObject // shown while there is no camera
	main      fyne.CanvasObject
	sign      *canvas.Image
	state     *canvas.Text
	address   *textLines
	copy      *widget.Button
	startStop *widget.Button
	viewer    *widget.Button
	notice    *fyne.Container
	noticed   *textLines
	dismissed string
	undoBar   *fyne.Container
	undoText  *textLines
	add       *widget.Button
	firstAdd  *widget.Button
	totals    *textLines
}

// removal is a camera that can still be brought back.
type removal struct {
	camera app.CameraConfig
	until  time.Time
}

func newWindow(a fyne.App, c Controller, o windowOptions) *window {
	w := &window{windowOptions: o, app: a, c: c, trayShown: func() bool { return false }}
	a.Settings().SetTheme(look{theme.DefaultTheme()})
	a.SetIcon(fyne.NewStaticResource("traycam.png", assets.AppIcon))
	w.win = a.NewWindow("Traycam")
	w.win.SetPadded(false)
	w.win.SetMaster()
	w.pictures = newPreviews(c.Newest, func(id string, picture image.Image, done func()) {
		o.do(func() {
			done()
			if row := w.list.rows[id]; row != nil {
				row.show(picture)
			}
		})
	})
	w.build()
	w.win.SetContent(container.NewStack(minimum(fyne.NewSize(windowWidth, windowHeight)), w.pages))
	w.win.Resize(w.savedSize())
	w.win.SetCloseIntercept(w.close)
	w.shortcut(fyne.KeyQ, w.quit)
	w.shortcut(fyne.KeyN, func() {
		if w.form == nil {
			w.addCamera()
		}
	})
	w.win.Canvas().SetOnTypedKey(w.typed)
	return w
}

func (w *window) shortcut(key fyne.KeyName, f func()) {
	w.win.Canvas().AddShortcut(&desktop.CustomShortcut{KeyName: key, Modifier: fyne.KeyModifierShortcutDefault},
		func(fyne.Shortcut) { f() })
}

func (w *window) build() {
	w.sign = &canvas.Image{FillMode: canvas.ImageFillContain}
	w.sign.SetMinSize(fyne.NewSquareSize(18))
	w.state = canvas.NewText("", theme.Color(theme.ColorNameForeground))
	w.state.TextStyle.Bold = true
	w.state.TextSize = theme.Size(theme.SizeNameSubHeadingText)
	w.address = newText(1, fyne.TextStyle{}, theme.SizeNameText, theme.ColorNameForeground)
	w.copy = iconButton(theme.ContentCopyIcon(), w.copyLink)
	w.startStop = widget.NewButtonWithIcon("", theme.MediaPlayIcon(), w.confirmToggle)
	w.viewer = widget.NewButton("Open viewer", w.openViewer)
	header := container.New(layout.NewCustomPaddedLayout(8, 8, 12, 8), container.NewBorder(nil, nil,
		container.NewHBox(container.NewCenter(w.sign), container.NewCenter(w.state), minimum(fyne.NewSize(12, 1))),
		container.NewHBox(w.startStop, w.viewer),
		container.New(besideLayout{}, w.address, w.copy),
	))

	w.noticed = newText(3, fyne.TextStyle{}, theme.SizeNameText, theme.ColorNameForeground)
	noticeSign := canvas.NewImageFromResource(markIcons[markAttention])
	noticeSign.SetMinSize(fyne.NewSquareSize(16))
	w.notice = container.NewStack(
		ground(theme.ColorNameInputBackground),
		container.New(layout.NewCustomPaddedLayout(4, 4, 12, 8), container.NewBorder(nil, nil,
			container.NewCenter(noticeSign), container.NewCenter(iconButton(theme.CancelIcon(), func() {
				w.dismissed = w.noticed.text
				w.notice.Hide()
				w.main.Refresh()
			})),
			container.New(wholeTextLayout{width: windowWidth - 100}, w.noticed),
		)),
	)
	w.notice.Hide()

	w.list = newCameraList(cameraCommands{
		open:     w.openCamera,
		copyLink: func(c app.Camera) { w.copyText(w.streamLink(c)) },
		edit:     w.editCamera,
		remove:   w.confirmRemove,
		enable:   w.enableCamera,
	}, w.lookAt)

	w.undoText = newText(1, fyne.TextStyle{}, theme.SizeNameText, theme.ColorNameForeground)
	w.add = widget.NewButtonWithIcon("Add camera", theme.ContentAddIcon(), w.addCamera)
	w.totals = newText(1, fyne.TextStyle{}, theme.SizeNameText, muted)

	icon := canvas.NewImageFromResource(fyne.NewStaticResource("traycam.png", assets.AppIcon))
	icon.FillMode = canvas.ImageFillContain
	icon.SetMinSize(fyne.NewSquareSize(96))
	welcome := widget.NewLabelWithStyle("Traycam takes pictures from your cameras and shows them in a web browser.",
		fyne.TextAlignCenter, fyne.TextStyle{})
	w.firstAdd = widget.NewButtonWithIcon("Add a camera", theme.ContentAddIcon(), w.addCamera)
	w.firstAdd.Importance = widget.HighImportance
	w.first = container.NewCenter(container.NewVBox(icon, welcome, container.NewCenter(w.firstAdd)))

	w.undoBar = container.NewStack(
		ground(theme.ColorNameInputBackground),
		container.New(layout.NewCustomPaddedLayout(4, 4, 12, 8), container.New(besideLayout{}, w.undoText,
			widget.NewButtonWithIcon("Undo", theme.ContentUndoIcon(), w.undo))),
	)
	w.undoBar.Hide()
	below := container.NewVBox(
		w.undoBar,
		widget.NewSeparator(),
		container.New(layout.NewCustomPaddedLayout(6, 6, 12, 8), container.NewBorder(nil, nil, nil, w.add,
			container.New(layout.NewCustomPaddedVBoxLayout(0), layout.NewSpacer(), w.totals, layout.NewSpacer()))),
	)
	w.main = container.NewBorder(
		container.NewVBox(header, widget.NewSeparator(), w.notice), below, nil, nil,
		container.NewStack(w.first, w.list.scroll),
	)
	w.pages = container.New(&pagesLayout{after: w.lookAt}, w.main)

	// Nothing is claimed before the first snapshot.
	w.copy.Hide()
	w.viewer.Disable()
	w.startStop.Disable()
	w.first.Hide()
	w.list.scroll.Hide()
	w.add.Hide()
}

// render shows a snapshot.
func (w *window) render(s app.Snapshot, now time.Time) {
	w.snapshot = s

	m, word := streamingWords(s.Streaming)
	if res := markIcons[m]; w.sign.Resource != res {
		w.sign.Resource = res
		w.sign.Refresh()
	}
	fg := colorOf(w.app.Settings().Theme(), theme.ColorNameForeground)
	moved := w.address.set(shortURL(s.ViewerURL))
	if w.state.Text != word || w.state.Color != fg {
		w.state.Text, w.state.Color = word, fg
		w.state.Refresh()
		moved = true
	}
	moved = setVisible(w.copy, s.ViewerURL != "") || moved
	setEnabled(w.viewer, s.ViewerURL != "")

	on := streamingIsOn(s.Streaming)
	text, icon := "Start", theme.MediaPlayIcon()
	if on {
		text, icon = "Stop", theme.MediaStopIcon()
	}
	if w.startStop.Text != text {
		w.startStop.Text, w.startStop.Icon = text, icon
		w.startStop.Refresh()
		moved = true
	}
	setEnabled(w.startStop, s.Streaming != app.Starting && s.Streaming != app.Stopping)

	none := len(s.Cameras) == 0
	setImportance(w.viewer, on && !none)
	setImportance(w.startStop, !on && !none)
	moved = setVisible(w.first, none) || moved
	moved = setVisible(w.list.scroll, !none) || moved
	moved = setVisible(w.add, !none) || moved
	moved = w.renderNotice(s) || moved
	w.totals.set(totals(s))
	if moved {
		w.main.Refresh() // each of these moves what is beside it
	}
	w.list.update(s, now)
	w.renderUndo(now)
	if w.form != nil {
		w.form.cameras = s.Cameras
	}
}

// renderNotice shows why streaming is not possible, and what else the person
// should know. It reports whether that made a difference.
func (w *window) renderNotice(s app.Snapshot) bool {
	var said []string
	for _, notice := range s.Notices {
		said = append(said, inWords(notice))
	}
	if s.Streaming == app.Failed && s.Reason != nil {
		said = append([]string{inWords(s.Reason)}, said...)
	}
	if len(said) > 2 {
		said = append(said[:2:2], fmt.Sprintf("(%d more in the log.)", len(said)-2))
	}
	text := strings.Join(said, " ")
	changed := w.noticed.set(text)
	return setVisible(w.notice, text != "" && text != w.dismissed) || changed
}

// tick brings what counts down up to date. Called every second.
func (w *window) tick(now time.Time) {
	w.renderUndo(now)
	if !w.copied.IsZero() && now.Sub(w.copied) > time.Second {
		w.copied = time.Time{}
		w.copy.SetIcon(theme.ContentCopyIcon())
	}
	if w.visible {
		w.list.tick(now)
	}
}

// lookAt tells which pictures are worth decoding.
func (w *window) lookAt() {
	if w.list == nil || w.pictures == nil {
		return
	}
	if !w.visible || w.form != nil {
		w.pictures.want(nil, image.Point{})
		return
	}
	scale := w.win.Canvas().Scale()
	w.pictures.want(w.list.visible(), image.Pt(int(previewWidth*scale), int(previewHeight*scale)))
}

// show brings the window up.
func (w *window) show() {
	w.visible = true
	w.win.Show()
	w.win.RequestFocus()
	w.lookAt()
}

func (w *window) hide() {
	w.saveSize()
	w.visible = false
	w.win.Hide()
	w.lookAt()
}

func (w *window) quit() {
	w.saveSize()
	w.app.Quit()
}

// close is what closing the window means: it goes on in the tray, if there is one.
func (w *window) close() {
	if w.closing {
		return
	}
	w.closing = true
	w.commands.Go(func() {
		inTray := w.trayShown()
		w.do(func() {
			w.closing = false
			switch {
			case !inTray:
				w.askToClose()
			case w.app.Preferences().Bool(prefToldAbout):
				w.hide()
			default:
				w.tellAboutTray()
			}
		})
	})
}

// tellAboutTray says once where the window went.
func (w *window) tellAboutTray() {
	w.ask("Traycam stays in the tray",
		"Your cameras go on streaming without this window. The Traycam icon in the tray brings it back, and quits Traycam.",
		choice{"OK", widget.HighImportance, func() {
			w.app.Preferences().SetBool(prefToldAbout, true)
			w.hide()
		}})
}

// askToClose is for desktops without a tray, where a hidden window is not easily found again.
func (w *window) askToClose() {
	w.ask("Close the window?",
		"This desktop has no tray for Traycam's icon. Traycam can go on without a window: start Traycam again to see it.",
		choice{"Cancel", widget.MediumImportance, nil},
		choice{"Quit Traycam", widget.MediumImportance, w.quit},
		choice{"Keep streaming", widget.HighImportance, w.hide})
}

// choice is a button of a question.
type choice struct {
	text       string
	importance widget.Importance
	do         func() // nil: nothing
}

// ask puts a question over the window, with its most likely answer last: that
// is what Return gives, and Escape the first. It takes the place of one before.
func (w *window) ask(title, text string, choices ...choice) {
	label := widget.NewLabel(text)
	label.Wrapping = fyne.TextWrapWord
	w.askAbout(title, label, choices...)
}

func (w *window) askAbout(title string, content fyne.CanvasObject, choices ...choice) {
	if w.question != nil {
		w.question.Hide()
	}
	d := dialog.NewCustomWithoutButtons(title, container.NewStack(minimum(fyne.NewSize(420, 1)), content), w.win)
	w.question, w.answers = d, nil
	d.SetOnClosed(func() {
		if w.question == d {
			w.question, w.answers = nil, nil
		}
	})
	buttons := make([]fyne.CanvasObject, len(choices))
	for i, c := range choices {
		answer := func() {
			d.Hide()
			if c.do != nil {
				c.do()
			}
		}
		b := widget.NewButton(c.text, answer)
		b.Importance = c.importance
		buttons[i] = b
		w.answers = append(w.answers, answer)
	}
	d.SetButtons(buttons)
	w.win.Canvas().Unfocus()
	d.Show()
}

// typed is told the keys that no field takes.
func (w *window) typed(e *fyne.KeyEvent) {
	switch {
	case len(w.answers) > 0 && e.Name == fyne.KeyEscape:
		w.answers[0]()
	case len(w.answers) > 0 && (e.Name == fyne.KeyReturn || e.Name == fyne.KeyEnter):
		w.answers[len(w.answers)-1]()
	case w.form != nil && e.Name == fyne.KeyEscape:
		w.closeForm()
	}
}

// say tells something that needs no answer.
func (w *window) say(title, text string) {
	w.ask(title, text, choice{"OK", widget.HighImportance, nil})
}

func (w *window) savedSize() fyne.Size {
	var width, height float32
	if _, err := fmt.Sscanf(w.app.Preferences().String(prefSize), "%gx%g", &width, &height); err != nil {
		return fyne.NewSize(windowWidth, windowHeight)
	}
	return fyne.NewSize(min(max(width, windowWidth), 10000), min(max(height, windowHeight), 10000))
}

func (w *window) saveSize() {
	size := w.win.Canvas().Size()
	text := fmt.Sprintf("%.0fx%.0f", size.Width, size.Height)
	if w.visible && w.app.Preferences().String(prefSize) != text {
		w.app.Preferences().SetString(prefSize, text)
	}
}

// command runs f off the UI thread and then, on it, after with what f returned.
func (w *window) command(f func() error, after func(error)) {
	w.commands.Go(func() {
		err := f()
		w.do(func() { after(err) })
	})
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
	text := fmt.Sprintf("%d viewers are watching now. They lose their pictures.", w.snapshot.Viewers)
	if w.snapshot.Viewers == 1 {
		text = "1 viewer is watching now. It loses its picture."
	}
	w.ask("Stop streaming?", text,
		choice{"Keep streaming", widget.MediumImportance, nil},
		choice{"Stop", widget.HighImportance, func() {
			if streamingIsOn(w.snapshot.Streaming) {
				w.c.Stop()
			}
		}})
}

// toggleStreaming does it without asking: the tray's menu has just told how many watch.
func (w *window) toggleStreaming() {
	switch w.snapshot.Streaming {
	case app.Running:
		w.c.Stop()
	case app.Stopped, app.Failed:
		w.c.Start()
	}
}

func (w *window) openViewer() { w.open(w.snapshot.ViewerURL) }

func (w *window) openCamera(c app.Camera) { w.open(w.cameraLink(c)) }

func (w *window) openCameraByID(id string) {
	for _, c := range w.snapshot.Cameras {
		if c.ID == id {
			w.openCamera(c)
			return
		}
	}
}

// cameraLink is the page of one camera, streamLink its bare stream for other programs. Empty without an address.
func (w *window) cameraLink(c app.Camera) string { return w.link("cameras", c.ID) }

func (w *window) streamLink(c app.Camera) string {
	return w.link("cameras", c.ID, "stream.mjpg")
}

func (w *window) link(path ...string) string {
	if w.snapshot.ViewerURL == "" {
		return ""
	}
	u, err := url.JoinPath(w.snapshot.ViewerURL, path...)
	if err != nil {
		return ""
	}
	return u
}

// open shows an address in the browser, or says it where no browser opens.
func (w *window) open(address string) {
	if address == "" {
		w.show()
		w.say("No viewer yet", "Traycam has no address yet. Start streaming, then open the viewer.")
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
	entry := widget.NewEntry()
	entry.SetText(address)
	entry.OnChanged = func(s string) {
		if s != address {
			entry.SetText(address)
		}
	}
	w.askAbout("Open viewer", container.NewVBox(
		widget.NewLabel("No browser could be opened. Copy this address into one:"), entry,
	),
		choice{"Close", widget.MediumImportance, nil},
		choice{"Copy", widget.HighImportance, func() { w.copyText(address) }})
}

// openInBrowser opens the person's own browser. What the browser prints is dropped.
func openInBrowser(address string) error {
	// nil is the null device. A writer of ours would be a pipe that breaks under
	// a browser which outlives us.
	browser.Stdout, browser.Stderr = nil, nil
	return browser.OpenURL(address)
}

func (w *window) copyLink() {
	if w.snapshot.ViewerURL == "" {
		return
	}
	w.copyText(w.snapshot.ViewerURL)
	w.copy.SetIcon(theme.ConfirmIcon())
	w.copied = time.Now()
}

func (w *window) copyText(text string) {
	if text != "" {
		w.app.Clipboard().SetContent(text)
	}
}

func (w *window) addCamera() { w.openForm(nil) }

func (w *window) editCamera(c app.Camera) { w.openForm(&c) }

func (w *window) openForm(c *app.Camera) {
	w.form = newCameraForm(w, c)
	w.main.Hide()
	w.pages.Objects = []fyne.CanvasObject{w.main, w.form.page}
	w.pages.Refresh()
	w.win.Canvas().Focus(w.form.name)
	w.lookAt()
}

func (w *window) closeForm() {
	w.form = nil
	w.win.Canvas().Unfocus()
	w.pages.Objects = []fyne.CanvasObject{w.main}
	w.main.Show()
	w.pages.Refresh()
	w.lookAt()
}

func (w *window) enableCamera(c app.Camera, on bool) {
	config := c.CameraConfig
	config.Enabled = on
	w.command(func() error { return w.c.UpdateCamera(config) }, func(err error) {
		if err != nil {
			if row := w.list.rows[config.ID]; row != nil {
				row.onOff.set(row.camera.Enabled)
			}
			w.say("The camera could not be changed", inWords(err))
		}
	})
}

func (w *window) confirmRemove(c app.Camera) {
	text := "Traycam forgets this camera and how to reach it."
	if c.Viewers == 1 {
		text += " 1 viewer is watching it now."
	} else if c.Viewers > 1 {
		text += fmt.Sprintf(" %d viewers are watching it now.", c.Viewers)
	}
	w.ask("Remove "+shorten(c.Name, 40)+"?", text,
		choice{"Keep", widget.MediumImportance, nil},
		choice{"Remove", widget.DangerImportance, func() { w.removeCamera(c.CameraConfig) }})
}

func (w *window) removeCamera(c app.CameraConfig) {
	w.command(func() error { return w.c.RemoveCamera(c.ID) }, func(err error) {
		if err != nil {
			w.say("The camera could not be removed", inWords(err))
			return
		}
		w.removed = append(w.removed, removal{c, time.Now().Add(undoFor)})
		w.renderUndo(time.Now())
	})
}

// renderUndo offers to bring the camera back that was removed last.
func (w *window) renderUndo(now time.Time) {
	w.removed = slices.DeleteFunc(w.removed, func(r removal) bool { return !now.Before(r.until) })
	changed := setVisible(w.undoBar, len(w.removed) > 0)
	if len(w.removed) > 0 {
		changed = w.undoText.set(shorten(w.removed[len(w.removed)-1].camera.Name, 40)+" was removed.") || changed
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
	w.command(func() error {
		_, err := w.c.AddCamera(last.camera)
		return err
	}, w.complain("The camera could not be brought back"))
}

// Helpers that touch an object only where that makes a difference.

func setVisible(o fyne.CanvasObject, visible bool) (changed bool) {
	if o.Visible() == visible {
		return false
	}
	if visible {
		o.Show()
	} else {
		o.Hide()
	}
	return true
}

func setEnabled(b *widget.Button, on bool) {
	if b.Disabled() == !on {
		return
	}
	if on {
		b.Enable()
	} else {
		b.Disable()
	}
}

// setImportance makes a button the primary one of its screen, or an ordinary one.
func setImportance(b *widget.Button, primary bool) {
	importance := widget.MediumImportance
	if primary {
		importance = widget.HighImportance
	}
	if b.Importance != importance {
		b.Importance = importance
		b.Refresh()
	}
}

// ground is a rectangle in a colour of the theme that follows the theme.
func ground(name fyne.ThemeColorName) fyne.CanvasObject {
	g := &themedGround{name: name}
	g.ExtendBaseWidget(g)
	return g
}

type themedGround struct {
	widget.BaseWidget
	name fyne.ThemeColorName
	rect *canvas.Rectangle
}

func (g *themedGround) CreateRenderer() fyne.WidgetRenderer {
	g.rect = canvas.NewRectangle(colorOf(g.Theme(), g.name))
	return widget.NewSimpleRenderer(g.rect)
}

func (g *themedGround) Refresh() {
	if g.rect != nil {
		g.rect.FillColor = colorOf(g.Theme(), g.name)
	}
	g.BaseWidget.Refresh()
}

// besideLayout puts a second object right behind a text, which is cut where
// both do not fit.
type besideLayout struct{}

func (besideLayout) Layout(o []fyne.CanvasObject, size fyne.Size) {
	text, beside := o[0].(*textLines), o[1]
	min := beside.MinSize()
	width := text.natural() + 1
	if width > size.Width-min.Width-4 {
		width = size.Width - min.Width - 4
	}
	text.Move(fyne.NewPos(0, (size.Height-text.lineHeight())/2))
	text.Resize(fyne.NewSize(width, text.lineHeight()))
	beside.Move(fyne.NewPos(width+6, (size.Height-min.Height)/2))
	beside.Resize(min)
}

func (besideLayout) MinSize(o []fyne.CanvasObject) fyne.Size {
	min := o[1].MinSize()
	return fyne.NewSize(min.Width+40, max(min.Height, o[0].MinSize().Height))
}

// wholeTextLayout gives a text the height that all its lines need in at least a width.
type wholeTextLayout struct{ width float32 }

func (l wholeTextLayout) Layout(o []fyne.CanvasObject, size fyne.Size) {
	height := o[0].(*textLines).heightFor(size.Width)
	o[0].Move(fyne.NewPos(6, (size.Height-height)/2))
	o[0].Resize(fyne.NewSize(size.Width-6, height))
}

func (l wholeTextLayout) MinSize(o []fyne.CanvasObject) fyne.Size {
	return fyne.NewSize(0, o[0].(*textLines).heightFor(l.width))
}

// pagesLayout stacks the pages and tells when their size has changed.
type pagesLayout struct{ after func() }

func (l *pagesLayout) Layout(o []fyne.CanvasObject, size fyne.Size) {
	for _, page := range o {
		page.Move(fyne.Position{})
		page.Resize(size)
	}
	l.after()
}

func (l *pagesLayout) MinSize(o []fyne.CanvasObject) fyne.Size {
	var size fyne.Size
	for _, page := range o {
		size = size.Max(page.MinSize())
	}
	return size
}
