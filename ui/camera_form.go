package ui

import (
	"slices"
	"strconv"
	"strings"

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

// cameraForm adds a camera, or changes one. It fills the window. What is wrong
// is said below the field that it is about, once the field has been touched.
type cameraForm struct {
	w       *window
	was     *app.CameraConfig // nil: a new camera
	began   address           // what the fields said at first
	cameras []app.Camera      // all, whose ports are taken

	page fyne.CanvasObject
	kind *widget.RadioGroup

	name, port, allow, dialPort, fps, raw, maxFPS *widget.Entry
	host                                          *hostEntry
	size                                          *widget.Select
	fields                                        []*formField
	command                                       *widget.Label
	copyCommand                                   *widget.Button
	failed                                        *textLines
	save                                          *widget.Button

	touched map[fyne.Focusable]bool
	all     bool // save has been tried: say everything
	filling bool // fields are being set by the form itself
}

// formField is a labelled row with a hint below, or what is wrong instead.
type formField struct {
	label  *widget.Label
	row    *fyne.Container
	note   *textLines
	hint   string
	kinds  []kind // shown for these; empty: always
	inputs []fyne.Focusable
	wrong  string
}

func newCameraForm(w *window, c *app.Camera) *cameraForm {
	f := &cameraForm{w: w, cameras: w.snapshot.Cameras, touched: map[fyne.Focusable]bool{}}
	a := address{kind: kindListen, port: strconv.Itoa(f.freePort())}
	title, save := "Add a camera", "Add camera"
	config := app.CameraConfig{Enabled: true}
	if c != nil {
		config = c.CameraConfig
		f.was = &config
		a = parseAddress(config.URL)
		title, save = "Edit "+shorten(config.Name, 40), "Save"
	}

	f.name = f.entry("Such as Front door")
	f.port = f.entry("9001")
	f.allow = f.entry("any device")
	f.host = newHostEntry(f)
	f.dialPort = f.entry("8888")
	f.fps = f.entry("15")
	f.raw = f.entry("Such as http://10.0.0.7/video.mjpg")
	f.maxFPS = f.entry("all")
	f.size = widget.NewSelect(nil, func(string) { f.changed(f.size) })
	f.kind = widget.NewRadioGroup(kindNames, func(string) { f.changed(nil) })
	f.kind.Horizontal = true
	f.kind.Required = true
	f.command = widget.NewLabel("")
	f.command.TextStyle.Monospace = true
	f.command.Wrapping = fyne.TextWrapWord
	f.copyCommand = iconButton(theme.ContentCopyIcon(), func() { f.w.copyText(f.command.Text) })
	f.failed = newText(2, fyne.TextStyle{}, theme.SizeNameText, theme.ColorNameError)
	f.save = widget.NewButton(save, f.submit)
	f.save.Importance = widget.HighImportance

	narrow := func(o fyne.CanvasObject) fyne.CanvasObject {
		return container.NewHBox(container.New(widthLayout(110), o))
	}
	f.fields = []*formField{
		f.field("Name", "", nil, f.name, f.name),
		f.field("Port", "The camera sends its pictures to this port of this computer.",
			[]kind{kindListen}, narrow(f.port), f.port),
		f.field("Let in", "To let only some in, type their networks, such as 192.168.1.0/24.",
			[]kind{kindListen}, f.allow, f.allow),
		f.field("Address", "A name or number and a port. A whole address can be pasted, too.", []kind{kindDial},
			container.NewBorder(nil, nil, nil, container.NewHBox(widget.NewLabel("Port"), container.New(widthLayout(90), f.dialPort)), f.host), f.host, f.dialPort),
		f.field("Picture", "A moving picture made by Traycam, to try things out.", []kind{kindTest},
			container.NewHBox(container.New(widthLayout(150), f.size), container.New(widthLayout(80), f.fps), widget.NewLabel("pictures a second")), f.size, f.fps),
		f.field("Address", "The camera's whole address, as its manual gives it.", []kind{kindOther}, f.raw, f.raw),
		f.field("At most", "", nil,
			container.NewHBox(container.New(widthLayout(80), f.maxFPS), widget.NewLabel("pictures a second")), f.maxFPS),
		f.field("To try it", "Sends a moving picture from this computer. On another one, put this computer's address for localhost.",
			[]kind{kindListen}, container.NewBorder(nil, nil, nil, container.NewVBox(f.copyCommand), f.command)),
	}

	f.filling = true
	f.name.SetText(config.Name)
	if config.MaxFPS > 0 {
		f.maxFPS.SetText(strconv.Itoa(config.MaxFPS))
	}
	f.port.SetText(strconv.Itoa(f.freePort()))
	f.fps.SetText("15")
	f.fill(a)
	f.filling = false
	f.began = f.address()
	f.layout(title)
	f.check()
	return f
}

func (f *cameraForm) layout(title string) {
	rows := make([]fyne.CanvasObject, 0, 2*len(f.fields))
	for _, field := range f.fields {
		rows = append(rows, field.label, field.row)
	}
	heading := widget.NewLabel(title)
	heading.TextStyle.Bold = true
	heading.SizeName = theme.SizeNameSubHeadingText
	heading.Truncation = fyne.TextTruncateEllipsis
	body := container.NewVScroll(container.New(columnLayout(660), container.NewVBox(
		f.kind, container.New(layout.NewFormLayout(), rows...),
	)))
	buttons := container.NewBorder(nil, nil, nil, container.NewHBox(widget.NewButton("Cancel", f.w.closeForm), f.save), f.failed)
	f.page = container.NewBorder(
		container.New(columnLayout(660), heading),
		container.NewVBox(widget.NewSeparator(), container.New(layout.NewCustomPaddedLayout(8, 8, 12, 8), container.New(columnLayout(660), buttons))),
		nil, nil, body)
}

func (f *cameraForm) entry(example string) *widget.Entry {
	e := widget.NewEntry()
	e.SetPlaceHolder(example)
	e.OnChanged = func(string) { f.changed(e) }
	e.OnSubmitted = func(string) { f.submit() }
	return e
}

func (f *cameraForm) field(label, hint string, kinds []kind, input fyne.CanvasObject, inputs ...fyne.Focusable) *formField {
	field := &formField{label: widget.NewLabel(label), hint: hint, kinds: kinds, inputs: inputs}
	field.label.Alignment = fyne.TextAlignTrailing
	field.note = newText(2, fyne.TextStyle{}, theme.SizeNameCaptionText, muted)
	field.note.text = hint
	note := container.New(layout.NewCustomPaddedLayout(0, 4, 8, 0), container.New(wholeTextLayout{width: 480}, field.note))
	field.row = container.NewVBox(input, note)
	return field
}

// freePort is the lowest port from firstPort on that no camera listens on.
func (f *cameraForm) freePort() int {
	taken := map[string]bool{}
	for _, c := range f.cameras {
		if a := parseAddress(c.URL); a.kind == kindListen {
			taken[a.port] = true
		}
	}
	port := firstPort
	for taken[strconv.Itoa(port)] {
		port++
	}
	return port
}

// fill puts an address into the fields.
func (f *cameraForm) fill(a address) {
	set := func(e *widget.Entry, text string) {
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
	f.kind.SetSelected(kindNames[a.kind])
}

// address is what the fields say.
func (f *cameraForm) address() address {
	trimmed := func(e *widget.Entry) string { return strings.TrimSpace(e.Text) }
	switch k := f.picked(); k {
	case kindListen:
		return address{kind: k, port: trimmed(f.port), allow: trimmed(f.allow)}
	case kindDial:
		if a, whole := looksWhole(f.host.Text); whole {
			return a // typed, and not yet spread over the fields
		}
		return address{kind: k, host: trimmed(&f.host.Entry), port: trimmed(f.dialPort)}
	case kindTest:
		return address{kind: k, size: f.size.Selected, fps: trimmed(f.fps)}
	default:
		return address{kind: k, raw: trimmed(f.raw)}
	}
}

func (f *cameraForm) picked() kind {
	return kind(max(0, slices.Index(kindNames, f.kind.Selected)))
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
	f.check()
}

// takeWhole spreads a whole address that stands in the host field over the fields.
func (f *cameraForm) takeWhole() {
	a, whole := looksWhole(f.host.Text)
	if !whole {
		return
	}
	f.filling = true
	f.fill(a)
	if a.kind != kindDial {
		f.host.SetText("")
		delete(f.touched, f.host)
	}
	f.filling = false
	f.check()
}

// check finds what is wrong and says it beside the fields. It reports whether all is well.
func (f *cameraForm) check() bool {
	for _, field := range f.fields {
		field.wrong = ""
	}
	a, picked := f.address(), f.picked()
	wrong := func(in fyne.Focusable, err error) {
		for _, field := range f.fields {
			if err != nil && field.wrong == "" && slices.Contains(field.inputs, in) && field.shows(picked) {
				field.wrong = inWords(err)
				if !f.all && !slices.ContainsFunc(field.inputs, func(i fyne.Focusable) bool { return f.touched[i] }) {
					field.wrong = "\x00" // wrong, and not to be said yet
				}
			}
		}
	}
	if strings.TrimSpace(f.name.Text) == "" {
		wrong(f.name, sentence.Errorf("Give the camera a name, such as Front door."))
	}
	main := fyne.Focusable(f.raw)
	switch a.kind {
	case kindListen:
		main = f.port
		if a.allow != "" {
			main = f.allow
		}
		_, err := portNumber(a.port)
		wrong(f.port, err)
		if err != nil {
			main = nil
			break
		}
		for _, c := range f.cameras {
			other := parseAddress(c.URL)
			if other.kind == kindListen && other.port == a.port && (f.was == nil || c.ID != f.was.ID) {
				wrong(f.port, sentence.Errorf("port %s is already used by %s. Try %d", a.port, c.Name, f.freePort()))
			}
		}
	case kindDial:
		main = f.host
		if a.host == "" {
			wrong(f.host, sentence.Errorf("Type the camera's name or address in the network, such as 10.0.0.7."))
			main = nil
		}
		if _, err := portNumber(a.port); err != nil {
			wrong(f.dialPort, err)
			main = nil
		}
	case kindTest:
		main = f.fps
		if n, err := strconv.Atoi(a.fps); err != nil || n < 1 {
			wrong(f.fps, sentence.Errorf("Type how many pictures a second, such as 15."))
			main = nil
		}
	case kindOther:
		if picked == kindDial {
			main = f.host
		}
		if a.raw == "" {
			wrong(f.raw, sentence.Errorf("Type the camera's address."))
			main = nil
		}
	}
	if main != nil {
		wrong(main, f.w.c.CheckURL(a.URL()))
	}
	if _, err := f.maximum(); err != nil {
		wrong(f.maxFPS, err)
	}

	well := true
	for _, field := range f.fields {
		setVisible(field.label, field.shows(picked))
		setVisible(field.row, field.shows(picked))
		text, color := field.hint, muted
		if field.wrong != "" {
			well = false
			if field.wrong != "\x00" {
				text, color = field.wrong, theme.ColorNameError
			}
		}
		if field.note.text != text || field.note.color != color {
			field.note.text, field.note.color = text, color
			field.note.Refresh()
			field.row.Refresh()
		}
	}
	f.showCommand(a)
	if f.page != nil {
		f.page.Refresh()
	}
	return well
}

func (field *formField) shows(k kind) bool {
	return len(field.kinds) == 0 || slices.Contains(field.kinds, k)
}

// maximum is the frame rate that is passed on, 0 for all.
func (f *cameraForm) maximum() (int, error) {
	text := strings.TrimSpace(f.maxFPS.Text)
	if text == "" {
		return 0, nil
	}
	n, err := strconv.Atoi(text)
	if err != nil || n < 0 || n > 1000 {
		return 0, sentence.Errorf("Type a whole number of pictures a second, or nothing.")
	}
	return n, nil
}

// showCommand keeps the example for ffmpeg in step with the port.
func (f *cameraForm) showCommand(a address) {
	if _, err := portNumber(a.port); a.kind != kindListen || err != nil {
		setEnabled(f.copyCommand, false)
		return
	}
	setEnabled(f.copyCommand, true)
	text := "ffmpeg -re -f lavfi -i testsrc2=size=1280x720:rate=30 -f mjpeg tcp://localhost:" + a.port
	if f.command.Text != text {
		f.command.SetText(text)
	}
}

// submit saves the camera, or says what is still wrong.
func (f *cameraForm) submit() {
	f.all = true
	if !f.check() || f.save.Disabled() {
		return
	}
	c := app.CameraConfig{Enabled: true}
	if f.was != nil {
		c = *f.was
	}
	c.Name = strings.TrimSpace(f.name.Text)
	c.MaxFPS, _ = f.maximum()
	if a := f.address(); f.was == nil || a != f.began {
		c.URL = a.URL() // else it stays as it was written, to the letter
	}
	f.save.Disable()
	f.w.command(func() error {
		if f.was == nil {
			_, err := f.w.c.AddCamera(c)
			return err
		}
		return f.w.c.UpdateCamera(c)
	}, func(err error) {
		f.save.Enable()
		switch {
		case f.w.form != f: // cancelled meanwhile
		case err != nil:
			f.failed.set(inWords(err))
		default:
			f.w.closeForm()
		}
	})
}

// hostEntry takes a whole address, too: at once when it is pasted, and when the
// field is left if it was typed.
type hostEntry struct {
	widget.Entry
	f   *cameraForm
	was string
}

func newHostEntry(f *cameraForm) *hostEntry {
	e := &hostEntry{f: f}
	e.ExtendBaseWidget(e)
	e.SetPlaceHolder("Such as 10.0.0.7")
	e.OnChanged = func(text string) {
		pasted := len(text) > len(e.was)+1
		e.was = text
		f.changed(e)
		if pasted && !f.filling {
			f.takeWhole()
		}
	}
	e.OnSubmitted = func(string) { f.submit() }
	return e
}

func (e *hostEntry) FocusLost() {
	e.Entry.FocusLost()
	e.f.takeWhole()
}

// widthLayout gives its object a width of its own.
type widthLayout float32

func (l widthLayout) Layout(o []fyne.CanvasObject, size fyne.Size) { o[0].Resize(size) }

func (l widthLayout) MinSize(o []fyne.CanvasObject) fyne.Size {
	return fyne.NewSize(float32(l), o[0].MinSize().Height)
}

// columnLayout keeps its object in the middle and no wider than reads well.
type columnLayout float32

func (l columnLayout) Layout(o []fyne.CanvasObject, size fyne.Size) {
	width := min(size.Width, float32(l))
	o[0].Move(fyne.NewPos((size.Width-width)/2, 0))
	o[0].Resize(fyne.NewSize(width, size.Height))
}

func (l columnLayout) MinSize(o []fyne.CanvasObject) fyne.Size { return o[0].MinSize() }
