package ui

import (
	"cmp"
	"context"
	"net/url"
	"runtime"
	"slices"
	"strings"
	"sync/atomic"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/layout"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"traycam/app"
)

// findSize is how large the list of what was found is.
var findSize = fyne.NewSize(560, 260)

// finder is the way from a form to a camera that the network knows: a list that
// fills, then an ONVIF camera's streams. One thing is under way at a time.
type finder struct {
	w    *window
	form *cameraForm
	end  context.CancelFunc // of what is under way; nil: nothing is

	found []app.Found
	list  *pickList
	says  *textLines
}

// stop ends what is under way.
func (f *finder) stop() {
	if f.end != nil {
		f.end()
		f.end = nil
	}
}

// begin makes a context for the next thing, in place of the one under way.
func (f *finder) begin() context.Context {
	f.stop()
	ctx, cancel := context.WithCancel(f.w.ctx)
	f.end = cancel
	return ctx
}

// look shows an empty list, and fills it.
func (f *finder) look() {
	f.form.trial.stop()
	ctx := f.begin()
	f.found = nil
	f.showList(tr("Looking on the network…"), widget.MediumImportance)
	f.w.commands.Go(func() {
		var newest atomic.Pointer[[]app.Found]
		for found := range f.w.c.FindCameras(ctx) {
			if newest.Swap(&found) != nil {
				continue // one is on its way to the screen already
			}
			f.w.do(func() {
				if found := *newest.Swap(nil); ctx.Err() == nil {
					f.found = found
					f.fill()
				}
			})
		}
		f.w.do(func() {
			if ctx.Err() == nil {
				f.stop()
				f.showEnd()
			}
		})
	})
}

// showList puts the list over the form.
func (f *finder) showList(says string, again widget.Importance) {
	f.list = f.w.newPickList()
	f.says = newText(4, fyne.TextStyle{}, theme.SizeNameText, muted)
	f.says.text = says
	f.fill()
	f.w.askAbout(tr("Find cameras"), f.content(f.says, f.list.scroll),
		choice{tr("Cancel"), widget.MediumImportance, f.stop},
		choice{tr("Look again"), again, f.look})
}

// content is a text with what stands below it.
func (f *finder) content(says *textLines, below fyne.CanvasObject) fyne.CanvasObject {
	return container.NewStack(minimum(findSize), container.NewBorder(
		container.New(layout.NewCustomPaddedLayout(0, 6, 0, 0), container.New(wholeTextLayout{width: findSize.Width - 20}, says)),
		nil, nil, nil, below))
}

// fill shows what was found.
func (f *finder) fill() {
	var picks []pick
	for _, c := range f.found {
		picks = append(picks, pick{cmp.Or(c.Name, c.Host), foundWords(c), func() { f.pick(c) }})
	}
	f.list.set(picks)
}

// foundWords says what answered, and where.
func foundWords(c app.Found) string {
	switch {
	case c.ONVIF:
		return tr("ONVIF camera") + " · " + c.Host
	case strings.HasPrefix(c.URL, "rtsp:"):
		return tr("RTSP") + " · " + c.URL
	}
	return tr("Web page") + " · " + c.URL
}

// showEnd says that nothing more will come, and what to do where nothing has.
func (f *finder) showEnd() {
	if len(f.found) > 0 {
		f.says.set(tr("Pick your camera. A web page may also be a printer's or another device's."))
		return
	}
	says := tr("Nothing answered. Is the camera on, and in the same network as this computer? Some cameras answer only when ONVIF is turned on in their settings.")
	f.showList(says+" "+keptFromLooking(runtime.GOOS), widget.HighImportance)
}

// keptFromLooking says what may stand between Traycam and the network.
func keptFromLooking(system string) string {
	switch system {
	case "darwin":
		return tr("macOS may not have let Traycam look: allow it in the System Settings, under Privacy & Security, Local Network.")
	case "windows":
		return tr("Windows may keep the answers out: let Traycam through its firewall, in private networks.")
	}
	return tr("A firewall on this computer may keep the answers out, too.")
}

// pick takes what was found, or asks it further.
func (f *finder) pick(c app.Found) {
	if !c.ONVIF {
		f.take(c.URL, "", "", c.Name)
		return
	}
	user, password := "", ""
	// No host gets another one's. A user alone would count as a wrong password, of which cameras take few.
	if u, err := url.Parse(f.form.url.Text); err == nil && u.Hostname() == c.Host && f.form.password.Text != "" {
		user, password = f.form.user.Text, f.form.password.Text
	}
	f.ask(c, user, password)
}

// ask asks an ONVIF camera for its streams.
func (f *finder) ask(c app.Found, user, password string) {
	ctx := f.begin()
	f.showCamera(c, tr("Asking the camera for its streams…"), minimum(fyne.NewSize(1, 1)))
	f.w.commands.Go(func() {
		streams, err := f.w.c.CameraStreams(ctx, c, user, password)
		f.w.do(func() {
			switch {
			case ctx.Err() != nil: // nobody waits for it any more
			case err != nil:
				f.stop()
				f.showProblem(c, user, password, err)
			default:
				f.stop()
				f.showStreams(c, user, password, streams)
			}
		})
	})
}

// showCamera puts what there is about a camera over the form, in place of the list.
func (f *finder) showCamera(c app.Found, says string, below fyne.CanvasObject, more ...choice) {
	text := newText(4, fyne.TextStyle{}, theme.SizeNameText, theme.ColorNameForeground)
	text.text = says
	back := choice{tr("Back"), widget.MediumImportance, func() {
		f.stop()
		f.showList("", widget.MediumImportance)
		f.showEnd()
	}}
	f.w.askAbout(shorten(cmp.Or(c.Name, c.Host), 40), f.content(text, below), append([]choice{back}, more...)...)
}

// showProblem says why there are no streams, with fields for the password where that helps.
func (f *finder) showProblem(c app.Found, user, password string, err error) {
	if !app.PasswordHelps(err) {
		f.showCamera(c, inWords(err), minimum(fyne.NewSize(1, 1)),
			choice{tr("Try again"), widget.HighImportance, func() { f.ask(c, user, password) }})
		return
	}
	name, secret := f.w.newEntry(""), f.w.newEntry("")
	secret.Password = true
	name.SetText(user)
	secret.SetText(password)
	f.showCamera(c, inWords(err), container.NewVBox(container.New(layout.NewFormLayout(),
		fieldLabel(tr("User")), name, fieldLabel(tr("Password")), secret)),
		choice{tr("Ask again"), widget.HighImportance, func() { f.ask(c, strings.TrimSpace(name.Text), secret.Text) }})
	name.OnSubmitted = func(string) { f.w.win.Canvas().Focus(secret) }
	secret.OnSubmitted = func(string) { f.w.typed(&fyne.KeyEvent{Name: fyne.KeyReturn}) }
	if user == "" {
		f.w.win.Canvas().Focus(name)
	} else {
		f.w.win.Canvas().Focus(secret)
	}
}

// showStreams offers an ONVIF camera's addresses.
func (f *finder) showStreams(c app.Found, user, password string, streams []app.Stream) {
	l := f.w.newPickList()
	var picks []pick
	for _, o := range offers(streams) {
		picks = append(picks, pick{o.name, o.what, func() { f.take(o.url, user, password, c.Name) }})
	}
	l.set(picks)
	f.showCamera(c, tr("Pick what Traycam is to fetch."), l.scroll)
}

// offer is an address of an ONVIF camera, in words.
type offer struct{ name, what, url string }

// offers are what a camera gives: first what needs no other program.
func offers(streams []app.Stream) []offer {
	var moving, still, others []offer
	for _, s := range streams {
		name := s.Name
		if s.Width > 0 {
			name += " · " + pictureNumbers(s.Width, s.Height, 0, 0)
		}
		switch {
		case s.URL == "":
		case s.Codec == "JPEG":
			moving = append(moving, offer{name, tr("Motion JPEG · works without ffmpeg"), s.URL})
		case s.Codec == "":
			others = append(others, offer{name, tr("Video · may need ffmpeg on this computer"), s.URL})
		default:
			others = append(others, offer{name, tr("%s · needs ffmpeg on this computer", codecWords(s.Codec)), s.URL})
		}
		if s.Snapshot != "" && !slices.ContainsFunc(still, func(o offer) bool { return o.url == s.Snapshot }) {
			still = append(still, offer{name, tr("Still pictures · work without ffmpeg"), s.Snapshot})
		}
	}
	return slices.Concat(moving, still, others)
}

// codecWords is a codec as people write it.
func codecWords(codec string) string {
	return strings.NewReplacer("H264", "H.264", "H265", "H.265").Replace(codec)
}

// take fills the form, and closes what is over it.
func (f *finder) take(address, user, password, name string) {
	f.stop()
	if f.w.question != nil {
		f.w.question.Hide()
	}
	f.form.takeFound(address, user, password, name)
}
