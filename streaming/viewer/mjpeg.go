package viewer

import (
	"errors"
	"net/http"
	"strconv"
	"strings"

	"traycam/streaming/frame"
	"traycam/streaming/tcp"
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
	go h.audience.take(ctx, c, &seat{
		conn: conn, raw: tcp.Raw(conn), ahead: ahead, pace: frame.Pace{FPS: fps},
		leave: func() { leave(); h.streams.leave() },
	})
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
	anyPageMayShow(h)
}

// anyPageMayShow lets pages of other sites show a picture in <img>, which they cannot read.
func anyPageMayShow(h http.Header) { h.Set("Cross-Origin-Resource-Policy", "cross-origin") }

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
