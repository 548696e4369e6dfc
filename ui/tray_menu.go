package ui

import (
	"strings"
	"unicode"

	"traycam/app"
	"traycam/streaming/camera"
)

// trayCameras is how many cameras the tray's menu lists before "More…".
const trayCameras = 10

// trayIcon is what the tray's picture tells.
type trayIcon int

const (
	iconStopped trayIcon = iota
	iconStreaming
	iconAttention // something is wrong: a camera, or the program itself
)

// trayMenu is all that the tray shows. Comparable: equal values look equal, so
// the native menu is touched only where a value differs.
type trayMenu struct {
	Icon      trayIcon
	Status    string // the disabled first line
	CanOpen   bool   // there is an address to open and to copy
	Shared    bool   // the check mark
	StartStop string
	CanToggle bool // false while starting or stopping takes its time
	// Cameras holds the first ones in the person's order; the rest are zero.
	Cameras [trayCameras]trayCamera
	More    bool // there are more cameras than that
}

// trayCamera is one camera's line.
type trayCamera struct {
	ID, Label string
}

// trayFor is the tray's menu for a snapshot.
func trayFor(s app.Snapshot) trayMenu {
	_, state := streamingWords(s.Streaming)
	m := trayMenu{
		Icon:      iconStopped,
		Status:    state + " · " + count(len(s.Cameras), "%d cameras"),
		CanOpen:   s.ViewerURL != "",
		Shared:    s.Share.Mode != "" && s.Share.Mode != "off",
		StartStop: tr("Start streaming"),
		CanToggle: s.Streaming != app.Stopping && s.Streaming != app.Starting,
		More:      len(s.Cameras) > trayCameras,
	}
	if len(s.Cameras) == 0 {
		m.Status = state + " · " + tr("no cameras")
	}
	if streamingIsOn(s.Streaming) {
		m.StartStop = tr("Stop streaming")
		m.Icon = iconStreaming
	}
	if s.Streaming == app.Running && len(s.Cameras) > 0 {
		m.Status += " · " + count(s.Viewers, "%d viewers")
	}
	if s.Streaming == app.Failed {
		m.Icon = iconAttention
	}
	for i, c := range s.Cameras {
		if m.Icon == iconStreaming && needsAttention(c) {
			m.Icon = iconAttention
		}
		if i < trayCameras {
			m.Cameras[i] = trayCamera{ID: c.ID, Label: shorten(c.Name, 40) + " · " + trayWord(c)}
		}
	}
	return m
}

// trayWord says how a camera is, without anything that changes by the second.
func trayWord(c app.Camera) string {
	switch c.State {
	case camera.Connecting:
		return tr("connecting")
	case camera.Waiting:
		return tr("waiting")
	case camera.Live:
		if c.Viewers > 0 {
			return count(c.Viewers, "%d viewers")
		}
		return tr("live")
	case camera.Stalled:
		return tr("no picture")
	case camera.Retrying:
		return tr("trying again")
	}
	return tr("off")
}

// shorten cuts text to at most n runes.
func shorten(text string, n int) string {
	r := []rune(oneLine(text))
	if len(r) <= n {
		return string(r)
	}
	return string(r[:n-1]) + "…"
}

// oneLine is text without line breaks and other controls, which a name from the
// config file may have.
func oneLine(text string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || unicode.Is(unicode.Bidi_Control, r) { // which would turn round the words behind it
			return ' '
		}
		return r
	}, text)
}
