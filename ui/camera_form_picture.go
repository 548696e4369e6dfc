package ui

import (
	"fmt"
	"slices"

	"fyne.io/fyne/v2/container"

	"traycam/app"
)

// pictureFields are the rows of the form that say how a camera is shown.
type pictureFields struct {
	turn   *choices // by quarters
	mirror *check
	down   *choices // what is seen while the camera is down: whenDown
}

// whenDown are the values of app.CameraConfig.WhenDown in the order in which they are offered.
var whenDown = []string{app.ShowOffline, app.KeepLast}

// newPictureFields makes the rows, and shows what c says.
func newPictureFields(f *cameraForm, c app.CameraConfig) *pictureFields {
	p := &pictureFields{}
	p.turn = f.w.newChoices(nil, func(string) { f.changed(p.turn) })
	for quarter := range 4 {
		p.turn.Options = append(p.turn.Options, fmt.Sprintf("%d°", quarter*90))
	}
	p.mirror = f.w.newCheck(tr("Mirror"), func(bool) { f.changed(p.mirror) })
	p.down = f.w.newChoices([]string{tr("Say so in the picture"), tr("Keep the last picture")}, func(string) { f.changed(p.down) })
	f.field(tr("Turn"), "", nil, narrow(p.turn, p.mirror), p.turn, p.mirror)
	f.field(tr("If down"), "", nil, container.NewHBox(container.New(widthLayout(260), p.down)), p.down).hint = p.downHint

	p.turn.Selected = p.turn.Options[c.Rotate/90]
	p.mirror.Checked = c.Mirror
	p.down.Selected = p.down.Options[max(0, slices.Index(whenDown, c.WhenDown))]
	return p
}

func (p *pictureFields) downHint() string {
	if whenDown[p.down.SelectedIndex()] == app.KeepLast {
		return tr("Traycam's page says that the picture is old. Other programs cannot tell.")
	}
	return ""
}

// into writes what the rows say into c.
func (p *pictureFields) into(c *app.CameraConfig) {
	c.Rotate = 90 * p.turn.SelectedIndex()
	c.Mirror = p.mirror.Checked
	c.WhenDown = whenDown[p.down.SelectedIndex()]
}
