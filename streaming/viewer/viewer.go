// Package viewer is where frames go: HTTP handlers, one file for each output.
package viewer

import (
	"context"
	"io/fs"
	"iter"
	"log/slog"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"

	"traycam/streaming/frame"
)

// Camera is what viewers need of one camera.
type Camera interface {
	// Join counts a viewer in until leave is called. The context that it returns,
	// the same for all, is done when streaming of the camera ends. False: it is stopped.
	Join(From) (_ context.Context, leave func(), ok bool)
	// Watch yields the newest picture and then newer ones until ctx is done; the
	// same again after a second without a newer one.
	Watch(ctx context.Context) iter.Seq[*frame.Frame]
	// Newest is the newest picture, nil while the camera is not live.
	Newest() *frame.Frame
	// Intake is where its pictures are posted to. False: they come another way.
	Intake() (Intake, bool)
}

// Cameras is what viewers need of all cameras.
type Cameras interface {
	Camera(id string) (Camera, bool)
	Nth(n int) (Camera, bool) // from 0, in the person's order
	Streaming() bool
	State() []CameraState
}

// Options are what a Handler is made with.
type Options struct {
	Cameras Cameras
	Sharing Sharing // what the page /share shows; nil: there is no such page
	Web     fs.FS   // the viewer page's files, with index.html
	Version string
	Log     *slog.Logger
	Sent    *atomic.Int64 // gets the bytes that go to viewers
}

// Handler answers everything that Traycam answers over HTTP: to requests that
// came over loopback; those from the network are for [Handler.Network].
type Handler struct {
	opt      Options // without Cameras, so that nothing passes camerasFor by
	all      Cameras
	local    http.Handler
	network  http.Handler
	gate     *gate
	page     *page
	name     atomic.Pointer[string] // a further one of this computer; nil: none
	limit    atomic.Int64           // streams at once; 0: none
	streams  streams
	audience audience
	sockets  sockets
	posts    streams // being taken in
}

// New makes the handler of all outputs.
func New(opt Options) *Handler {
	h := &Handler{opt: opt, all: opt.Cameras, page: newPage(opt.Web)}
	h.opt.Cameras = nil
	h.streams.ended.L = &h.streams.mu
	h.audience.log, h.audience.sent = opt.Log, opt.Sent.Add
	h.audience.running.ended.L = &h.audience.running.mu
	h.posts.ended.L = &h.posts.mu
	h.sockets.there.ended.L = &h.sockets.there.mu
	mux := http.NewServeMux()
	mux.HandleFunc("/{$}", h.root)
	mux.HandleFunc("/assets/", h.page.asset)
	mux.HandleFunc("/favicon.ico", h.page.icon)
	mux.HandleFunc("/state", h.state)
	mux.HandleFunc("/healthz", h.health)
	mux.HandleFunc("/metrics", onlyLoopback(h.metrics))
	mux.HandleFunc("/share", onlyLoopback(h.share))
	mux.HandleFunc("/share/{file}", onlyLoopback(h.shareFile))
	mux.HandleFunc("/ws", h.webSocket)
	mux.HandleFunc("/cameras/{id}", h.cameraPage)
	mux.HandleFunc("/cameras/{id}/stream.mjpg", h.byID(h.stream))
	mux.HandleFunc("/cameras/{id}/snapshot.jpg", h.byID(h.snapshot))
	// The paths of other servers, for programs that were made for them.
	mux.HandleFunc("/mjpeg/{$}", h.first(h.stream))
	mux.HandleFunc("/mjpeg", h.first(h.stream))
	mux.HandleFunc("/stream.mjpg", h.first(h.stream))
	mux.HandleFunc("/snapshot.jpg", h.first(h.snapshot))
	all := http.NewServeMux()
	all.Handle("/", onlyReading(mux))
	all.HandleFunc("/cameras/{id}/frames", onlyPosting(h.frames))
	tree := http.NewCrossOriginProtection().Handler(all)
	h.gate = newGate(tree)
	h.local = safeHeaders(onlyNames(isLocalName, "Use http://localhost with the port.", tree))
	h.network = safeHeaders(onlyNames(h.isName, "Use the link as Traycam shows it.", h.gate))
	return h
}

func (h *Handler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	h.local.ServeHTTP(w, r)
}

// Network answers requests that came in from the network, as far as [Handler.Share] lets them in.
func (h *Handler) Network() http.Handler { return h.network }

// Share says who may watch from the network from now on; at first nobody.
// Streams that are there stay: their connections are the caller's to end.
func (h *Handler) Share(access Access) { h.gate.access.Store(&access) }

// CallIt says by what name the network finds this computer, beside those that
// it knows of itself; empty: by no other.
func (h *Handler) CallIt(name string) { h.name.Store(&name) }

// isName takes a Host header that came from the network.
func (h *Handler) isName(host string) bool {
	name := h.name.Load()
	return isNetworkName(host) || name != nil && *name != "" && bareHost(host) == *name
}

// Limit caps the streams over all cameras; 0: no limit. Streams that are there stay.
func (h *Handler) Limit(n int) { h.limit.Store(int64(n)) }

// Wait returns when every stream and every post has ended: when their cameras
// have stopped. It ends the pages' connections. No new one begins while
// Cameras.Streaming tells that cameras are stopped.
func (h *Handler) Wait() {
	h.sockets.end()
	h.streams.wait()
	h.audience.running.wait()
	h.posts.wait()
}

// A cameraHandler answers for one camera.
type cameraHandler func(w http.ResponseWriter, r *http.Request, c Camera)

// byID finds the camera that the path names.
func (h *Handler) byID(serve cameraHandler) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		c, ok := h.camerasFor(r).Camera(r.PathValue("id"))
		if !ok {
			http.NotFound(w, r)
			return
		}
		serve(w, r, c)
	}
}

// first finds the camera that ?camera= names, else the first one.
func (h *Handler) first(serve cameraHandler) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) { h.nth(w, r, 0, serve) }
}

func (h *Handler) nth(w http.ResponseWriter, r *http.Request, n int, serve cameraHandler) {
	c, ok := h.camerasFor(r).Nth(n)
	if id := r.URL.Query().Get("camera"); id != "" {
		c, ok = h.camerasFor(r).Camera(id)
	}
	if !ok {
		http.NotFound(w, r)
		return
	}
	serve(w, r, c)
}

// root is the page, or what mjpg-streamer answers there: ?action=stream,
// ?action=stream_N, ?action=snapshot, ?action=snapshot_N.
func (h *Handler) root(w http.ResponseWriter, r *http.Request) {
	action, number, numbered := strings.Cut(r.URL.Query().Get("action"), "_")
	n := 0
	if numbered {
		var err error
		if n, err = strconv.Atoi(number); err != nil {
			http.NotFound(w, r)
			return
		}
	}
	switch action {
	case "stream":
		h.nth(w, r, n, h.stream)
	case "snapshot":
		h.nth(w, r, n, h.snapshot)
	case "":
		h.servePage(w, r, http.StatusOK)
	default:
		http.NotFound(w, r)
	}
}

func (h *Handler) cameraPage(w http.ResponseWriter, r *http.Request) {
	status := http.StatusOK
	if _, ok := h.camerasFor(r).Camera(r.PathValue("id")); !ok {
		status = http.StatusNotFound // the page says so, and where the others are
	}
	h.servePage(w, r, status)
}

// streams waits for goroutines that serve streams.
type streams struct {
	mu    sync.Mutex
	ended sync.Cond // on mu: n is 0
	n     int       // Guarded by mu.
}

// enter counts a stream in, unless there are limit already; 0: no limit.
func (s *streams) enter(limit int) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if limit > 0 && s.n >= limit {
		return false
	}
	s.n++
	return true
}

func (s *streams) leave() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.n--
	if s.n == 0 {
		s.ended.Broadcast()
	}
}

func (s *streams) wait() {
	s.mu.Lock()
	defer s.mu.Unlock()
	for s.n > 0 {
		s.ended.Wait()
	}
}
