package ui

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/layout"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"traycam/app"
)

// shareModes are the values of app.ShareStatus.Mode in the order in which they are offered.
var shareModes = []string{"off", "link", "open"}

// sharedWords is the note at the foot of the window.
func sharedWords(mode string) string {
	switch mode {
	case "link":
		return tr("Shared by link")
	case "open":
		return tr("Shared with the network")
	}
	return ""
}

// sharePage says who may watch, and hands the link over.
type sharePage struct {
	w       *window
	whole   fyne.CanvasObject
	filling bool

	who      *widget.RadioGroup
	why      *textLines // what the choice means, or why it cannot be
	body     *fyne.Container
	code     *canvas.Image
	link     *entry
	others   *widget.Accordion
	watching *textLines
	problem  *textLines
	newLink  *button
	byName   *check
	own      *linkList // links of their own
	shown    string    // the link that code shows
	links    []string
}

func newSharePage(w *window) *sharePage {
	p := &sharePage{w: w}
	p.who = widget.NewRadioGroup([]string{
		tr("Only this computer"), tr("People with the link"), tr("Everyone on this network"),
	}, func(string) { p.choose() })
	p.who.Required = true
	p.why = newText(3, fyne.TextStyle{}, theme.SizeNameCaptionText, muted)
	p.code = codeView(" ", 168)
	p.link = w.fixedText(func() string { return p.shown })
	copyIt := w.newButton(tr("Copy"), theme.ContentCopyIcon(), func() { w.copyText(p.shown) })
	copyIt.Importance = widget.HighImportance
	p.newLink = w.newButton(tr("New link…"), nil, p.confirmNewLink)
	programs := w.newButton(tr("For other programs…"), nil, func() { w.open(linkUnder(w.snapshot.ViewerURL, "share")) })
	p.byName = w.newCheck(tr("Also by this computer's name in the network"), p.shareByName)
	p.own = newLinkList(w)
	p.others = widget.NewAccordion(widget.NewAccordionItem(tr("Other addresses of this computer"), container.NewVBox()))
	hint := newText(2, fyne.TextStyle{}, theme.SizeNameCaptionText, muted)
	hint.text = tr("Point a phone's camera at the code, or send the link. The phone has to be in the same network.")
	p.watching = newText(8, fyne.TextStyle{}, theme.SizeNameText, theme.ColorNameForeground)
	p.problem = newText(2, fyne.TextStyle{}, theme.SizeNameText, theme.ColorNameError)

	text := func(t *textLines, width float32) fyne.CanvasObject {
		return container.New(layout.NewCustomPaddedLayout(0, 4, 0, 0), container.New(wholeTextLayout{width: width}, t))
	}
	p.body = container.NewBorder(nil, nil, container.New(layout.NewCustomPaddedLayout(0, 4, 6, 0), container.NewVBox(p.code)), nil,
		container.New(layout.NewCustomPaddedLayout(0, 0, 12, 0), container.NewVBox(
			p.link, container.NewHBox(copyIt, programs), text(hint, 440), p.others)))
	p.whole = w.pageFrame(tr("Share"), container.NewVBox(p.who, text(p.why, 620), p.body, text(p.watching, 620), container.NewHBox(p.newLink), p.own.box, p.byName),
		container.NewBorder(nil, nil, nil, w.newButton(tr("Close"), nil, w.closePage), p.problem))
	return p
}

func (p *sharePage) content() fyne.CanvasObject { return p.whole }

func (p *sharePage) first() fyne.Focusable { return nil }

func (p *sharePage) closed() {}

func (p *sharePage) update(s app.Snapshot, now time.Time) {
	p.filling = true
	at := max(0, slices.Index(shareModes, s.Share.Mode))
	if p.who.Selected != p.who.Options[at] {
		p.who.SetSelected(p.who.Options[at])
	}
	p.byName.SetChecked(s.Share.ByName)
	p.filling = false

	text, color := p.meaning(s), muted
	if s.Share.Reason != nil {
		text, color = inWords(s.Share.Reason), theme.ColorNameError
	}
	moved := p.why.color != color
	p.why.color = color
	moved = p.why.set(text) || moved
	moved = setVisible(p.body, s.Share.Mode != "off" && len(s.Share.Addresses) > 0) || moved
	moved = setVisible(p.newLink, s.Share.Mode == "link") || moved
	moved = setVisible(p.own.box, s.Share.Mode != "off") || moved
	moved = setVisible(p.byName, s.Share.Mode != "off") || moved
	moved = p.own.update(s) || moved
	moved = p.showLinks(s.Share.Addresses) || moved
	moved = p.watching.set(watchingWords(s, now)) || moved
	if moved {
		p.whole.Refresh()
	}
}

// meaning says what the choice means.
func (p *sharePage) meaning(s app.Snapshot) string {
	switch s.Share.Mode {
	case "link":
		return tr("Whoever is in this network and has the link can watch. A new link shuts out those who have the old one.")
	case "open":
		return tr("Whoever is in this network can watch, without a link. Choose this only where you trust everyone.")
	}
	return tr("Nobody on the network can watch. When you share, this computer's firewall may ask whether Traycam may take connections: say yes for private networks.")
}

// showLinks shows the first address with its code and folds the others away.
func (p *sharePage) showLinks(addresses []app.Address) (moved bool) {
	var links []string
	for _, a := range addresses {
		links = append(links, a.URL)
	}
	if slices.Equal(links, p.links) {
		return false
	}
	p.links = links
	if len(links) == 0 {
		return true
	}
	p.shown = links[0]
	p.link.SetText(p.shown)
	p.code.Image = codeImage(p.shown)
	p.code.Refresh()
	others := container.NewVBox()
	for _, a := range addresses[1:] {
		address := newText(1, fyne.TextStyle{}, theme.SizeNameText, theme.ColorNameForeground)
		address.text = a.URL
		if a.Interface != "" {
			address.text += " · " + a.Interface
		}
		others.Add(container.New(besideLayout{}, address, iconButton(theme.ContentCopyIcon(), func() { p.w.copyText(a.URL) })))
	}
	p.others.Items[0].Detail = others
	setVisible(p.others, len(links) > 1)
	p.others.Refresh()
	return true
}

// watchingWords lists who is watching.
func watchingWords(s app.Snapshot, now time.Time) string {
	if len(s.Share.Watching) == 0 {
		return tr("Nobody is watching now.")
	}
	names := cameraNames(s)
	type viewer struct{ who, camera string }
	seen := map[viewer]int{}
	var order []viewer
	for _, v := range s.Share.Watching {
		who := viewer{v.Address, names[v.Camera]}
		if v.Local {
			who.who = tr("this computer")
		}
		if seen[who]++; seen[who] == 1 {
			order = append(order, who)
		}
	}
	var said []string
	for _, v := range order {
		line := tr("%s watches %s", v.who, v.camera)
		if n := seen[v]; n > 1 {
			line += fmt.Sprintf(" (%d×)", n)
		}
		said = append(said, line)
	}
	return tr("Watching now: %s.", strings.Join(said, "; "))
}

func (p *sharePage) choose() {
	at := slices.Index(p.who.Options, p.who.Selected)
	if p.filling || at < 0 {
		return
	}
	p.w.win.Canvas().Unfocus() // so that Escape closes the page
	p.share(shareModes[at])
}

func (p *sharePage) shareByName(on bool) {
	if !p.filling {
		p.w.command(func() error { return p.w.c.ShareByName(on) }, p.tell)
	}
}

func (p *sharePage) share(mode string) {
	p.w.command(func() error { return p.w.c.Share(mode) }, p.tell)
}

// tell shows what went wrong, and the choice as it is.
func (p *sharePage) tell(err error) {
	text := ""
	if err != nil {
		text = inWords(err)
		p.update(p.w.snapshot, time.Now())
	}
	p.problem.set(text)
}

func (p *sharePage) confirmNewLink() {
	p.w.ask(tr("Make a new link?"), tr("The old link stops working for everyone who has it, at once."),
		choice{tr("Cancel"), widget.MediumImportance, nil},
		choice{tr("Make a new link"), widget.HighImportance, func() {
			p.w.command(p.w.c.NewLink, p.tell)
		}})
}

// toggleSharing is the tray's check mark: off, or by link.
func (w *window) toggleSharing() {
	mode := "off"
	if w.snapshot.Share.Mode == "off" {
		mode = "link"
	}
	w.command(func() error { return w.c.Share(mode) }, func(err error) {
		if err != nil {
			w.show()
			w.say(tr("Sharing could not be changed"), inWords(err))
		} else if mode == "link" {
			w.show()
			w.openShare() // who shares wants to hand the link over
		}
	})
}
