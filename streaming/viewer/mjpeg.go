package viewer

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"runtime/debug"
	"strconv"
	"strings"
	"time"

	"traycam/streaming/frame"
)

const (
	// dropAfter is how long a viewer may take no byte before it is dropped.
	dropAfter = 10 * time.Second
	// maxNonsense is how much a viewer may send after its request.
	maxNonsense = 64 << 10
)

// stream answers with multipart/x-mixed-replace, without an end. ?fps=N caps
// the rate; ?advance_headers=0|1 overrides whether the next part's headers go
// out ahead of it.
func (h *Handler) stream(w http.ResponseWriter, r *http.Request, c Camera) {
	fps, err := queryFPS(r)
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	ahead := wantsHeadersAhead(r)
	if r.Method == http.MethodHead && h.all.Streaming() {
		streamHeaders(w.Header())
		return
	}
	if !h.streams.enter(int(h.limit.Load())) {
		unavailable(w, "All places for viewers are taken. Close one, or raise the limit in Traycam.", 5)
		return
	}
	ctx, leave, ok := c.Join(fromOf(r))
	if !ok {
		h.streams.leave()
		unavailable(w, "Streaming is stopped.", 5)
		return
	}
	conn, _, err := http.NewResponseController(w).Hijack()
	if err != nil {
		leave()
		h.streams.leave()
		http.Error(w, "This connection cannot carry a stream.", http.StatusHTTPVersionNotSupported)
		return
	}
	// From here on nothing of net/http is held: its buffers would cost each viewer more than the rest.
	go func() {
		defer h.streams.leave()
		defer leave()
		h.serveStream(ctx, conn, c, ahead, frame.Pace{FPS: fps})
	}()
}

// serveStream writes c's frames to conn until the viewer leaves, takes nothing
// for dropAfter, or ctx is done.
func (h *Handler) serveStream(ctx context.Context, conn net.Conn, c Camera, ahead bool, pace frame.Pace) {
	log := h.opt.Log.With("viewer", conn.RemoteAddr().String())
	defer func() {
		if p := recover(); p != nil {
			log.Error("viewer ended by a mistake in Traycam", "panic", p, "stack", string(debug.Stack()))
		}
	}()
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	gone := make(chan struct{})
	go func() { // a viewer says nothing more: what comes is the end
		defer close(gone)
		defer cancel()
		discard(conn)
	}()
	defer func() { <-gone }()
	defer conn.Close()
	defer context.AfterFunc(ctx, func() { conn.Close() })()
	keepQueueShort(conn)

	out := &patientWriter{conn: conn, sent: h.opt.Sent.Add}
	if err := out.write(streamHead(ahead)); err != nil {
		log.Debug("viewer left", "err", err)
		return
	}
	log.Debug("viewer came")
	for f := range c.Watch(ctx) {
		if !pace.Pass(time.Now()) {
			continue
		}
		part := f.Part()
		if ahead {
			part = f.PartAhead()
		}
		if err := out.write(part); err != nil {
			if errors.Is(err, errNoProgress) {
				log.Info("viewer dropped", "err", err)
			}
			break
		}
	}
	log.Debug("viewer left")
}

// discard reads what a viewer sends after its request, up to maxNonsense, until
// it closes or the connection is closed here.
func discard(conn net.Conn) {
	var b [64]byte
	for n := 0; n < maxNonsense; {
		got, err := conn.Read(b[:])
		if err != nil {
			return
		}
		n += got
	}
}

// patientWriter writes to viewers that may be slow. Not for use at once.
type patientWriter struct {
	conn net.Conn
	sent func(n int64) int64
}

var errNoProgress = fmt.Errorf("took nothing for %v", dropAfter)

// write sends b, which is one part, in one write where the viewer keeps up and
// the system allows. It gives up when no byte has moved for dropAfter: a deadline
// for the whole part would cut off viewers that are slow but healthy.
func (w *patientWriter) write(b []byte) error {
	moved := time.Now()
	for len(b) > 0 {
		w.conn.SetWriteDeadline(time.Now().Add(writeTick))
		n, err := w.conn.Write(b[:min(len(b), writeMost)])
		w.sent(int64(n))
		switch late := errors.Is(err, os.ErrDeadlineExceeded); {
		case err != nil && !late:
			return err
		case late && !resumesWrites, late && n == 0 && time.Since(moved) >= dropAfter:
			return errNoProgress
		case n > 0:
			moved = time.Now()
		}
		b = b[n:]
	}
	return nil
}

// wantsHeadersAhead tells whether r comes from a browser, which paints a part
// only when it has seen the next part's headers (Chromium: crbug 527446).
// Programs want the length of a part before it instead. A top-level navigation
// of Firefox has no image/ in Accept. Not by Sec-Fetch-Dest: it is missing on
// plain-HTTP addresses in the network.
func wantsHeadersAhead(r *http.Request) bool {
	switch r.URL.Query().Get("advance_headers") {
	case "0":
		return false
	case "1":
		return true
	}
	agent := r.Header.Get("User-Agent")
	return strings.Contains(agent, "Mozilla/") &&
		(strings.Contains(r.Header.Get("Accept"), "image/") || strings.Contains(agent, "Firefox/"))
}

func queryFPS(r *http.Request) (int, error) {
	s := r.URL.Query().Get("fps")
	if s == "" {
		return 0, nil
	}
	fps, err := strconv.Atoi(s)
	if err != nil || fps < 0 || fps > 1000 {
		return 0, errors.New("fps= takes a whole number of frames per second, such as fps=5")
	}
	return fps, nil
}

// streamHeaders are those of every stream's answer. The spelling of the type
// matters: quotes around the boundary froze Safari, other letter case breaks Firefox.
func streamHeaders(h http.Header) {
	h.Set("Content-Type", "multipart/x-mixed-replace;boundary="+frame.Boundary)
	h.Set("Cache-Control", "private, no-cache, no-store, max-age=0")
	h.Set("Pragma", "no-cache")
	h.Set("Connection", "close")
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Referrer-Policy", "no-referrer")
}

// streamHead is the answer's headers and what goes before the first part.
func streamHead(ahead bool) []byte {
	var b strings.Builder
	b.WriteString("HTTP/1.1 200 OK\r\n")
	headers := http.Header{}
	streamHeaders(headers)
	headers.Write(&b)
	b.WriteString("\r\n")
	if ahead {
		b.WriteString(frame.StartAhead)
	} else {
		b.WriteString(frame.Start)
	}
	return []byte(b.String())
}
