package ui

import (
	"slices"
	"testing"

	"fyne.io/fyne/v2/test"
	"fyne.io/fyne/v2/theme"

	"traycam/app"
)

// The form offers the webcams that are there, and keeps one that is unplugged.
func TestFormListsWebcams(t *testing.T) {
	d := newDesk(t, theme.VariantLight)
	d.fake.webcams = []app.Webcam{{Device: "/dev/video0", Name: "C525"}, {Device: "/dev/video2", Name: "C525"}, {Device: "/dev/video4", Name: "Microscope"}}
	s := house()
	s.Cameras[1].URL = "webcam:/dev/video9"
	d.render(s, at)
	d.pick("garage", "Edit…")
	d.wait()
	f := d.form()
	want := []string{"The first one", "C525", "C525 (/dev/video2)", "Microscope", "/dev/video9"}
	if f.picked() != kindWebcam || !slices.Equal(f.webcam.pick.Options, want) || f.webcam.pick.Selected != "/dev/video9" {
		t.Errorf("%v: %q of %q", f.picked(), f.webcam.pick.Selected, f.webcam.pick.Options)
	}
	f.webcam.pick.SetSelected("C525 (/dev/video2)")
	test.Tap(d.button("Save"))
	d.wait()
	if got := d.fake.kept[0].URL; got != "webcam:/dev/video2" {
		t.Errorf("saved %s", got)
	}
}

func TestFormWithoutWebcams(t *testing.T) {
	d := newDesk(t, theme.VariantLight)
	d.render(house(), at)
	d.addCamera()
	f := d.form()
	f.kind.SetSelected(kindNames()[kindWebcam])
	hint := func() string {
		for _, field := range f.fields {
			if field.label.Text == "Webcam" && field.row.Visible() {
				return field.note.text
			}
		}
		return ""
	}
	before := hint()
	d.wait()
	if hint() == before || !slices.Equal(f.webcam.pick.Options, []string{"The first one"}) {
		t.Errorf("%q, then %q, with %q to pick", before, hint(), f.webcam.pick.Options)
	}
}

func TestSettingsSayWhereFFmpegIs(t *testing.T) {
	d := newDesk(t, theme.VariantLight)
	d.render(house(), at)
	d.openSettings()
	d.wait()
	row := d.page.(*settingsPage).ffmpeg
	if row.place.text != "/usr/bin/ffmpeg" || row.found.Visible() {
		t.Errorf("%q, and a way back: %v", row.place.text, row.found.Visible())
	}
	for _, c := range []struct{ path, says string }{{"/opt/ffmpeg", "/opt/ffmpeg"}, {"/nowhere/ffmpeg", "/nowhere/ffmpeg cannot be started"}} {
		row.choose(c.path)
		d.wait()
		if row.place.text != c.says || !row.found.Visible() || d.fake.settings.FFmpeg != c.path {
			t.Errorf("%s: %q, %+v", c.path, row.place.text, d.fake.settings)
		}
	}
	test.Tap(row.found)
	d.wait()
	if row.place.text != "/usr/bin/ffmpeg" || d.fake.settings.FFmpeg != "" {
		t.Errorf("back: %q, %+v", row.place.text, d.fake.settings)
	}
}
