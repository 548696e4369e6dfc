package viewer

import (
	"errors"
	"io"
	"net/http"
	"os"
	"strings"
	"sync"
	"time"
)

const (
	// silentAfter is how long a body may send nothing before it is given up.
	silentAfter = 10 * time.Second
	// drainFor is how long is waited for the rest of a body that is refused, so
	// that its sender reads the answer.
	drainFor = 200 * time.Millisecond
	// longestPost is from how many bytes on a body is taken for an endless one.
	longestPost = 16 << 20
)

// Intake is where a camera's pictures are posted to.
type Intake interface {
	// Opens tells whether key is the camera's own. Its time tells nothing of the key.
	Opens(key string) bool
	// Take takes the pictures of a body in, until it ends. Closing the body must
	// end a Read of it. What has no end is taken from one sender at a time. The
	// error is a Refusal or the body's own.
	Take(body io.ReadCloser, endless bool) error
}

// Refusal is why a body was not taken, or not to its end.
type Refusal int

const (
	RefusedStopped Refusal = iota
	RefusedTooMany
	RefusedSecond
	RefusedNoPicture
	RefusedTooLarge
	RefusedTooSlow
)

// refusals are the answers, in the order of the constants.
var refusals = [...]struct {
	status   int
	words    string
	retry    string // seconds
	sentence string
}{
	{http.StatusServiceUnavailable, "stopped", "5", "This camera is switched off, or streaming was stopped."},
	{http.StatusTooManyRequests, "too many posts", "1", "Too many posts at once. At most 120 a second are taken; for more send one body that does not end."},
	{http.StatusTooManyRequests, "second endless body", "5", "Another program is sending pictures to this camera. End it first."},
	{http.StatusUnsupportedMediaType, "no picture", "", "There is no whole JPEG picture in what was sent."},
	{http.StatusRequestEntityTooLarge, "too large", "", "The picture is too large: at most 16 MiB are taken."},
	{http.StatusRequestTimeout, "too slow", "", "No whole picture came in a minute."},
}

func (r Refusal) Error() string { return refusals[r].words }

// frames takes posted pictures in: one to a request, or any number in a body
// that need not end.
func (h *Handler) frames(w http.ResponseWriter, r *http.Request) {
	h.posts.enter(0)
	defer h.posts.leave()
	c, ok := h.camerasFor(r).Camera(r.PathValue("id"))
	if !ok {
		refuse(w, "There is no such camera.", http.StatusNotFound)
		return
	}
	if !h.all.Streaming() {
		w.Header().Set("Retry-After", "5")
		refuse(w, "Streaming is stopped.", http.StatusServiceUnavailable)
		return
	}
	intake, ok := c.Intake()
	if !ok {
		refuse(w, "This camera's pictures are not posted: its address in Traycam does not begin with push:", http.StatusConflict)
		return
	}
	if !mayPost(r, intake) {
		w.Header().Set("WWW-Authenticate", `Bearer realm="Traycam"`)
		refuse(w, "This needs the camera's key: send the header Authorization: Bearer KEY, where its address in Traycam is push:?key=KEY", http.StatusUnauthorized)
		return
	}
	kind, ok := pictureKind(r.Header.Get("Content-Type"))
	if !ok {
		refuse(w, "Only JPEG pictures are taken: send Content-Type: image/jpeg, or multipart/x-mixed-replace for many.", http.StatusUnsupportedMediaType)
		return
	}
	endless := r.ContentLength < 0 || r.ContentLength > longestPost || strings.HasPrefix(kind, "multipart/x-")
	body := &patientBody{body: r.Body, control: http.NewResponseController(w)}
	defer body.release()
	err := intake.Take(body, endless)
	body.control.SetWriteDeadline(time.Now().Add(silentAfter)) // the server's own is long past
	h.answerPost(w, err)
}

// answerPost says how a body ended.
func (h *Handler) answerPost(w http.ResponseWriter, err error) {
	refusal, refused := errors.AsType[Refusal](err)
	switch {
	case err == nil:
		w.WriteHeader(http.StatusNoContent)
		return
	case refused:
		answer := refusals[refusal]
		if answer.retry != "" {
			w.Header().Set("Retry-After", answer.retry)
		}
		refuse(w, answer.sentence, answer.status)
	case errors.Is(err, os.ErrDeadlineExceeded):
		refuse(w, "Nothing came for 10 seconds.", http.StatusRequestTimeout)
	default:
		refuse(w, "The pictures broke off.", http.StatusBadRequest)
	}
	h.opt.Log.Debug("post ended", "err", err)
}

// refuse answers without waiting for a body that may have no end.
func refuse(w http.ResponseWriter, why string, status int) {
	http.NewResponseController(w).SetReadDeadline(time.Now().Add(drainFor))
	http.Error(w, why, status)
}

// mayPost tells whether r comes from this computer, or has the camera's key.
func mayPost(r *http.Request, intake Intake) bool {
	if key := r.URL.Query().Get("key"); key != "" {
		return intake.Opens(key)
	}
	if scheme, key, found := strings.Cut(r.Header.Get("Authorization"), " "); found && strings.EqualFold(scheme, "Bearer") {
		return intake.Opens(strings.TrimSpace(key))
	}
	return isOnThisComputer(r)
}

// pictureKind tells whether pictures may come as that type. Without a type, as
// ffmpeg sends them, the body decides.
func pictureKind(contentType string) (kind string, ok bool) {
	kind, _, _ = strings.Cut(contentType, ";")
	kind = strings.ToLower(strings.TrimSpace(kind))
	switch kind {
	case "", "image/jpeg", "image/jpg", "image/pjpeg", "application/octet-stream", "video/x-motion-jpeg", "video/x-mjpeg":
		return kind, true
	}
	return kind, strings.HasPrefix(kind, "multipart/")
}

// patientBody is a body that may last for ever, as long as it moves.
type patientBody struct {
	body    io.Reader
	control *http.ResponseController

	mu     sync.Mutex
	closed bool // Guarded by mu.
}

func (b *patientBody) Read(p []byte) (int, error) {
	b.mu.Lock()
	if b.closed {
		b.mu.Unlock()
		return 0, os.ErrClosed
	}
	b.control.SetReadDeadline(time.Now().Add(silentAfter))
	b.mu.Unlock()
	return b.body.Read(p)
}

// Close ends a Read. Closing the request's body would wait for it instead.
func (b *patientBody) Close() error {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.closed {
		return nil
	}
	b.closed = true
	return b.control.SetReadDeadline(time.Unix(1, 0))
}

// release leaves the connection to its next request.
func (b *patientBody) release() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.closed = true
}
