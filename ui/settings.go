package ui

import (
	"net/url"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/dialog"
	"fyne.io/fyne/v2/layout"
	"fyne.io/fyne/v2/storage"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"traycam/app"
	"traycam/sentence"
)

// settingsPage shows the settings. A change takes effect at once: there is nothing to save.
type settingsPage struct {
	w        *window
	settings app.Settings // as chosen here
	whole    fyne.CanvasObject
	filling  bool // fields are being set by the page itself
	sending  bool // the controller is being told

	viewerURL string // that the port's note is about

	port, viewers                  *entry
	portNote, viewersNote, problem *textLines
	atStart, atLogin, hidden       *check
	tellViewer, tellProblems       *check
	look                           *choices
	usual                          *button
	folder                         *textLines
	ffmpeg                         *ffmpegRow
	checked                        int // which check of the port is the newest
}

// looks are the values of app.Settings.Theme in the order in which they are offered.
var looks = []string{"system", "light", "dark"}

func newSettingsPage(w *window) *settingsPage {
	p := &settingsPage{w: w, settings: w.snapshot.Settings, viewerURL: w.snapshot.ViewerURL}
	small := func() *textLines {
		return newText(2, fyne.TextStyle{}, theme.SizeNameCaptionText, muted)
	}
	p.portNote, p.viewersNote = small(), small()
	p.problem = newText(2, fyne.TextStyle{}, theme.SizeNameText, theme.ColorNameError)
	p.port = w.newEntry("8090")
	p.port.OnChanged = func(string) { p.checkPort() }
	p.port.OnSubmitted = func(string) { p.applyPort() }
	p.port.left = p.applyPort
	p.viewers = w.newEntry(tr("no limit"))
	p.viewers.OnChanged = func(string) { p.applyViewers() }
	option := func(text string, set func(*app.Settings, bool)) *check {
		return w.newCheck(text, func(on bool) { p.change(func(s *app.Settings) { set(s, on) }) })
	}
	p.atStart = option(tr("Begin streaming when Traycam starts"), func(s *app.Settings, on bool) { s.StreamAtStart = on })
	p.hidden = option(tr("Start with the tray icon only"), func(s *app.Settings, on bool) { s.StartHidden = on })
	p.tellViewer = option(tr("When somebody begins to watch"), func(s *app.Settings, on bool) { s.NotifyFirstViewer = on })
	p.tellProblems = option(tr("When a camera is down for 30 seconds or back, and when streaming fails"), func(s *app.Settings, on bool) { s.NotifyProblems = on })
	p.atLogin = w.newCheck(tr("Start Traycam when I log in"), p.setAtLogin)
	p.look = w.newChoices([]string{tr("Like the system"), tr("Light"), tr("Dark")}, func(string) {
		p.change(func(s *app.Settings) { s.Theme = looks[max(0, p.look.SelectedIndex())] })
	})
	p.usual = p.w.newButton("", theme.ContentUndoIcon(), func() {
		p.change(func(s *app.Settings) { s.LogFolder = "" }) // the usual one
	})
	p.ffmpeg = newFFmpegRow(p)
	p.folder = newText(1, fyne.TextStyle{}, theme.SizeNameText, theme.ColorNameForeground)

	p.filling = true
	p.port.SetText(strconv.Itoa(p.settings.Port))
	p.filling = false
	p.fill()
	p.askAtLogin()
	p.layout()
	return p
}

func (p *settingsPage) layout() {
	row := func(label string, o ...fyne.CanvasObject) []fyne.CanvasObject {
		return []fyne.CanvasObject{fieldLabel(label), container.NewVBox(o...)}
	}
	var rows []fyne.CanvasObject
	for _, r := range [][]fyne.CanvasObject{
		row(tr("Port"), narrow(p.port), fieldNote(p.portNote)),
		row(tr("At most"), narrow(p.viewers, widget.NewLabel(tr("viewers at once"))), fieldNote(p.viewersNote)),
		row(tr("Start"), p.atStart, p.atLogin, p.hidden),
		row(tr("Tell me"), p.tellViewer, p.tellProblems),
		row(tr("Look"), container.NewHBox(container.New(widthLayout(200), p.look))),
		row("ffmpeg", p.ffmpeg.row()),
		row(tr("Log"), container.NewBorder(nil, nil, nil, container.NewHBox(
			p.w.newButton(tr("Show log"), nil, p.w.openLog),
			p.w.newButton(tr("Open folder"), nil, p.openFolder),
			p.w.newButton(tr("Change…"), nil, p.pickFolder),
			p.usual,
		), container.New(layout.NewCustomPaddedLayout(6, 4, 8, 8), p.folder))),
		row(tr("Help"), container.NewHBox(p.w.newButton(tr("Report a problem…"), nil, p.report))),
		row(tr("Version"), p.version()),
	} {
		rows = append(rows, r...)
	}
	done := p.w.newButton(tr("Close"), nil, p.w.closePage)
	done.Importance = widget.HighImportance
	p.whole = p.w.pageFrame(tr("Settings"), container.New(layout.NewFormLayout(), rows...),
		container.NewBorder(nil, nil, nil, done, p.problem))
}

// version shows it, and the way to a newer one. Traycam itself asks the network for nothing: the browser does.
func (p *settingsPage) version() fyne.CanvasObject {
	version := container.NewHBox(widget.NewLabel(p.w.snapshot.Version))
	if home := p.w.snapshot.Home; home != "" {
		version.Add(p.w.newButton(tr("Look for a newer version"), nil, func() { p.w.open(home + "/releases/latest") }))
	}
	return version
}

func (p *settingsPage) content() fyne.CanvasObject { return p.whole }

func (p *settingsPage) first() fyne.Focusable { return nil }

func (p *settingsPage) closed() { p.applyPort() }

// update takes over what was changed elsewhere, such as in the config file.
func (p *settingsPage) update(s app.Snapshot, _ time.Time) {
	if s.ViewerURL != p.viewerURL || s.LogFolder != p.folder.text {
		p.viewerURL = s.ViewerURL
		p.folder.set(s.LogFolder)
		p.checkPort()
	}
	if s.Settings == p.settings || p.sending {
		return
	}
	if s.Settings.Port != p.settings.Port {
		p.filling = true
		p.port.SetText(strconv.Itoa(s.Settings.Port))
		p.filling = false
	}
	p.settings = s.Settings
	p.fill()
}

// fill shows p.settings. The port is left alone: it may be half typed.
func (p *settingsPage) fill() {
	p.filling = true
	defer func() { p.filling = false }()
	s := p.settings
	p.atStart.SetChecked(s.StreamAtStart)
	p.hidden.SetChecked(s.StartHidden)
	p.tellViewer.SetChecked(s.NotifyFirstViewer)
	p.tellProblems.SetChecked(s.NotifyProblems)
	for i, look := range looks {
		if look == s.Theme {
			p.look.SetSelectedIndex(i)
		}
	}
	if n, err := viewersIn(p.viewers.Text); err != nil || n != s.MaxViewers || p.viewers.Text == "" {
		text := ""
		if s.MaxViewers > 0 {
			text = strconv.Itoa(s.MaxViewers)
		}
		p.viewers.SetText(text)
	}
	p.folder.set(p.w.snapshot.LogFolder)
	setVisible(p.usual, s.LogFolder != "")
	p.ffmpeg.show(s.FFmpeg)
	p.sayPort(nil)
}

// change makes a setting what the person chose, at once.
func (p *settingsPage) change(set func(*app.Settings)) {
	if p.filling {
		return
	}
	s := p.settings
	set(&s)
	if s == p.settings {
		return
	}
	p.settings = s
	p.send()
}

// send tells the controller p.settings, one at a time, so that the last one wins.
func (p *settingsPage) send() {
	if p.sending {
		return
	}
	p.sending = true
	s := p.settings
	p.w.command(func() error { return p.w.c.Configure(s) }, func(err error) {
		p.sending = false
		switch {
		case err != nil && p.w.page != p:
			p.w.say(tr("The setting could not be changed"), inWords(err))
			return
		case err != nil:
			p.problem.set(inWords(err))
			p.settings = p.w.snapshot.Settings
		case p.settings != s:
			p.send()
			return
		default:
			p.problem.set("")
		}
		p.fill()
	})
}

// sayPort tells below the port what is the matter with it.
func (p *settingsPage) sayPort(err error) {
	text, color := tr("Viewers open %s", shortURL(p.w.snapshot.ViewerURL)), muted
	switch {
	case err != nil:
		text, color = inWords(err), theme.ColorNameError
	case p.w.snapshot.PortGiven:
		text = tr("Traycam was started with --port, which holds for this time.")
	case p.w.snapshot.ViewerURL == "":
		text = ""
	}
	p.portNote.color = color
	p.portNote.set(text)
	p.portNote.Refresh()
	if p.whole != nil {
		p.whole.Refresh()
	}
}

func (p *settingsPage) typedPort() (int, error) { return portNumber(p.port.Text) }

// checkPort says whether the typed port can be had, before it is used.
func (p *settingsPage) checkPort() {
	if p.filling {
		return
	}
	p.checked++
	this := p.checked
	port, err := p.typedPort()
	if err != nil || port == p.settings.Port {
		p.sayPort(err)
		return
	}
	p.w.command(func() error { return p.w.c.CheckPort(port) }, func(err error) {
		if this == p.checked {
			p.sayPort(err)
		}
	})
}

// applyPort moves the viewer page to the typed port, if it can be had.
func (p *settingsPage) applyPort() {
	port, err := p.typedPort()
	if err != nil || port == p.settings.Port {
		return
	}
	p.checked++
	p.w.command(func() error { return p.w.c.CheckPort(port) }, func(err error) {
		if err == nil {
			p.change(func(s *app.Settings) { s.Port = port })
		}
		p.sayPort(err)
	})
}

func viewersIn(text string) (int, error) {
	text = strings.TrimSpace(text)
	if text == "" {
		return 0, nil
	}
	n, err := strconv.Atoi(text)
	if err != nil || n < 0 || n > 1e6 {
		return 0, sentence.Errorf("type a whole number, or nothing for no limit")
	}
	return n, nil
}

func (p *settingsPage) applyViewers() {
	n, err := viewersIn(p.viewers.Text)
	text := ""
	if err != nil {
		text = inWords(err)
	}
	p.viewersNote.color = theme.ColorNameError
	if p.viewersNote.set(text) && p.whole != nil {
		p.whole.Refresh()
	}
	if err == nil {
		p.change(func(s *app.Settings) { s.MaxViewers = n })
	}
}

// askAtLogin finds out whether Traycam starts at login.
func (p *settingsPage) askAtLogin() {
	var on bool
	p.w.command(func() error { on = p.w.c.StartsAtLogin(); return nil }, func(error) {
		p.filling = true
		p.atLogin.SetChecked(on)
		p.filling = false
	})
}

func (p *settingsPage) setAtLogin(on bool) {
	if p.filling {
		return
	}
	p.w.command(func() error { return p.w.c.StartAtLogin(on) }, func(err error) {
		p.problem.set("")
		if err != nil {
			p.problem.set(inWords(err))
		}
		p.askAtLogin()
	})
}

func (p *settingsPage) openFolder() {
	folder := filepath.ToSlash(p.w.snapshot.LogFolder)
	if !strings.HasPrefix(folder, "/") {
		folder = "/" + folder // C:/…
	}
	p.w.open((&url.URL{Scheme: "file", Path: folder}).String())
}

func (p *settingsPage) pickFolder() {
	pick := dialog.NewFolderOpen(func(folder fyne.ListableURI, err error) {
		if err != nil {
			p.problem.set(inWords(err))
			return
		}
		if folder != nil {
			p.change(func(s *app.Settings) { s.LogFolder = filepath.FromSlash(folder.Path()) })
		}
	}, p.w.win)
	if at, err := storage.ListerForURI(storage.NewFileURI(p.w.snapshot.LogFolder)); err == nil {
		pick.SetLocation(at)
	}
	p.w.showFiles(pick)
}

// report saves what a person sends along with a question.
func (p *settingsPage) report() {
	p.w.saveFile("traycam-report "+time.Now().Format("2006-01-02 15.04")+".txt", nil, p.w.c.Report, func(err error) {
		if err != nil {
			p.w.say(tr("The report could not be saved"), inWords(err))
			return
		}
		p.w.say(tr("The report is saved"), tr("It holds your settings without passwords and links, and the last lines of the log. Look through it before you send it."))
	})
}
