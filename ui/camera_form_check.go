package ui

import (
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/theme"

	"traycam/app"
	"traycam/sentence"
)

// check finds what is wrong and says it beside the fields. It reports whether all is well.
func (f *cameraForm) check() bool {
	for _, field := range f.fields {
		field.wrong = ""
	}
	a, picked := f.address(), f.picked()
	if picked == kindWebcam {
		f.webcam.ask()
	}
	f.findWrong(a, picked, func(in fyne.Focusable, err error) {
		for _, field := range f.fields {
			if err != nil && field.wrong == "" && slices.Contains(field.inputs, in) && field.shows(picked) {
				field.wrong = inWords(err)
				if !f.all && !slices.ContainsFunc(field.inputs, func(i fyne.Focusable) bool { return f.touched[i] }) {
					field.wrong = "\x00" // wrong, and not to be said yet
				}
			}
		}
	})
	secret := tr("none")
	if f.keepsPassword(a) {
		secret = tr("kept in the keyring")
	}
	if f.password.PlaceHolder != secret {
		f.password.SetPlaceHolder(secret)
	}
	moved := f.commands.show(a, f.example())
	f.mine.set(f.sendTo(a))
	well := true
	for _, field := range f.fields {
		visible := field.shows(picked) && (field.row.Objects[0] != f.commands.box || f.commands.any())
		moved = setVisible(field.label, visible) || moved
		moved = setVisible(field.row, visible) || moved
		text, color := field.hint(), muted
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
			moved = true
		}
	}
	if moved && f.whole != nil { // not for every letter that is typed
		f.whole.Refresh()
	}
	return well
}

// findWrong tells wrong of each field that cannot be as it is.
func (f *cameraForm) findWrong(a address, picked kind, wrong func(in fyne.Focusable, err error)) {
	if strings.TrimSpace(f.name.Text) == "" {
		wrong(f.name, sentence.Errorf("give the camera a name, such as Front door"))
	}
	if utf8.RuneCountInString(f.name.Text) > app.MaxName {
		wrong(f.name, sentence.Errorf("the name is longer than %d letters", app.MaxName))
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
		if a.port == portOf(f.w.snapshot.ViewerURL) {
			wrong(f.port, sentence.Errorf("port %s is Traycam's own, where viewers watch. Try %s", a.port, freePort(f.cameras)))
		}
		for _, c := range f.cameras {
			other := parseAddress(c.URL)
			if other.kind == kindListen && other.port == a.port && (f.was == nil || c.ID != f.was.ID) {
				wrong(f.port, sentence.Errorf("port %s is already used by %s. Try %s", a.port, c.Name, freePort(f.cameras)))
			}
		}
	case kindDial:
		main = f.host
		if a.host == "" {
			wrong(f.host, sentence.Errorf("type the camera's name or address in the network, such as 10.0.0.7"))
			main = nil
		}
		if _, err := portNumber(a.port); err != nil {
			wrong(f.dialPort, err)
			main = nil
		}
	case kindWeb, kindRTSP:
		main = f.url
		if a.url == "" {
			wrong(f.url, sentence.Errorf("type the camera's address"))
			main = nil
		}
	case kindWebcam:
		main = f.webcam.pick
	case kindPush:
		main = f.key
	case kindTest:
		main = f.fps
		if n, err := strconv.Atoi(a.fps); err != nil || n < 1 {
			wrong(f.fps, sentence.Errorf("type how many pictures a second, such as 15"))
			main = nil
		}
	case kindOther:
		if picked == kindDial {
			main = f.host
		}
		if a.raw == "" {
			wrong(f.raw, sentence.Errorf("type the camera's address"))
			main = nil
		}
	}
	if main != nil {
		wrong(main, f.w.c.CheckURL(a.URL()))
	}
	if _, err := f.maximum(); err != nil {
		wrong(f.maxFPS, err)
	}
}

func (field *formField) shows(k kind) bool {
	return len(field.kinds) == 0 || slices.Contains(field.kinds, k)
}
