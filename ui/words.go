package ui

import (
	"math"
	"strconv"
	"strings"
	"time"

	"fyne.io/fyne/v2"

	"traycam/app"
	"traycam/assets"
	"traycam/streaming/camera"
)

// mark is the coloured shape that stands beside a state's word.
type mark int

const (
	markOff       mark = iota // ○ grey
	markWaiting               // ◔ blue
	markLive                  // ● green
	markAttention             // ▲ amber
)

var markIcons = [...]fyne.Resource{
	markOff:       fyne.NewStaticResource("state-off.svg", assets.StateOff),
	markWaiting:   fyne.NewStaticResource("state-waiting.svg", assets.StateWaiting),
	markLive:      fyne.NewStaticResource("state-live.svg", assets.StateLive),
	markAttention: fyne.NewStaticResource("state-attention.svg", assets.StateAttention),
}

// streamingWords says what the program as a whole is doing.
func streamingWords(s app.Streaming) (mark, string) {
	switch s {
	case app.Running:
		return markLive, tr("Streaming")
	case app.Starting:
		return markWaiting, tr("Starting…")
	case app.Stopping:
		return markWaiting, tr("Stopping…")
	case app.Failed:
		return markAttention, tr("Not streaming")
	}
	return markOff, tr("Stopped")
}

// streamingIsOn tells whether the button must offer to stop.
func streamingIsOn(s app.Streaming) bool { return s == app.Running || s == app.Starting }

// cameraWords says what a camera is doing now, with the seconds to the next try.
func cameraWords(s camera.Status, now time.Time) (mark, string) {
	switch s.State {
	case camera.Connecting:
		return markWaiting, tr("Connecting")
	case camera.Waiting:
		return markWaiting, tr("Waiting")
	case camera.Live:
		return markLive, tr("Live")
	case camera.Stalled:
		return markAttention, tr("No picture")
	case camera.Retrying:
		if wait := secondsTo(s.NextTry, now); wait > 0 {
			return markAttention, tr("Trying again in %d s", wait)
		}
		return markAttention, tr("Trying again")
	}
	return markOff, tr("Off")
}

// cameraSentence is the line below: the cause, and what to do about it.
func cameraSentence(s camera.Status, url string) string {
	waiting := s.State == camera.Waiting
	if s.Reason != (camera.Reason{}) {
		why := s.Reason.In(translated)
		if waiting {
			why += " " + tr("Waiting for it to connect again.")
		}
		return why
	}
	if a := parseAddress(url); waiting && a.kind == kindListen {
		return tr("Let the camera send to port %s of this computer.", a.port)
	} else if waiting && a.kind == kindPush {
		return tr("Let a program post pictures to this camera. Edit shows how.")
	}
	return ""
}

// needsAttention tells whether a person should look at the camera.
func needsAttention(c app.Camera) bool {
	return c.State == camera.Stalled || c.State == camera.Retrying
}

// countsDown tells whether what is said about the camera changes by itself.
func countsDown(c app.Camera, now time.Time) bool {
	return c.State == camera.Retrying && !c.NextTry.Before(now.Add(-2*time.Second))
}

func secondsTo(t, now time.Time) int {
	if t.IsZero() || !t.After(now) {
		return 0
	}
	return int(math.Ceil(t.Sub(now).Seconds()))
}

// cameraNumbers is the size, frame rate and bit rate of what arrives, empty before the first picture.
func cameraNumbers(c app.Camera) string {
	if c.State != camera.Live && c.State != camera.Stalled {
		return ""
	}
	return pictureNumbers(c.Width, c.Height, c.FPS, c.BitsPerSecond)
}

func pictureNumbers(width, height int, fps, bits float64) string {
	if width == 0 {
		return ""
	}
	parts := []string{strconv.Itoa(width) + "×" + strconv.Itoa(height)}
	if fps > 0 {
		parts = append(parts, decimal(fps)+" "+tr("fps"))
	}
	if bits > 0 {
		parts = append(parts, bitRate(bits))
	}
	return strings.Join(parts, " · ")
}

// cameraNames are short names of the cameras, by id.
func cameraNames(s app.Snapshot) map[string]string {
	names := map[string]string{}
	for _, c := range s.Cameras {
		names[c.ID] = shorten(c.Name, 30)
	}
	return names
}

// totals is the line at the foot of the window.
func totals(s app.Snapshot) string {
	if len(s.Cameras) == 0 {
		return ""
	}
	live := 0
	for _, c := range s.Cameras {
		if c.State == camera.Live {
			live++
		}
	}
	parts := []string{
		count(len(s.Cameras), "%d cameras"),
		tr("%d live", live),
		count(s.Viewers, "%d viewers"),
	}
	if s.BitsOut > 0 {
		parts = append(parts, tr("%s out", bitRate(s.BitsOut)))
	}
	return strings.Join(parts, " · ")
}

// bitRate is bits per second with two or three digits, such as "850 kbit/s" and "21 Mbit/s".
func bitRate(bits float64) string {
	switch {
	case bits >= 999.5e6:
		return decimal(bits/1e9) + " Gbit/s"
	case bits >= 999.5e3:
		return decimal(bits/1e6) + " Mbit/s"
	}
	return strconv.Itoa(int(bits/1e3+0.5)) + " kbit/s"
}

// shortURL is the viewer address as people read it, without the slash at its end.
func shortURL(u string) string { return strings.TrimSuffix(u, "/") }
