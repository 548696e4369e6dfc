package ui

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/layout"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"traycam/app"
	"traycam/sentence"
)

// firstPort is what the form proposes for the first camera that connects to us.
const firstPort = 9001

// Sizes that the form offers for the test picture.
var testSizes = []string{"640x360", "1280x720", "1920x1080"}

// cameraForm is the page that adds a camera, or changes one. What is wrong is
// said below the field that it is about, once the field has been touched.
type cameraForm struct {
	w       *window
	was     *app.CameraConfig // nil: a new camera
	began   address           // what the fields said at first
	cameras []app.Camera      // all, whose ports are taken
	hosts   []string          // this computer's addresses, the likeliest first

	whole fyne.CanvasObject
	kind  *choices

	name, port, allow, host, dialPort *entry
	url, user, password, key          *entry
	fps, raw, maxFPS                  *entry
	size                              *choices
	webcam                            *webcamField
	picture                           *pictureFields
	mine                              *textLines // what to type into the camera
	fields                            []*formField
	commands                          *commandView
	trial                             *trialView
	find                              *finder
	failed                            *textLines
	save, test                        *button

	touched map[fyne.Focusable]bool
	all     bool // save has been tried: say everything
	filling bool // fields are being set by the form itself
}

// formField is a labelled row with a hint below, or what is wrong instead.
type formField struct {
	label  *widget.Label
	row    *fyne.Container
	note   *textLines
	hint   func() string
	kinds  []kind // shown for these; empty: always
	inputs []fyne.Focusable
	wrong  string
}

func newCameraForm(w *window, c *app.Camera) *cameraForm {
	f := &cameraForm{w: w, cameras: w.snapshot.Cameras, hosts: w.snapshot.Hosts, touched: map[fyne.Focusable]bool{}}
	a := address{kind: kindListen, port: freePort(f.cameras)}
	title, save := tr("Add a camera"), tr("Add camera")
	config := app.CameraConfig{Enabled: true}
	if c != nil {
		config = c.CameraConfig
		f.was = &config
		a = parseAddress(config.URL)
		title, save = tr("Edit %s", shorten(config.Name, 40)), tr("Save")
	}

	f.name = f.entry(tr("Such as Front door"))
	f.port = f.entry("9001")
	f.allow = f.entry(tr("any device"))
	f.host = f.entry(tr("Such as 10.0.0.7"))
	f.host.paste = f.takeHost
	f.host.left = func() { f.takeHost(f.host.Text) }
	f.dialPort = f.entry("8888")
	f.url = f.entry("")
	f.url.left = f.spreadURL
	f.user = f.entry(tr("none"))
	f.password = f.entry(tr("none"))
	f.password.Password = true
	f.password.paste = nil
	f.key = f.entry(tr("none: from this computer only"))
	f.key.paste = nil
	f.fps = f.entry("15")
	f.raw = f.entry(tr("Such as tcp://10.0.0.7:8888"))
	f.maxFPS = f.entry(tr("all"))
	f.size = f.w.newChoices(nil, func(string) { f.changed(f.size) })
	f.webcam = newWebcamField(f)
	f.kind = f.w.newChoices(kindNames(), func(string) { f.changed(nil) })
	f.mine = newText(1, fyne.TextStyle{}, theme.SizeNameText, theme.ColorNameForeground)
	f.commands = newCommandView(w)
	f.trial = newTrialView(w)
	f.trial.changed = f.trialChanged
	f.find = &finder{w: w, form: f}
	f.failed = newText(2, fyne.TextStyle{}, theme.SizeNameText, theme.ColorNameError)
	f.save = f.w.newButton(save, nil, f.submit)
	f.save.Importance = widget.HighImportance
	f.test = f.w.newButton(tr("Test"), nil, f.toggleTest)
	f.addFields()
	f.picture = newPictureFields(f, config)

	f.filling = true
	f.name.SetText(config.Name)
	if config.MaxFPS > 0 {
		f.maxFPS.SetText(strconv.Itoa(config.MaxFPS))
	}
	f.port.SetText(freePort(f.cameras))
	f.fps.SetText("15")
	f.fill(a)
	f.filling = false
	f.began = f.address()
	f.layout(title)
	f.check()
	return f
}

func (f *cameraForm) content() fyne.CanvasObject { return f.whole }

func (f *cameraForm) first() fyne.Focusable { return f.name }

func (f *cameraForm) update(s app.Snapshot, _ time.Time) {
	f.cameras = s.Cameras
	if !slices.Equal(f.hosts, s.Hosts) {
		f.hosts = s.Hosts
		f.check()
	}
}

func (f *cameraForm) closed() {
	f.trial.stop()
	f.find.stop()
}

// addFields makes the rows, in the order in which they stand.
func (f *cameraForm) addFields() {
	withUnit := func(o fyne.CanvasObject) fyne.CanvasObject {
		return narrow(o, widget.NewLabel(tr("pictures a second")))
	}
	network := []kind{kindWeb, kindRTSP}
	f.field("", tr("Lists the cameras that answer in your network, so that nothing has to be typed."), nil,
		container.NewHBox(f.w.newButton(tr("Find cameras"), theme.SearchIcon(), f.find.look)))
	f.field(tr("Name"), "", nil, f.name, f.name)
	f.field(tr("Camera"), "", nil, f.kind, f.kind).hint = func() string { return f.picked().hint() }
	f.field(tr("Port"), tr("A port that nothing else on this computer uses."), []kind{kindListen}, narrow(f.port), f.port)
	f.field(tr("Send to"), tr("Type this into the camera: this computer's address, and the port."), []kind{kindListen},
		container.New(layout.NewCustomPaddedLayout(6, 4, 8, 0), f.mine))
	f.field(tr("Address"), tr("A name or number and a port. A whole address can be pasted, too."), []kind{kindDial},
		container.NewBorder(nil, nil, nil, container.NewHBox(widget.NewLabel(tr("Port")), container.New(widthLayout(90), f.dialPort)), f.host),
		f.host, f.dialPort)
	f.field(tr("Address"), "", network, f.url, f.url).hint = f.urlHint
	f.field(tr("User"), "", network, container.NewGridWithColumns(2, f.user,
		container.NewBorder(nil, nil, widget.NewLabel(tr("Password")), nil, f.password)), f.user, f.password)
	f.webcam.addTo()
	f.field(tr("Key"), tr("Programs on other computers send this key along. Eight letters or more."), []kind{kindPush},
		container.NewBorder(nil, nil, nil, f.w.newButton(tr("Make one"), nil, func() { f.key.SetText(newKey()) }), f.key), f.key)
	f.field(tr("Picture"), "", []kind{kindTest},
		container.NewHBox(container.New(widthLayout(150), f.size), withUnit(f.fps)), f.size, f.fps)
	f.field(tr("Address"), tr("The camera's whole address."), []kind{kindOther}, f.raw, f.raw)
	f.field(tr("To try it"), tr("Ready to copy, for the device that the camera is on."), []kind{kindListen, kindDial, kindPush}, f.commands.box)
	f.field(tr("Let in"), tr("To let only some in, type their networks, such as 192.168.1.0/24."), []kind{kindListen}, f.allow, f.allow)
	f.field(tr("At most"), "", nil, withUnit(f.maxFPS), f.maxFPS)
}

func (f *cameraForm) field(label, hint string, kinds []kind, input fyne.CanvasObject, inputs ...fyne.Focusable) *formField {
	field := &formField{label: fieldLabel(label), hint: func() string { return hint }, kinds: kinds, inputs: inputs}
	field.note = newText(2, fyne.TextStyle{}, theme.SizeNameCaptionText, muted)
	field.row = container.NewVBox(input, fieldNote(field.note))
	f.fields = append(f.fields, field)
	return field
}

func (f *cameraForm) layout(title string) {
	rows := make([]fyne.CanvasObject, 0, 2*len(f.fields))
	for _, field := range f.fields {
		rows = append(rows, field.label, field.row)
	}
	foot := container.NewVBox(f.trial.box, container.NewBorder(nil, nil, f.test,
		container.NewHBox(f.w.newButton(tr("Cancel"), nil, f.w.closePage), f.save),
		container.New(layout.NewCustomPaddedLayout(0, 0, 8, 8), f.failed)))
	f.whole = f.w.pageFrame(title, container.New(layout.NewFormLayout(), rows...), foot)
}

func (f *cameraForm) entry(example string) *entry {
	e := f.w.newEntry(example)
	e.OnChanged = func(string) { f.changed(e) }
	e.OnSubmitted = func(string) { f.submit() }
	e.paste = f.takeWhole
	return e
}

// freePort is the lowest port from firstPort on that no camera listens on.
func freePort(cameras []app.Camera) string {
	taken := map[string]bool{}
	for _, c := range cameras {
		if a := parseAddress(c.URL); a.kind == kindListen {
			taken[a.port] = true
		}
	}
	port := firstPort
	for taken[strconv.Itoa(port)] {
		port++
	}
	return strconv.Itoa(port)
}

// fill puts an address into the fields.
func (f *cameraForm) fill(a address) {
	set := func(e *entry, text string) {
		if text != "" {
			e.SetText(text)
		}
	}
	switch a.kind {
	case kindListen:
		set(f.port, a.port)
		f.allow.SetText(a.allow)
	case kindDial:
		f.host.SetText(a.host)
		set(f.dialPort, a.port)
	case kindWeb, kindRTSP:
		f.url.SetText(a.url)
		f.user.SetText(a.user)
		set(f.password, a.password)
	case kindWebcam:
		f.webcam.set(a.device)
	case kindPush:
		f.key.SetText(a.key)
	case kindTest:
		set(f.fps, a.fps)
	case kindOther:
		f.raw.SetText(a.raw)
	}
	size := a.size
	if size == "" {
		size = "1280x720"
	}
	f.size.Options = testSizes
	if !slices.Contains(testSizes, size) {
		f.size.Options = append([]string{size}, testSizes...)
	}
	f.size.SetSelected(size)
	f.kind.SetSelectedIndex(int(a.kind))
}

// address is what the fields say.
func (f *cameraForm) address() address {
	trimmed := func(e *entry) string { return strings.TrimSpace(e.Text) }
	switch k := f.picked(); k {
	case kindListen:
		return address{kind: k, port: trimmed(f.port), allow: trimmed(f.allow)}
	case kindDial:
		if a, whole := looksWhole(f.host.Text); whole {
			return a // typed, and not yet spread over the fields
		}
		return address{kind: k, host: trimmed(f.host), port: trimmed(f.dialPort)}
	case kindWeb, kindRTSP:
		return address{kind: k, url: trimmed(f.url), user: trimmed(f.user), password: f.password.Text}
	case kindWebcam:
		return address{kind: k, device: f.webcam.device}
	case kindPush:
		return address{kind: k, key: trimmed(f.key)}
	case kindTest:
		return address{kind: k, size: f.size.Selected, fps: trimmed(f.fps)}
	default:
		return address{kind: k, raw: trimmed(f.raw)}
	}
}

func (f *cameraForm) picked() kind { return kind(max(0, f.kind.SelectedIndex())) }

func (f *cameraForm) urlHint() string {
	if f.picked() == kindRTSP {
		return tr("Such as rtsp://10.0.0.7/stream1, as the camera's manual gives it.")
	}
	return tr("Such as http://10.0.0.7/video.mjpg, as the camera's manual gives it.")
}

// changed is called for every change of a field. in is nil for the kind.
func (f *cameraForm) changed(in fyne.Focusable) {
	if f.filling {
		return
	}
	if in != nil {
		f.touched[in] = true
	}
	f.failed.set("")
	f.trial.stop()
	f.check()
}

// takeWhole spreads a whole address over the fields, wherever it was pasted.
func (f *cameraForm) takeWhole(text string) bool {
	a, whole := looksWhole(text)
	return whole && hasScheme(text) && f.take(a)
}

// spreadURL takes the password out of an address that was typed, where it could
// be read, and finds its kind.
func (f *cameraForm) spreadURL() {
	a, whole := looksWhole(f.url.Text)
	if whole && hasScheme(f.url.Text) && (a.user != "" || a.password != "" || a.kind != f.picked()) {
		f.take(a)
	}
}

// takeHost takes a host with its port, too.
func (f *cameraForm) takeHost(text string) bool {
	a, whole := looksWhole(text)
	return whole && f.take(a)
}

func (f *cameraForm) take(a address) bool {
	if a == f.address() {
		return true
	}
	f.trial.stop()
	f.filling = true
	f.password.SetText("") // no host gets another one's
	f.fill(a)
	if a.kind != kindDial {
		f.host.SetText("")
		delete(f.touched, f.host)
	}
	f.filling = false
	f.check()
	return true
}

// takeFound takes what was found in the network, as if it were pasted.
func (f *cameraForm) takeFound(url, user, password, name string) {
	a := parseAddress(url)
	a.user, a.password = user, password
	f.take(a)
	if strings.TrimSpace(f.name.Text) == "" {
		f.name.SetText(shorten(name, app.MaxName))
	}
}

// maximum is the frame rate that is passed on, 0 for all.
func (f *cameraForm) maximum() (int, error) {
	text := strings.TrimSpace(f.maxFPS.Text)
	if text == "" {
		return 0, nil
	}
	n, err := strconv.Atoi(text)
	if err != nil || n < 0 || n > 1000 {
		return 0, sentence.Errorf("type a whole number of pictures a second, or nothing")
	}
	return n, nil
}

// sendTo is what a camera that connects to us has to be told.
func (f *cameraForm) sendTo(a address) string {
	if a.kind != kindListen || a.port == "" {
		return ""
	}
	return tr("%s, port %s", strings.Join(f.hostsOr("localhost"), tr(" or ")), a.port)
}

// hostsOr is this computer's likeliest addresses, or what stands for them where there is no network.
func (f *cameraForm) hostsOr(none string) []string {
	if len(f.hosts) == 0 {
		return []string{none}
	}
	return f.hosts[:min(len(f.hosts), 2)]
}

// example is what the ready commands are about.
func (f *cameraForm) example() commandFor {
	c := commandFor{host: f.hostsOr("localhost")[0]}
	if f.was != nil && f.was.ID != "" {
		c.post = linkUnder(f.w.shareURL(), "cameras", f.was.ID, "frames")
	}
	return c
}

// config is the camera that the fields describe.
func (f *cameraForm) config() app.CameraConfig {
	c := app.CameraConfig{Enabled: true}
	if f.was != nil {
		c = *f.was
	}
	c.Name = strings.TrimSpace(f.name.Text)
	c.MaxFPS, _ = f.maximum()
	f.picture.into(&c)
	if a := f.address(); f.was == nil || a != f.began {
		// Else it stays as it was written, to the letter.
		c.URL = a.URL()
		if !f.keepsPassword(a) {
			c.Password = ""
		}
	}
	return c
}

// keepsPassword tells whether the password in the keyring stays the camera's: the
// host and the user are the same, and no other is typed.
func (f *cameraForm) keepsPassword(a address) bool {
	return f.was != nil && f.was.Password != "" && a.password == "" &&
		a.kind == f.began.kind && a.user == f.began.user && hostOf(a.url) == hostOf(f.began.url)
}

// toggleTest tries the camera as the fields describe it, or ends that.
func (f *cameraForm) toggleTest() {
	if f.trial.running() {
		f.trial.stop()
		return
	}
	if f.picked() == kindPush && f.was == nil {
		f.failed.set(tr("Add the camera first; then programs have an address to post to."))
		return
	}
	named := f.name.Text
	if strings.TrimSpace(named) == "" {
		f.filling = true
		f.name.SetText(tr("Test")) // a name is not what is being tried
	}
	f.all = true
	well := f.check()
	config := f.config()
	if f.filling {
		f.name.SetText(named)
		f.filling, f.all = false, false
	}
	if well {
		f.trial.start(config)
	}
}

func (f *cameraForm) trialChanged() {
	text := tr("Test")
	if f.trial.running() {
		text = tr("End test")
	}
	if f.test.Text != text {
		f.test.SetText(text)
	}
	if f.whole != nil {
		f.whole.Refresh()
	}
}

// submit saves the camera, or says what is still wrong.
func (f *cameraForm) submit() {
	f.all = true
	if !f.check() || f.save.Disabled() {
		return
	}
	c := f.config()
	f.trial.stop()
	f.save.Disable()
	f.w.command(func() error {
		if f.was == nil || f.was.ID == "" {
			_, err := f.w.c.AddCamera(c)
			return err
		}
		return f.w.c.UpdateCamera(c)
	}, func(err error) {
		f.save.Enable()
		switch {
		case f.w.page != f: // cancelled meanwhile
		case err != nil:
			f.failed.set(inWords(err))
		default:
			f.w.closePage()
		}
	})
}
