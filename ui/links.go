package ui

import (
	"slices"
	"strings"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/layout"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"traycam/app"
)

// linkList is the links of their own: for somebody, for some cameras, for some time.
type linkList struct {
	w     *window
	box   *fyne.Container
	rows  *fyne.Container
	shown []string // what the rows say
}

func newLinkList(w *window) *linkList {
	l := &linkList{w: w, rows: container.NewVBox()}
	hint := newText(2, fyne.TextStyle{}, theme.SizeNameCaptionText, muted)
	hint.text = tr("A link of its own can show some cameras only, end by itself, and be taken back alone.")
	l.box = container.NewVBox(l.rows, container.NewHBox(w.newButton(tr("Link for somebody…"), nil, l.ask)),
		container.New(wholeTextLayout{width: 620}, hint))
	return l
}

// update shows the links of s, and reports whether anything changed.
func (l *linkList) update(s app.Snapshot) (moved bool) {
	names := cameraNames(s)
	var says []string
	for _, link := range s.Share.Links {
		says = append(says, linkWords(link, names)+link.URL)
	}
	if slices.Equal(says, l.shown) {
		return false
	}
	l.shown = says
	l.rows.RemoveAll()
	for _, link := range s.Share.Links {
		text := newText(1, fyne.TextStyle{}, theme.SizeNameText, theme.ColorNameForeground)
		text.text = linkWords(link, names)
		copyIt := l.w.newButton("", theme.ContentCopyIcon(), func() { l.w.copyText(link.URL) })
		code := l.w.newButton(tr("QR code"), nil, func() { l.w.showCodeOf(link.Name, link.URL) })
		if link.URL == "" || link.Expired {
			copyIt.Disable()
			code.Disable()
		}
		remove := l.w.newButton("", theme.DeleteIcon(), func() { l.remove(link.Link) })
		l.rows.Add(container.NewBorder(nil, nil, nil, container.NewHBox(copyIt, code, remove),
			container.New(layout.NewCustomPaddedLayout(8, 4, 0, 8), text)))
	}
	l.rows.Refresh()
	return true
}

// linkWords says whom a link is for, what it shows and for how long.
func linkWords(l app.LinkStatus, names map[string]string) string {
	parts := []string{shorten(l.Name, 40)}
	if len(l.Cameras) > 0 {
		var cameras []string
		for _, id := range l.Cameras {
			if name := names[id]; name != "" {
				cameras = append(cameras, name)
			}
		}
		parts = append(parts, strings.Join(cameras, ", "))
	} else {
		parts = append(parts, tr("all cameras"))
	}
	switch {
	case l.Expired:
		parts = append(parts, tr("ended"))
	case !l.Expires.IsZero():
		parts = append(parts, tr("until %s", l.Expires.Local().Format("2006-01-02 15:04")))
	}
	if l.Viewers > 0 {
		parts = append(parts, count(l.Viewers, "%d viewers"))
	}
	return strings.Join(parts, " · ")
}

func (l *linkList) remove(link app.Link) {
	l.w.ask(tr("Take the link for %s back?", shorten(link.Name, 40)), tr("It stops working at once."),
		choice{tr("Cancel"), widget.MediumImportance, nil},
		choice{tr("Take it back"), widget.DangerImportance, func() {
			l.w.command(func() error { return l.w.c.RemoveLink(link.Token) }, l.w.complain(tr("The link could not be taken back")))
		}})
}

// linkTimes are how long a link may work, in the order in which they are offered.
var linkTimes = []time.Duration{0, time.Hour, 24 * time.Hour, 7 * 24 * time.Hour, 30 * 24 * time.Hour}

// ask asks what a new link is to be.
func (l *linkList) ask() {
	name := l.w.newEntry(tr("Such as Grandma"))
	ends := l.w.newChoices([]string{tr("without end"), tr("for an hour"), tr("for a day"), tr("for a week"), tr("for 30 days")}, nil)
	ends.SetSelectedIndex(0)
	cameras := widget.NewCheckGroup(nil, nil)
	var ids []string
	for _, c := range l.w.snapshot.Cameras {
		// Two cameras may have one name; an option is told by its text alone.
		option := shorten(c.Name, 40)
		for slices.Contains(cameras.Options, option) {
			option += " ·"
		}
		ids = append(ids, c.ID)
		cameras.Options = append(cameras.Options, option)
	}
	cameras.Selected = slices.Clone(cameras.Options)
	form := container.New(layout.NewFormLayout(),
		widget.NewLabel(tr("For")), name,
		widget.NewLabel(tr("Works")), ends,
		widget.NewLabel(tr("Shows")), container.NewStack(minimum(fyne.NewSize(1, 130)), container.NewVScroll(cameras)))
	l.w.askAbout(tr("Link for somebody"), form,
		choice{tr("Cancel"), widget.MediumImportance, nil},
		choice{tr("Make the link"), widget.HighImportance, func() {
			link := app.Link{Name: strings.TrimSpace(name.Text)}
			if span := linkTimes[max(0, ends.SelectedIndex())]; span > 0 {
				link.Expires = time.Now().Add(span)
			}
			if len(cameras.Selected) < len(ids) {
				for i, option := range cameras.Options {
					if slices.Contains(cameras.Selected, option) {
						link.Cameras = append(link.Cameras, ids[i])
					}
				}
				if len(link.Cameras) == 0 {
					l.w.say(tr("The link could not be made"), tr("A link shows one camera at least."))
					return
				}
			}
			l.add(link)
		}})
	name.OnSubmitted = func(string) { l.w.typed(&fyne.KeyEvent{Name: fyne.KeyReturn}) }
	l.w.win.Canvas().Focus(name)
}

func (l *linkList) add(link app.Link) {
	l.w.command(func() error {
		_, err := l.w.c.AddLink(link)
		return err
	}, l.w.complain(tr("The link could not be made")))
}
