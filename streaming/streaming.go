// Package streaming takes each camera in once and hands its pictures to any
// number of viewers: bytes in, HTTP out. It knows no window and no config file.
package streaming

import (
	"context"
	"io/fs"
	"log/slog"
	"net"
	"net/http"
	"runtime/debug"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"traycam/streaming/camera"
	"traycam/streaming/frame"
	"traycam/streaming/viewer"
)

// Camera is what the person chose for one camera.
type Camera struct {
	ID      string // in URLs; unique
	Name    string
	URL     string // as camera.Open takes it
	Enabled bool
	MaxFPS  int // frames per second that are passed on; 0: all
	Turn    frame.Turn
	// KeepLast shows the last picture while the camera is down, not the offline picture.
	KeepLast bool
	FFmpeg   string // where the program ffmpeg is; "": it is looked for
}

// CameraStatus is how one camera is.
type CameraStatus struct {
	ID, Name string
	camera.Status
	Format                    string // how pictures come, such as "multipart"; empty before the first
	Width, Height             int    // of the newest frame as it is shown, in pixels
	Turn                      frame.Turn
	Kept                      bool // it is down, and its last picture goes on being shown
	FPS, BitsPerSecond        float64
	Frames, Dropped, Repaired uint64
	LastFrame                 time.Time
	Viewers                   int
}

// Options are what a Server is made with.
type Options struct {
	Version string
	Web     fs.FS // the viewer page's files
	Sharing Sharing
	Log     *slog.Logger
	// Changed is called when a camera's status or number of viewers changes. It
	// must not block, nor call the Server.
	Changed func()
}

// Server is one pipeline for each camera, and the HTTP handler for all of them.
// All methods may be called at once.
type Server struct {
	opt     Options
	viewers *viewer.Handler
	sent    atomic.Int64 // bytes that went to viewers, ever
	watched watched
	visits  visits

	connections *connections

	sharing sync.Mutex // not mu, which is held while cameras end
	// Guarded by sharing.
	access Access
	expiry *time.Timer // of the link that expires next; nil: none ever did

	mu sync.Mutex
	// Guarded by mu.
	running   bool
	cameras   []Camera // in the person's order
	pipelines map[string]*pipeline
}

// New makes a Server without cameras, stopped.
func New(opt Options) *Server {
	s := &Server{opt: opt, pipelines: map[string]*pipeline{}, connections: newConnections(opt.Log, descriptors())}
	s.viewers = viewer.New(viewer.Options{Cameras: s, Sharing: opt.Sharing, Web: opt.Web, Version: opt.Version, Log: opt.Log, Sent: &s.sent})
	return s
}

// Start begins to take the cameras in and to let viewers watch.
func (s *Server) Start() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.running {
		return
	}
	s.running = true
	for _, p := range s.pipelines {
		p.start()
	}
}

// Stop returns when every camera has been let go and every stream has ended.
func (s *Server) Stop() {
	s.mu.Lock()
	s.running = false
	var stopping sync.WaitGroup
	for _, p := range s.pipelines {
		stopping.Go(p.stop)
	}
	stopping.Wait()
	s.mu.Unlock()
	s.viewers.Wait()
}

// Configure makes cameras the cameras there are, in that order, and maxViewers
// the limit on streams over all of them (0: none). Only what changed is
// restarted; the streams of a camera that is changed go on.
func (s *Server) Configure(cameras []Camera, maxViewers int) {
	s.viewers.Limit(maxViewers)
	s.mu.Lock()
	defer s.mu.Unlock()
	kept := map[string]*pipeline{}
	for _, c := range cameras {
		kept[c.ID] = s.pipelines[c.ID]
	}
	for id, p := range s.pipelines { // first, so that what they held is free for the others
		if kept[id] == nil {
			p.stop()
		}
	}
	s.pipelines = kept
	s.cameras = nil
	for _, c := range cameras {
		if slices.ContainsFunc(s.cameras, func(o Camera) bool { return o.ID == c.ID }) {
			continue // an ID is one camera
		}
		s.cameras = append(s.cameras, c)
		p := kept[c.ID]
		if p == nil {
			p = newPipeline(c, &s.watched, s.opt.Log, s.opt.Changed)
			if s.running {
				p.start()
			}
		} else {
			p.configure(c)
		}
		kept[c.ID] = p
	}
}

// Status is how each camera is, in the person's order.
func (s *Server) Status() []CameraStatus {
	pipelines := s.ordered()
	all := make([]CameraStatus, len(pipelines))
	for i, p := range pipelines {
		all[i] = p.snapshot()
	}
	return all
}

// Newest is the newest picture of a live camera, nil where there is none.
func (s *Server) Newest(id string) *frame.Frame {
	if p := s.pipeline(id); p != nil {
		return p.Newest()
	}
	return nil
}

// BytesSent is how much has gone to viewers since the Server was made.
func (s *Server) BytesSent() int64 { return s.sent.Load() }

// Serve answers HTTP on ln, which is on loopback, until ctx is done, then ends what is still open.
func (s *Server) Serve(ctx context.Context, ln net.Listener) error {
	bounded := s.bounded(ln, false)
	defer bounded.refusing.Wait()
	return s.serve(ctx, bounded, s.viewers)
}

func (s *Server) serve(ctx context.Context, ln net.Listener, handler http.Handler) error {
	server := &http.Server{
		Handler:           s.guarded(handler),
		ReadHeaderTimeout: 10 * time.Second,
		ReadTimeout:       20 * time.Second, // but for posted pictures, which have their own
		WriteTimeout:      60 * time.Second, // of what is not a stream: those are taken over, and have their own
		IdleTimeout:       2 * time.Minute,
		MaxHeaderBytes:    32 << 10,
		ErrorLog:          slog.NewLogLogger(s.opt.Log.Handler(), slog.LevelDebug),
	}
	server.ConnContext = func(ctx context.Context, conn net.Conn) context.Context {
		if v, ok := conn.(*visit); ok {
			return viewer.WithVisit(ctx, v)
		}
		return ctx
	}
	defer context.AfterFunc(ctx, func() { server.Close() })()
	err := server.Serve(ln)
	if ctx.Err() != nil {
		return nil
	}
	return err
}

// guarded lets a panic end one request only, and logs it, which net/http does where nobody looks.
func (s *Server) guarded(handler http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		defer func() {
			if p := recover(); p != nil && p != http.ErrAbortHandler {
				s.opt.Log.Error("request ended by a mistake in Traycam", "viewer", r.RemoteAddr, "panic", p, "stack", string(debug.Stack()))
				panic(http.ErrAbortHandler)
			} else if p != nil {
				panic(p)
			}
		}()
		handler.ServeHTTP(w, r)
	})
}

func (s *Server) pipeline(id string) *pipeline {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.pipelines[id]
}

func (s *Server) ordered() []*pipeline {
	s.mu.Lock()
	defer s.mu.Unlock()
	all := make([]*pipeline, len(s.cameras))
	for i, c := range s.cameras {
		all[i] = s.pipelines[c.ID]
	}
	return all
}

// Streaming tells whether cameras are being taken in.
func (s *Server) Streaming() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.running
}

// Camera finds a camera for a viewer.
func (s *Server) Camera(id string) (viewer.Camera, bool) {
	if p := s.pipeline(id); p != nil {
		return p, true
	}
	return nil, false
}

// Nth finds the n-th camera, from 0, for a viewer.
func (s *Server) Nth(n int) (viewer.Camera, bool) {
	if all := s.ordered(); n >= 0 && n < len(all) {
		return all[n], true
	}
	return nil, false
}

// State is what viewers may know of the cameras, in the person's order.
func (s *Server) State() []viewer.CameraState {
	pipelines := s.ordered()
	all := make([]viewer.CameraState, len(pipelines))
	for i, p := range pipelines {
		all[i] = p.public()
	}
	return all
}
