//go:build !race

package ui

import (
	"bytes"
	"flag"
	"fmt"
	"image"
	"image/png"
	"os"
	"path/filepath"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/theme"

	"traycam/app"
	"traycam/discover"
	"traycam/sentence"
	"traycam/streaming/camera"
)

// go test ./ui -run Golden -update makes the pictures anew; look at them.
var update = flag.Bool("update", false, "write the golden pictures anew")

// The screens as they are meant to look, light and dark, and the main ones on a
// screen of double density.
func TestGolden(t *testing.T) {
	stopped := house()
	stopped.Streaming, stopped.Viewers, stopped.BitsOut = app.Stopped, 0, 0
	for i := range stopped.Cameras {
		stopped.Cameras[i] = makeCamera(stopped.Cameras[i].ID, stopped.Cameras[i].Name, stopped.Cameras[i].URL, "off")
	}
	failed := house()
	failed.Streaming = app.Failed
	failed.Reason = fmt.Errorf("port 8090 is used by another program. End it, or choose another port in the settings")
	failed.Cameras = failed.Cameras[1:2]
	failed.Cameras[0].Name = "A camera with a name that is much longer than the place that there is for it"
	failed.Cameras[0].Reason.Sentence = "This reason goes on for so long that it takes a second line below the first one, and then it does not even fit there, so that it is cut."
	shared := house()
	shared.Share = app.ShareStatus{
		Mode: "link",
		Addresses: []app.Address{
			{URL: "http://192.168.1.20:8090/v/k3jx5q7mzv2n4p6r8s9t0w1y3a/", Interface: "wlan0"},
			{URL: "http://10.8.0.2:8090/v/k3jx5q7mzv2n4p6r8s9t0w1y3a/", Interface: "tun0"},
		},
		Links: []app.LinkStatus{{
			Link: app.Link{Name: "Grandma", Cameras: []string{"garden"}}, URL: "http://192.168.1.20:8090/v/m4n2p6r8s9t0w1y3ak3jx5q7mz/", Viewers: 1,
		}},
		Watching: []app.Watcher{{Address: "192.168.1.33", Camera: "front-door", Since: at}, {Local: true, Camera: "front-door", Since: at}},
	}
	picture := decodeSmall(testFrame(1, 1280, 720).JPEG, image.Pt(previewWidth, previewHeight))
	for name, draw := range map[string]func(*desk){
		"list": func(d *desk) {
			d.render(shared, at)
			d.list.rows["front-door"].show(picture)
		},
		"first":   func(d *desk) { d.render(app.Snapshot{Streaming: app.Running, ViewerURL: "http://localhost:8090/"}, at) },
		"stopped": func(d *desk) { d.render(stopped, at) },
		"failed":  func(d *desk) { d.render(failed, at) },
		"crashed": func(d *desk) {
			s := house()
			s.Crash = "/home/eva/.cache/traycam/log/crash-2026-01-02T15.04.05.000.txt"
			d.render(s, at)
		},
		"form": func(d *desk) {
			s := house()
			s.Hosts = []string{"192.168.1.20"}
			d.render(s, at)
			d.addCamera()
		},
		"form-wrong": func(d *desk) {
			d.render(house(), at)
			d.addCamera()
			d.form().port.SetText("9001")
			d.form().submit()
		},
		"form-picture": func(d *desk) {
			s := house()
			s.Cameras[1].URL, s.Cameras[1].Rotate, s.Cameras[1].Mirror, s.Cameras[1].WhenDown = "http://10.0.0.7/video.mjpg", 90, true, app.KeepLast
			d.render(s, at)
			d.pick("garage", "Edit…")
		},
		"form-test": func(d *desk) {
			d.render(house(), at)
			d.addCamera()
			d.form().takeWhole("https://eva:secret@10.0.0.7/video.mjpg")
			d.form().name.SetText("Garage")
			trial := seen{picture: picture}
			trial.State, trial.Format, trial.Width, trial.Height = camera.Live, "multipart over HTTP", 1280, 720
			trial.FPS, trial.BitsPerSecond = 24.9, 21e6
			d.form().trial.start(app.CameraConfig{})
			d.form().trial.show(trial, "")
		},
		"find":         func(d *desk) { d.findAll(allFound) },
		"find-nothing": func(d *desk) { d.findAll(nil) },
		"find-password": func(d *desk) {
			d.findAll(allFound)
			d.form().find.showProblem(doorFound, "", "", fmt.Errorf("%w: %w", discover.ErrPassword,
				sentence.Errorf("The camera at %s wants a user name and a password", "10.0.0.7")))
		},
		"find-streams": func(d *desk) {
			d.findAll(allFound)
			d.form().find.showStreams(doorFound, "", "", doorStreams)
		},
		"removed": func(d *desk) {
			s := house()
			d.removeCamera(s.Cameras[1].CameraConfig)
			d.wait()
			s.Cameras = append(s.Cameras[:1], s.Cameras[2:]...)
			d.render(s, at)
		},
		"stop": func(d *desk) {
			d.render(house(), at)
			d.confirmToggle()
		},
		"share": func(d *desk) {
			d.render(shared, at)
			d.openShare()
		},
		"share-off": func(d *desk) {
			s := house()
			s.Share.Mode = "off"
			d.render(s, at)
			d.openShare()
		},
		"code": func(d *desk) {
			d.render(shared, at)
			d.showCode(shared.Cameras[0])
		},
		"settings": func(d *desk) {
			s := house()
			s.Version, s.Home, s.LogFolder, s.Settings = "1.2.3", "https://example.org/traycam", "/home/eva/.cache/traycam/log", app.Settings{Port: 8090, StreamAtStart: true, NotifyProblems: true}
			d.render(s, at)
			d.openSettings()
			d.wait()
		},
	} {
		for variant, suffix := range map[fyne.ThemeVariant]string{theme.VariantLight: "light", theme.VariantDark: "dark"} {
			t.Run(name+"-"+suffix, func(t *testing.T) {
				d := newDesk(t, variant)
				draw(d)
				d.win.Canvas().Unfocus()
				// A page whose changes take effect at once has nothing to be done first, and in a list it is to pick.
				picks := name == "share-off" || name == "find" || name == "find-streams"
				if got := d.primaries(); len(got) != 1 && !picks {
					t.Errorf("primary buttons: %q, want one", got)
				}
				d.golden(name + "-" + suffix)
				if page := d.page; page != nil {
					d.closePage()
				}
			})
		}
	}
	for name, draw := range map[string]func(*desk){
		"list-2x":     func(d *desk) { d.render(house(), at) },
		"form-2x":     func(d *desk) { d.render(house(), at); d.addCamera() },
		"share-2x":    func(d *desk) { d.render(shared, at); d.openShare() },
		"settings-2x": func(d *desk) { d.render(house(), at); d.openSettings(); d.wait() },
	} {
		t.Run(name, func(t *testing.T) {
			d := newDesk(t, theme.VariantLight)
			d.win.Canvas().(interface{ SetScale(float32) }).SetScale(2)
			draw(d)
			d.win.Canvas().Unfocus()
			d.golden(name)
		})
	}
}

// golden compares what is on the screen with testdata/name.png, to the pixel.
func (d *desk) golden(name string) {
	d.t.Helper()
	got := d.win.Canvas().Capture()
	file := filepath.Join("testdata", name+".png")
	if *update {
		writePNG(d.t, file, got)
		return
	}
	f, err := os.Open(file)
	if err != nil {
		d.t.Fatal(err)
	}
	defer f.Close()
	want, err := png.Decode(f)
	if err != nil {
		d.t.Fatal(err)
	}
	if n := differences(got, want); n != 0 {
		failed := filepath.Join("testdata", "failed", name+".png")
		writePNG(d.t, failed, got)
		d.t.Errorf("%d pixels are not as in %s; what was drawn is in %s", n, file, failed)
	}
}

func differences(a, b image.Image) (n int) {
	if a.Bounds().Size() != b.Bounds().Size() {
		return a.Bounds().Dx() * a.Bounds().Dy()
	}
	if bytes.Equal(pixels(a), pixels(b)) {
		return 0
	}
	for y := range a.Bounds().Dy() {
		for x := range a.Bounds().Dx() {
			r1, g1, b1, _ := a.At(x+a.Bounds().Min.X, y+a.Bounds().Min.Y).RGBA()
			r2, g2, b2, _ := b.At(x+b.Bounds().Min.X, y+b.Bounds().Min.Y).RGBA()
			if r1>>8 != r2>>8 || g1>>8 != g2>>8 || b1>>8 != b2>>8 {
				n++
			}
		}
	}
	return n
}

// pixels are those of an opaque picture, as red, green, blue and 255.
func pixels(m image.Image) []byte {
	switch m := m.(type) {
	case *image.NRGBA:
		return m.Pix
	case *image.RGBA:
		return m.Pix
	}
	return nil
}

func writePNG(t *testing.T, file string, m image.Image) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
		t.Fatal(err)
	}
	f, err := os.Create(file)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if err := png.Encode(f, m); err != nil {
		t.Fatal(err)
	}
}
