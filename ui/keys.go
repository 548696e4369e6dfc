package ui

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/widget"
)

// Keys with Ctrl, or Command on macOS.
const (
	keyAdd      = fyne.KeyN
	keyShare    = fyne.KeyS
	keySettings = fyne.KeyComma
	keyLog      = fyne.KeyL
	keyQuit     = fyne.KeyQ
)

// bindKeys makes the window listen to the keyboard. The keys of a row of the
// list are in cameras.go.
func (w *window) bindKeys() {
	w.shortcuts = map[string]func(){}
	bind := func(shortcut fyne.Shortcut, f func()) {
		w.shortcuts[shortcut.ShortcutName()] = f
		w.win.Canvas().AddShortcut(shortcut, func(fyne.Shortcut) { f() })
	}
	onList := func(f func()) func() {
		return func() {
			if w.page == nil && w.win.Canvas().Overlays().Top() == nil {
				f()
			}
		}
	}
	bind(withControl(keyAdd), onList(w.addCamera))
	bind(withControl(keyShare), onList(w.openShare))
	bind(withControl(keySettings), onList(w.openSettings))
	bind(withControl(keyLog), w.openLog)
	bind(withControl(keyQuit), w.quit)
	bind(&fyne.ShortcutUndo{}, onList(w.undo))
	bind(&fyne.ShortcutCopy{}, onList(w.copyLink))
	w.win.Canvas().SetOnTypedKey(w.typed)
}

func withControl(key fyne.KeyName) *desktop.CustomShortcut {
	return &desktop.CustomShortcut{KeyName: key, Modifier: fyne.KeyModifierShortcutDefault}
}

// typedShortcut runs one of the window's shortcuts for a widget that has the
// keyboard, since Fyne then asks that one alone. False: it is none of them.
func (w *window) typedShortcut(s fyne.Shortcut) bool {
	f := w.shortcuts[s.ShortcutName()]
	if f != nil {
		f()
	}
	return f != nil
}

// typed is told the keys that no widget takes.
func (w *window) typed(e *fyne.KeyEvent) {
	switch e.Name {
	case fyne.KeyEscape:
		w.escape()
	case fyne.KeyReturn, fyne.KeyEnter:
		if len(w.answers) > 0 {
			w.answers[len(w.answers)-1]()
		}
	case fyne.KeyDown, fyne.KeyUp, fyne.KeyHome, fyne.KeyEnd:
		if w.question == nil && w.page == nil {
			w.list.focusFirst()
		}
	}
}

// takesKey takes a key from the widget that has the keyboard, where it is the
// window's: Fyne gives Escape to that widget and to nobody else.
func (w *window) takesKey(k *fyne.KeyEvent) bool {
	if k.Name != fyne.KeyEscape {
		return false
	}
	w.escape()
	return true
}

// escape takes away what is on top.
func (w *window) escape() {
	switch {
	case w.files != nil:
		w.files.Hide()
	case len(w.answers) > 0:
		w.answers[0]()
	case w.page != nil:
		w.closePage()
	}
}

// entry is a field for text that knows the window's keys.
type entry struct {
	widget.Entry
	w *window
	// paste may take what is pasted in place of the field. May be nil.
	paste func(text string) (taken bool)
	// left is told when the field has lost the keyboard. May be nil.
	left func()
}

func (w *window) newEntry(example string) *entry {
	e := &entry{w: w}
	e.ExtendBaseWidget(e)
	e.SetPlaceHolder(example)
	return e
}

func (e *entry) TypedShortcut(s fyne.Shortcut) {
	switch s := s.(type) {
	case *fyne.ShortcutPaste:
		if e.paste != nil && e.paste(s.Clipboard.Content()) {
			return
		}
	case *desktop.CustomShortcut:
		if e.w.typedShortcut(s) {
			return
		}
	}
	e.Entry.TypedShortcut(s)
}

func (e *entry) TypedKey(k *fyne.KeyEvent) {
	if !e.w.takesKey(k) {
		e.Entry.TypedKey(k)
	}
}

func (e *entry) FocusLost() {
	e.Entry.FocusLost()
	if e.left != nil {
		e.left()
	}
}

// The widgets of a page are Fyne's, but for the window's keys.

type button struct {
	widget.Button
	w *window
}

func (w *window) newButton(text string, icon fyne.Resource, tapped func()) *button {
	b := &button{w: w}
	b.Text, b.Icon, b.OnTapped = text, icon, tapped
	b.ExtendBaseWidget(b)
	return b
}

func (b *button) TypedKey(k *fyne.KeyEvent) {
	if !b.w.takesKey(k) {
		b.Button.TypedKey(k)
	}
}

type check struct {
	widget.Check
	w *window
}

func (w *window) newCheck(text string, changed func(bool)) *check {
	c := &check{w: w}
	c.Text, c.OnChanged = text, changed
	c.ExtendBaseWidget(c)
	return c
}

func (c *check) TypedKey(k *fyne.KeyEvent) {
	if !c.w.takesKey(k) {
		c.Check.TypedKey(k)
	}
}

type choices struct {
	widget.Select
	w *window
}

func (w *window) newChoices(options []string, changed func(string)) *choices {
	c := &choices{w: w}
	c.Options, c.OnChanged = options, changed
	c.ExtendBaseWidget(c)
	return c
}

func (c *choices) TypedKey(k *fyne.KeyEvent) {
	if !c.w.takesKey(k) {
		c.Select.TypedKey(k)
	}
}
