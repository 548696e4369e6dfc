package viewer

import (
	"net/http"
	"slices"
)

// camerasFor are the cameras that r may see. Answers to viewers must ask these,
// never all of them.
func (h *Handler) camerasFor(r *http.Request) Cameras {
	if only := arrivalOf(r).link.Cameras; len(only) > 0 {
		return someCameras{h.all, only}
	}
	return h.all
}

// someCameras are those of all whose IDs are in only, as if there were no others.
type someCameras struct {
	all  Cameras
	only []string
}

func (s someCameras) Camera(id string) (Camera, bool) {
	if !slices.Contains(s.only, id) {
		return nil, false
	}
	return s.all.Camera(id)
}

func (s someCameras) Nth(n int) (Camera, bool) {
	if state := s.State(); n >= 0 && n < len(state) {
		return s.all.Camera(state[n].ID)
	}
	return nil, false
}

func (s someCameras) Streaming() bool { return s.all.Streaming() }

func (s someCameras) State() []CameraState {
	return slices.DeleteFunc(slices.Clone(s.all.State()), func(c CameraState) bool { return !slices.Contains(s.only, c.ID) })
}
