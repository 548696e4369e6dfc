package ui

import (
	"context"
	"fmt"
	"image"
	"log/slog"
	"strings"
	"sync"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/dialog"
	"fyne.io/fyne/v2/layout"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

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

type windowOptions struct {
	ctx     context.Context // what the window starts lasts no longer
	log     *slog.Logger
	do      func(func())           // runs a function on the UI thread
	openURL func(url string) error // shows an address in the browser; may take as long as the browser runs
}

// window is the main window: the list of cameras, or a page over it. All its
// methods and fields belong to the UI thread, but for those said otherwise.
type window struct {
	windowOptions
	app       fyne.App
	win       fyne.Window
	c         Controller
	trayShown func() bool    // asked off the UI thread
	commands  sync.WaitGroup // commands on their way to the controller
	orders    orders         // the commands that have not been given yet
	pictures  *previews      // works off the UI thread

	snapshot  app.Snapshot
	shown     bool // a snapshot has been shown
	visible   bool
	closing   bool // the answer to closing the window is being found
	removed   []removal
	copied    time.Time          // when the address was copied; the button shows it for a second or two
	page      page               // over the list, or nil
	question  dialog.Dialog      // over the window, or nil
	answers   []func()           // what its buttons do
	files     *dialog.FileDialog // over the window, or nil
	shortcuts map[string]func()  // by name
	logs      *logWindow         // nil while it is closed

	pages     *fyne.Container // the list, or the page over it
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
	crash     *fyne.Container // offers the report of a run that ended in a mistake
	undoBar   *fyne.Container
	undoText  *textLines
	add       *widget.Button
	firstAdd  *widget.Button
	totals    *textLines
	shared    *textLines
}

// A page fills the window in place of the list.
type page interface {
	// content is the same object each time.
	content() fyne.CanvasObject
	// first is what the keyboard begins with; nil: nothing.
	first() fyne.Focusable
	// update is told every snapshot while the page is shown.
	update(s app.Snapshot, now time.Time)
	// closed is told once, when the page is taken away.
	closed()
}

func newWindow(a fyne.App, c Controller, o windowOptions) *window {
	speak()
	w := &window{windowOptions: o, app: a, c: c, trayShown: func() bool { return false }}
	a.Settings().SetTheme(look{theme.DefaultTheme(), "system"})
	a.SetIcon(fyne.NewStaticResource("traycam.png", assets.AppIcon))
	w.win = a.NewWindow("Traycam")
	w.win.SetPadded(false)
	w.win.SetMaster()
	w.pictures = newPreviews(o.log, c.Newest, func(id string, picture image.Image, done func()) {
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
	w.bindKeys()
	return w
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
	w.viewer = widget.NewButton(tr("Open viewer"), w.openViewer)
	share := widget.NewButton(tr("Share"), w.openShare)
	settings := widget.NewButtonWithIcon("", theme.SettingsIcon(), w.openSettings)
	header := container.New(layout.NewCustomPaddedLayout(8, 8, 12, 8), container.NewBorder(nil, nil,
		container.NewHBox(container.NewCenter(w.sign), container.NewCenter(w.state), minimum(fyne.NewSize(8, 1))),
		container.NewHBox(w.startStop, w.viewer, share, settings),
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
	w.crash = w.crashBar()

	w.list = newCameraList(cameraCommands{
		open:         w.openCamera,
		copyLink:     func(c app.Camera) { w.copyText(w.streamLink(c)) },
		showCode:     w.showCode,
		saveSnapshot: w.saveSnapshot,
		edit:         w.editCamera,
		duplicate:    w.duplicateCamera,
		move:         w.moveCamera,
		remove:       w.confirmRemove,
		enable:       w.enableCamera,
		shortcut:     w.typedShortcut,
	}, w.lookAt)

	w.undoText = newText(1, fyne.TextStyle{}, theme.SizeNameText, theme.ColorNameForeground)
	w.add = widget.NewButtonWithIcon(tr("Add camera"), theme.ContentAddIcon(), w.addCamera)
	w.totals = newText(1, fyne.TextStyle{}, theme.SizeNameText, muted)
	w.shared = newText(1, fyne.TextStyle{}, theme.SizeNameText, muted)
	w.shared.align = fyne.TextAlignTrailing

	icon := canvas.NewImageFromResource(fyne.NewStaticResource("traycam.png", assets.AppIcon))
	icon.FillMode = canvas.ImageFillContain
	icon.SetMinSize(fyne.NewSquareSize(96))
	welcome := widget.NewLabelWithStyle(tr("Traycam takes pictures from your cameras and shows them in a web browser."),
		fyne.TextAlignCenter, fyne.TextStyle{})
	w.firstAdd = widget.NewButtonWithIcon(tr("Add a camera"), theme.ContentAddIcon(), w.addCamera)
	w.firstAdd.Importance = widget.HighImportance
	demo := widget.NewButton(tr("Try the demo"), w.tryDemo)
	w.first = container.NewCenter(container.NewVBox(icon, welcome, container.NewCenter(container.NewHBox(w.firstAdd, demo))))

	w.undoBar = container.NewStack(
		ground(theme.ColorNameInputBackground),
		container.New(layout.NewCustomPaddedLayout(4, 4, 12, 8), container.New(besideLayout{}, w.undoText,
			widget.NewButtonWithIcon(tr("Undo"), theme.ContentUndoIcon(), w.undo))),
	)
	w.undoBar.Hide()
	below := container.NewVBox(
		w.undoBar,
		widget.NewSeparator(),
		container.New(layout.NewCustomPaddedLayout(6, 6, 12, 8), container.NewBorder(nil, nil, nil, w.add,
			container.New(edgesLayout{}, w.totals, w.shared))),
	)
	w.main = container.NewBorder(
		container.NewVBox(header, widget.NewSeparator(), w.crash, w.notice), below, nil, nil,
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
	if !w.shown || s.Settings.Theme != w.snapshot.Settings.Theme {
		w.app.Settings().SetTheme(look{theme.DefaultTheme(), s.Settings.Theme})
	}
	w.snapshot, w.shown = s, true

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
	text, icon := tr("Start"), theme.MediaPlayIcon()
	if on {
		text, icon = tr("Stop"), theme.MediaStopIcon()
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
	moved = w.renderCrash(s) || moved
	moved = w.renderNotice(s) || moved
	w.totals.set(totals(s))
	w.shared.set(sharedWords(s.Share.Mode))
	if moved {
		w.main.Refresh() // each of these moves what is beside it
	}
	w.list.update(s, now)
	w.renderUndo(now)
	if w.page != nil {
		w.page.update(s, now)
	}
	if w.logs != nil {
		w.logs.nameCameras(s)
	}
}

// renderNotice shows why streaming is not possible, and what else the person
// should know. It reports whether that made a difference.
func (w *window) renderNotice(s app.Snapshot) bool {
	var said []string
	if s.Streaming == app.Failed && s.Reason != nil {
		said = append(said, inWords(s.Reason))
	}
	for _, notice := range s.Notices {
		said = append(said, inWords(notice))
	}
	if len(said) > 2 {
		said = append(said[:2:2], tr("(%d more in the log.)", len(said)-2))
	}
	text := strings.Join(said, " ")
	changed := w.noticed.set(text)
	if changed {
		w.dismissed = "" // it is another one, or the same again
	}
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
	if !w.visible || w.page != nil {
		w.pictures.want(nil, image.Point{})
		return
	}
	scale := w.win.Canvas().Scale()
	w.pictures.want(w.list.visible(), image.Pt(int(previewWidth*scale), int(previewHeight*scale)))
}

// openPage shows a page in place of the list, and of the page that was there.
func (w *window) openPage(p page) {
	w.leavePage()
	w.page = p
	p.update(w.snapshot, time.Now())
	w.main.Hide()
	w.pages.Objects = []fyne.CanvasObject{w.main, p.content()}
	w.pages.Refresh()
	w.win.Canvas().Unfocus()
	if f := p.first(); f != nil {
		w.win.Canvas().Focus(f)
	}
	w.lookAt()
}

// closePage brings the list back.
func (w *window) closePage() {
	if w.page == nil {
		return
	}
	w.leavePage()
	w.win.Canvas().Unfocus()
	w.pages.Objects = []fyne.CanvasObject{w.main}
	w.main.Show()
	w.pages.Refresh()
	w.lookAt()
}

func (w *window) leavePage() {
	if p := w.page; p != nil {
		w.page = nil
		p.closed()
	}
}

// pageFrame is what all pages look like: a heading, what scrolls below it, and a
// foot that stays.
func (w *window) pageFrame(title string, body, foot fyne.CanvasObject) fyne.CanvasObject {
	heading := widget.NewLabel(title)
	heading.TextStyle.Bold = true
	heading.SizeName = theme.SizeNameSubHeadingText
	heading.Truncation = fyne.TextTruncateEllipsis
	return container.NewBorder(
		container.New(columnLayout(columnWidth), heading),
		container.NewVBox(widget.NewSeparator(),
			container.New(layout.NewCustomPaddedLayout(8, 8, 12, 8), container.New(columnLayout(columnWidth), foot))),
		nil, nil,
		container.NewVScroll(container.New(columnLayout(columnWidth), body)))
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
	if f, ok := w.page.(*cameraForm); ok {
		f.trial.stop() // nobody sees it, and the camera itself may be let go for it
	}
	w.win.Hide()
	w.lookAt()
}

func (w *window) quit() {
	w.saveSize()
	w.leavePage()
	w.app.Quit()
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
