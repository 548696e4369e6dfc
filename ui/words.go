package ui

import (
	"math"
	"strconv"
	"strings"
	"time"

	"fyne.io/fyne/v2"

	"traycam/app"
	"traycam/assets"
	"traycam/sentence"
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
		return markLive, "Streaming"
	case app.Starting:
		return markWaiting, "Starting…"
	case app.Stopping:
		return markWaiting, "Stopping…"
	case app.Failed:
		return markAttention, "Not streaming"
	}
	return markOff, "Stopped"
}

// streamingIsOn tells whether the button must offer to stop.
func streamingIsOn(s app.Streaming) bool { return s == app.Running || s == app.Starting }

// cameraWords says what a camera is doing now, with the seconds to the next try.
func cameraWords(c app.Camera, now time.Time) (mark, string) {
	switch c.State.String() {
	case "connecting":
		return markWaiting, "Connecting"
	case "waiting":
		return markWaiting, "Waiting"
	case "live":
		return markLive, "Live"
	case "stalled":
		return markAttention, "No picture"
	case "retrying":
		if wait := secondsTo(c.NextTry, now); wait > 0 {
			return markAttention, "Trying again in " + strconv.Itoa(wait) + " s"
		}
		return markAttention, "Trying again"
	}
	return markOff, "Off"
}

// inWords is an error as people read it.
func inWords(err error) string { return sentence.Of(err) }

// cameraSentence is the line below: the cause, and what to do about it.
func cameraSentence(c app.Camera) string {
	waiting := c.State.String() == "waiting"
	if s := c.Reason.String(); s != "" {
		if waiting {
			s += " Waiting for it to connect again."
		}
		return s
	}
	if !waiting {
		return ""
	}
	if a := parseAddress(c.URL); a.kind == kindListen {
		return "Let the camera send to port " + a.port + " of this computer."
	}
	return ""
}

// needsAttention tells whether a person should look at the camera.
func needsAttention(c app.Camera) bool {
	switch c.State.String() {
	case "stalled", "retrying":
		return true
	}
	return false
}

// countsDown tells whether what is said about the camera changes by itself.
func countsDown(c app.Camera, now time.Time) bool {
	return c.State.String() == "retrying" && !c.NextTry.Before(now.Add(-2*time.Second))
}

func secondsTo(t, now time.Time) int {
	if t.IsZero() || !t.After(now) {
		return 0
	}
	return int(math.Ceil(t.Sub(now).Seconds()))
}

// cameraNumbers is the size, frame rate and bit rate of what arrives, empty before the first picture.
func cameraNumbers(c app.Camera) string {
	if c.Width == 0 || !(c.State.String() == "live" || c.State.String() == "stalled") {
		return ""
	}
	parts := []string{strconv.Itoa(c.Width) + "×" + strconv.Itoa(c.Height)}
	if c.FPS > 0 {
		parts = append(parts, decimal(c.FPS)+" fps")
	}
	if c.BitsPerSecond > 0 {
		parts = append(parts, bitRate(c.BitsPerSecond))
	}
	return strings.Join(parts, " · ")
}

// totals is the line at the foot of the window.
func totals(s app.Snapshot) string {
	if len(s.Cameras) == 0 {
		return ""
	}
	live := 0
	for _, c := range s.Cameras {
		if c.State.String() == "live" {
			live++
		}
	}
	parts := []string{
		count(len(s.Cameras), "camera"),
		strconv.Itoa(live) + " live",
		count(s.Viewers, "viewer"),
	}
	if s.BitsOut > 0 {
		parts = append(parts, bitRate(s.BitsOut)+" out")
	}
	return strings.Join(parts, " · ")
}

// count is "1 camera", "2 cameras".
func count(n int, thing string) string {
	if n == 1 {
		return "1 " + thing
	}
	return strconv.Itoa(n) + " " + thing + "s"
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

// decimal has one digit after the point below 100, without a trailing zero, and none above.
func decimal(v float64) string {
	if v >= 99.95 {
		return strconv.FormatFloat(v, 'f', 0, 64)
	}
	return strings.TrimSuffix(strconv.FormatFloat(v, 'f', 1, 64), ".0")
}

// shortURL is the viewer address as people read it, without the slash at its end.
func shortURL(u string) string { return strings.TrimSuffix(u, "/") }
