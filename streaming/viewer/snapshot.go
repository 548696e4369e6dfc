package viewer

import (
	"net/http"
	"strconv"

	"traycam/streaming/frame"
)

// snapshot answers with the newest picture of a camera.
func (h *Handler) snapshot(w http.ResponseWriter, r *http.Request, c Camera) {
	if !h.all.Streaming() {
		unavailable(w, "Streaming is stopped.", 5)
		return
	}
	f := c.Newest()
	if f == nil {
		unavailable(w, "The camera sends no picture now.", 2)
		return
	}
	anyPageMayShow(w.Header())
	w.Header().Set("Content-Type", "image/jpeg")
	w.Header().Set("Content-Length", strconv.Itoa(len(f.JPEG)))
	w.Header().Set("Cache-Control", "no-store")
	w.Header().Set("X-Timestamp", string(frame.AppendTimestamp(nil, f.At)))
	if r.Method == http.MethodHead {
		return
	}
	w.Write(f.JPEG) // #nosec G705 -- an image, whatever is in it: its type is said, and is not to be guessed
}

// unavailable is 503 with the seconds after which to ask again.
func unavailable(w http.ResponseWriter, why string, seconds int) {
	w.Header().Set("Retry-After", strconv.Itoa(seconds))
	w.Header().Set("Cache-Control", "no-store")
	http.Error(w, why, http.StatusServiceUnavailable)
}
