package ui

import (
	"log/slog"
	"sync"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/driver/desktop"

	"traycam/assets"
)

// barTray is the icon in macOS's menu bar, through Fyne's own tray: getlantern's
// defines the same Objective-C class, so the two cannot be linked into one program.
type barTray struct {
	do trayCommands

	// Guarded by mu.
	mu      sync.Mutex
	drawn   trayMenu
	isDrawn bool
	ended   bool
}

// startTray puts the icon into the menu bar once the window's loop runs.
func startTray(_ *slog.Logger, do trayCommands) tray { return &barTray{do: do} }

func (t *barTray) set(m trayMenu) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.ended || (t.isDrawn && m == t.drawn) {
		return
	}
	t.drawn, t.isDrawn = m, true
	fyne.Do(func() {
		desk, ok := fyne.CurrentApp().(desktop.App)
		if !ok {
			return
		}
		desk.SetSystemTrayMenu(t.menu(m))
		desk.SetSystemTrayIcon([...]fyne.Resource{
			iconStopped:   fyne.NewStaticResource("tray-stopped.png", assets.TrayStopped),
			iconStreaming: fyne.NewStaticResource("tray-streaming.png", assets.TrayStreaming),
			iconAttention: fyne.NewStaticResource("tray-attention.png", assets.TrayAttention),
		}[m.Icon])
	})
}

func (t *barTray) menu(m trayMenu) *fyne.Menu {
	item := func(label string, enabled bool, clicked func()) *fyne.MenuItem {
		i := fyne.NewMenuItem(label, clicked)
		i.Disabled = !enabled
		return i
	}
	share := item(tr("Share on network"), true, t.do.share)
	share.Checked = m.Shared
	items := []*fyne.MenuItem{
		item(m.Status, false, nil),
		fyne.NewMenuItemSeparator(),
		item(tr("Open viewer"), m.CanOpen, t.do.openViewer),
		item(tr("Copy link"), m.CanOpen, t.do.copyLink),
		share,
		item(m.StartStop, m.CanToggle, t.do.startStop),
		fyne.NewMenuItemSeparator(),
	}
	for _, c := range m.Cameras {
		if c != (trayCamera{}) {
			items = append(items, item(c.Label, true, func() { t.do.openCamera(c.ID) }))
		}
	}
	if m.Cameras[0] == (trayCamera{}) {
		items = append(items, item(tr("No cameras yet"), false, nil))
	}
	if m.More {
		items = append(items, item(tr("More…"), true, t.do.showWindow))
	}
	quit := item(tr("Quit"), true, t.do.quit)
	quit.IsQuit = true // else Fyne adds one of its own
	items = append(items, fyne.NewMenuItemSeparator(), item(tr("Show window"), true, t.do.showWindow), quit)
	return fyne.NewMenu("Traycam", items...)
}

// shown is always true: macOS always has a menu bar.
func (t *barTray) shown() bool { return true }

// quit only ends set: Fyne takes its icon away itself when its loop ends.
func (t *barTray) quit() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.ended = true
}
