package ui

import (
	"slices"

	"fyne.io/fyne/v2/container"

	"traycam/app"
)

// webcamField lets a person pick one of this computer's webcams.
type webcamField struct {
	f      *cameraForm
	pick   *choices
	device string // that is picked; "": the first one
	there  []app.Webcam
	asked  bool
	known  bool // there is what the controller has answered
}

func newWebcamField(f *cameraForm) *webcamField {
	v := &webcamField{f: f}
	v.pick = f.w.newChoices(nil, func(string) {
		if at := v.pick.SelectedIndex(); at >= 0 && !f.filling {
			v.device = v.devices()[at]
			f.changed(v.pick)
		}
	})
	return v
}

// addTo makes the field's row.
func (v *webcamField) addTo() {
	v.f.field(tr("Webcam"), "", []kind{kindWebcam}, container.NewStack(v.pick), v.pick).hint = func() string {
		if v.known && len(v.there) == 0 {
			return tr("No webcam is found now. Is it plugged in, and is the program ffmpeg installed?")
		}
		return tr("Traycam reads it with the program ffmpeg, which has to be installed.")
	}
}

// set picks a device.
func (v *webcamField) set(device string) {
	v.device = device
	v.list()
}

// ask finds out once which webcams there are.
func (v *webcamField) ask() {
	if v.asked {
		return
	}
	v.asked = true
	v.list()
	w := v.f.w
	w.commands.Go(func() { // not one of w.orders, which a slow ffmpeg would hold up
		there := w.c.Webcams(w.ctx)
		w.do(func() {
			v.there, v.known = there, true
			v.list()
			v.f.check()
		})
	})
}

// devices are what can be picked: the first one, those that are there, and the
// one that the camera has, which may be unplugged.
func (v *webcamField) devices() []string {
	all := []string{""}
	for _, w := range v.there {
		all = append(all, w.Device)
	}
	if !slices.Contains(all, v.device) {
		all = append(all, v.device)
	}
	return all
}

// list shows what can be picked, by name.
func (v *webcamField) list() {
	names := make([]string, 0, len(v.there)+2)
	for _, device := range v.devices() {
		name := device
		if device == "" {
			name = tr("The first one")
		} else if at := slices.IndexFunc(v.there, func(w app.Webcam) bool { return w.Device == device }); at >= 0 {
			name = v.there[at].Name
		}
		if slices.Contains(names, name) {
			name += " (" + device + ")"
		}
		names = append(names, name)
	}
	filling := v.f.filling
	v.f.filling = true
	v.pick.Options = names
	v.pick.SetSelectedIndex(slices.Index(v.devices(), v.device))
	v.pick.Refresh()
	v.f.filling = filling
}
