package streaming

import (
	"errors"
	"io"

	"traycam/streaming/camera"
	"traycam/streaming/viewer"
)

// intake is a push camera, as viewer needs it.
type intake struct{ *camera.Push }

// Take takes the pictures of a posted body in.
func (i intake) Take(body io.ReadCloser, endless bool) error {
	err := i.Push.Take(body, endless)
	for _, known := range []struct {
		is error
		of viewer.Refusal
	}{
		{camera.ErrPushStopped, viewer.RefusedStopped},
		{camera.ErrTooMany, viewer.RefusedTooMany},
		{camera.ErrSecondBody, viewer.RefusedSecond},
		{camera.ErrNoPicture, viewer.RefusedNoPicture},
		{camera.ErrTooLarge, viewer.RefusedTooLarge},
		{camera.ErrTooSlow, viewer.RefusedTooSlow},
	} {
		if errors.Is(err, known.is) {
			return known.of
		}
	}
	return err
}

// Intake is where the camera's pictures are posted to, if they are.
func (p *pipeline) Intake() (viewer.Intake, bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return intake{p.push}, p.push != nil
}
