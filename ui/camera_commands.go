package ui

import (
	"crypto/rand"
	"slices"
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"
)

// A readyCommand is what a person copies to a device to make it a camera. HOST,
// PORT and POST are filled in.
type readyCommand struct{ program, text string }

var listenCommands = []readyCommand{
	{"ffmpeg: test picture", `ffmpeg -re -f lavfi -i testsrc2=size=1280x720:rate=30 -f mjpeg tcp://HOST:PORT`},
	{"ffmpeg: webcam on Linux", `ffmpeg -f v4l2 -input_format mjpeg -i /dev/video0 -c copy -f mjpeg tcp://HOST:PORT`},
	{"GStreamer", `gst-launch-1.0 v4l2src ! image/jpeg ! tcpclientsink host=HOST port=PORT`},
	{"Raspberry Pi: rpicam-vid", `rpicam-vid -t 0 --codec mjpeg --width 1280 --height 720 --framerate 15 -o tcp://HOST:PORT`},
	{"Raspberry Pi: picamera2", `import socket
from picamera2 import Picamera2
from picamera2.encoders import MJPEGEncoder
from picamera2.outputs import FileOutput

camera = Picamera2()
camera.configure(camera.create_video_configuration({"size": (1280, 720)}))
traycam = socket.create_connection(("HOST", PORT))
camera.start_recording(MJPEGEncoder(), FileOutput(traycam.makefile("wb")))
input("Return ends it. ")`},
	{"ESP32-CAM (Arduino)", `WiFiClient traycam;

void loop() {  // after WiFi.begin() and esp_camera_init() in setup()
  if (!traycam.connected() && !traycam.connect("HOST", PORT)) { delay(1000); return; }
  camera_fb_t *picture = esp_camera_fb_get();
  if (picture == nullptr) return;
  traycam.write(picture->buf, picture->len);
  esp_camera_fb_return(picture);
}`},
}

var dialCommands = []readyCommand{
	{"Raspberry Pi: rpicam-vid", `rpicam-vid -t 0 --codec mjpeg --width 1280 --height 720 --framerate 15 --listen -o tcp://0.0.0.0:PORT`},
	{"ffmpeg: test picture", `ffmpeg -re -f lavfi -i testsrc2=size=1280x720:rate=30 -f mjpeg "tcp://0.0.0.0:PORT?listen=1"`},
}

var pushCommands = []readyCommand{
	{"curl: one picture", `curl -H "Content-Type: image/jpeg" --data-binary @picture.jpg "POST"`},
	{"ffmpeg: test picture", `ffmpeg -re -f lavfi -i testsrc2=size=1280x720:rate=30 -f mpjpeg -boundary_tag frame -content_type "multipart/x-mixed-replace;boundary=frame" -method POST "POST"`},
	{"Raspberry Pi: rpicam-vid and curl", `rpicam-vid -t 0 --codec mjpeg --width 1280 --height 720 --framerate 15 -o - | curl -X POST -H "Content-Type: image/jpeg" -T - "POST"`},
	{"ESP32-CAM (Arduino)", `HTTPClient http;  // keeps its connection from one picture to the next

void loop() {  // after WiFi.begin() and esp_camera_init() in setup()
  camera_fb_t *picture = esp_camera_fb_get();
  if (picture == nullptr) return;
  http.begin("POST");
  http.addHeader("Content-Type", "image/jpeg");
  http.POST(picture->buf, picture->len);
  http.end();
  esp_camera_fb_return(picture);
}`},
}

// commandFor is what the places in a ready command stand for.
type commandFor struct {
	host string // this computer, as a camera reaches it
	post string // where pictures are posted to; empty: not known yet
}

// commandsFor are the ready commands for an address.
func commandsFor(a address, c commandFor) []readyCommand {
	var ready []readyCommand
	switch a.kind {
	case kindListen:
		ready = listenCommands
	case kindDial:
		ready = dialCommands
	case kindPush:
		if c.post == "" {
			return nil
		}
		ready = pushCommands
		if a.key != "" {
			c.post += "?key=" + a.key
		}
	}
	if _, err := portNumber(a.port); err != nil && a.kind != kindPush {
		return nil
	}
	host := c.host
	if strings.Contains(host, ":") {
		host = "[" + host + "]" // IPv6
	}
	fill := strings.NewReplacer("HOST", host, "PORT", a.port, `"POST"`, `"`+c.post+`"`)
	filled := make([]readyCommand, len(ready))
	for i, r := range ready {
		filled[i] = readyCommand{r.program, fill.Replace(r.text)}
	}
	return filled
}

// commandView lets a person pick a program and copy its command.
type commandView struct {
	box     fyne.CanvasObject
	program *choices
	text    *widget.Label
	ready   []readyCommand
}

func newCommandView(w *window) *commandView {
	v := &commandView{text: widget.NewLabel("")}
	v.text.TextStyle.Monospace = true
	v.text.Wrapping = fyne.TextWrapWord
	v.text.SizeName = theme.SizeNameCaptionText
	v.program = w.newChoices(nil, func(string) { v.fill(); v.box.Refresh() })
	copyIt := w.newButton(tr("Copy"), theme.ContentCopyIcon(), func() { w.copyText(v.text.Text) })
	v.box = container.NewVBox(container.NewBorder(nil, nil, nil, copyIt, v.program), v.text)
	return v
}

// show offers the commands for an address. It reports whether the space that
// they take may have changed.
func (v *commandView) show(a address, c commandFor) (moved bool) {
	ready := commandsFor(a, c)
	if slices.Equal(ready, v.ready) {
		return false
	}
	v.ready = ready
	names := make([]string, len(v.ready))
	for i, r := range v.ready {
		names[i] = r.program
	}
	picked := max(0, v.program.SelectedIndex())
	v.program.Options = names
	if picked >= len(names) {
		picked = 0
	}
	if len(names) > 0 && v.program.Selected != names[picked] {
		v.program.SetSelectedIndex(picked)
	}
	v.fill()
	return true
}

func (v *commandView) any() bool { return len(v.ready) > 0 }

func (v *commandView) fill() {
	for _, r := range v.ready {
		if r.program == v.program.Selected && v.text.Text != r.text {
			v.text.SetText(r.text)
		}
	}
}

// newKey is a secret of 80 random bits for a camera that programs post to.
func newKey() string { return strings.ToLower(rand.Text()[:16]) }
