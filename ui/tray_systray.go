//go:build !darwin

package ui

import (
	"log/slog"
	"runtime"
	"strings"
	"sync"
	"time"

	"github.com/getlantern/systray"

	"traycam/assets"
)

// nativeTray is the tray on Linux (StatusNotifier, or XEmbed where there is
// none) and on Windows. Its items cannot be removed or moved, only hidden, so
// there is a fixed slot for each thing that the menu may show.
type nativeTray struct {
	log   *slog.Logger
	ready chan struct{} // closed once the slots below exist
	stop  chan struct{} // closed by quit: nobody listens for clicks any more
	ended chan struct{} // closed when systray.Run has returned
	heard sync.WaitGroup

	// Made once before ready is closed, then read only.
	status, open, copy, share, startStop, none, more *systray.MenuItem
	cameras                                          [trayCameras]*systray.MenuItem

	// Guarded by mu.
	mu      sync.Mutex
	drawn   trayMenu
	isDrawn bool
	wanted  *trayMenu // came before the slots existed
	isReady bool
}

// startTray puts the icon into the tray, if there is one. Call once, before the
// window's loop runs: GTK must be initialised first.
func startTray(log *slog.Logger, do trayCommands) tray {
	t := &nativeTray{
		log:   log,
		ready: make(chan struct{}),
		stop:  make(chan struct{}),
		ended: make(chan struct{}),
	}
	quietNative(log)
	go func() {
		defer close(t.ended)
		runtime.LockOSThread() // GTK and the Windows message loop belong to one thread
		outliveBus()
		systray.Run(func() { t.build(do) }, nil)
	}()
	return t
}

// build makes the slots. systray calls it on a goroutine of its own.
func (t *nativeTray) build(do trayCommands) {
	sayDisplayGone()
	systray.SetIcon(assets.TrayStopped)
	systray.SetTooltip("Traycam")
	// SetTitle would put text beside the icon on Linux.

	listen := func(i *systray.MenuItem, clicked func()) *systray.MenuItem {
		t.heard.Go(func() {
			for {
				select { // a click that finds nobody receiving is dropped
				case <-i.ClickedCh:
					clicked()
				case <-t.stop:
					return
				}
			}
		})
		return i
	}
	item := func(title string, clicked func()) *systray.MenuItem {
		return listen(systray.AddMenuItem(title, ""), clicked)
	}
	t.status = item("Traycam", func() {})
	t.status.Disable()
	systray.AddSeparator()
	t.open = item(tr("Open viewer"), do.openViewer)
	t.copy = item(tr("Copy link"), do.copyLink)
	t.share = listen(systray.AddMenuItemCheckbox(tr("Share on network"), "", false), do.share)
	t.startStop = item(tr("Start streaming"), do.startStop)
	systray.AddSeparator()
	t.none = item(tr("No cameras yet"), func() {})
	t.none.Disable()
	for n := range t.cameras {
		t.cameras[n] = item("", func() {
			t.mu.Lock()
			id := t.drawn.Cameras[n].ID
			t.mu.Unlock()
			if id != "" {
				do.openCamera(id)
			}
		})
		t.cameras[n].Hide()
	}
	t.more = item(tr("More…"), do.showWindow)
	t.more.Hide()
	systray.AddSeparator()
	item(tr("Show window"), do.showWindow)
	item(tr("Quit"), do.quit)

	t.mu.Lock()
	t.isReady = true
	if t.wanted != nil {
		t.draw(*t.wanted)
		t.wanted = nil
	}
	t.mu.Unlock()
	close(t.ready)
}

func (t *nativeTray) set(m trayMenu) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if !t.isReady {
		t.wanted = &m
		return
	}
	t.draw(m)
}

// draw touches what differs. The caller holds mu.
func (t *nativeTray) draw(m trayMenu) {
	was, first := t.drawn, !t.isDrawn
	t.drawn, t.isDrawn = m, true
	if m == was && !first {
		return
	}
	if m.Icon != was.Icon || first {
		systray.SetIcon([...][]byte{
			iconStopped:   assets.TrayStopped,
			iconStreaming: assets.TrayStreaming,
			iconAttention: assets.TrayAttention,
		}[m.Icon])
	}
	if m.Status != was.Status || first {
		t.status.SetTitle(menuText(m.Status))
		systray.SetTooltip("Traycam: " + m.Status)
	}
	if m.CanOpen != was.CanOpen || first {
		enable(t.open, m.CanOpen)
		enable(t.copy, m.CanOpen)
	}
	if m.Shared != was.Shared || first {
		if m.Shared {
			t.share.Check()
		} else {
			t.share.Uncheck()
		}
	}
	if m.StartStop != was.StartStop || first {
		t.startStop.SetTitle(m.StartStop)
	}
	if m.CanToggle != was.CanToggle || first {
		enable(t.startStop, m.CanToggle)
	}
	if none := m.Cameras[0] == (trayCamera{}); none != (was.Cameras[0] == (trayCamera{})) || first {
		show(t.none, none)
	}
	for n, c := range m.Cameras {
		if c == was.Cameras[n] && !first {
			continue
		}
		if c != (trayCamera{}) {
			t.cameras[n].SetTitle(menuText(c.Label)) // shows the item, too
		}
		show(t.cameras[n], c != (trayCamera{}))
	}
	if m.More != was.More || first {
		show(t.more, m.More)
	}
}

func (t *nativeTray) shown() bool {
	select {
	case <-t.ready:
		return trayTookIcon(t.log)
	case <-time.After(time.Second):
		return false
	}
}

func (t *nativeTray) quit() {
	limit := time.After(trayQuitLimit)
	select {
	case <-t.ready: // before that Quit would be lost
	case <-t.ended:
	case <-limit:
		t.log.Warn("the tray did not start in time to be ended")
		return
	}
	close(t.stop)
	t.heard.Wait()
	systray.Quit()
	select {
	case <-t.ended:
	case <-limit:
		t.log.Warn("the tray did not end in time")
	}
}

func enable(i *systray.MenuItem, on bool) {
	if on {
		i.Enable()
	} else {
		i.Disable()
	}
}

func show(i *systray.MenuItem, on bool) {
	if on {
		i.Show()
	} else {
		i.Hide()
	}
}

// menuText keeps Windows from reading '&' as the mark of an access key.
func menuText(s string) string {
	if runtime.GOOS == "windows" {
		return strings.ReplaceAll(s, "&", "&&")
	}
	return s
}
