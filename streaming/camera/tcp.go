package camera

import (
	"context"
	"errors"
	"net"
	"net/netip"
	"sync"
	"sync/atomic"
	"time"

	"traycam/streaming/jpeg"
	"traycam/streaming/tcp"
)

const dialTimeout = 10 * time.Second

// dialer is tcp://host:port: we connect, the camera sends.
type dialer struct{ address string }

func (d *dialer) Run(ctx context.Context, out *Output) error {
	conn, err := (&net.Dialer{Timeout: dialTimeout}).DialContext(ctx, "tcp", d.address)
	if err != nil {
		return dialProblem(d.address, err)
	}
	defer conn.Close()
	return receive(ctx, conn, d.address, out.Frame, out)
}

// receive takes pictures from conn until it ends, ctx is done, or no whole
// picture has come for StallAfter. It always returns an error that says why.
func receive(ctx context.Context, conn net.Conn, address string, picture func(jpeg.Image, time.Time), out *Output) error {
	defer context.AfterFunc(ctx, func() { conn.Close() })()
	in := &intake{conn: conn, out: out}
	in.r = jpeg.NewReader(steady{in, tcp.Reader(conn)}, 0)
	return in.stream(address, "", picture)
}

// listener is tcp://:port?listen: the camera connects to us and sends. It has
// one camera at a time.
type listener struct {
	address string // as net.Listen takes it
	port    int
	allow   []netip.Prefix // who may connect; empty: everybody
}

// A session is one connection of the camera that a listener waits for.
type session struct {
	peer  string // its address, without the port, which means nothing to people
	close context.CancelFunc
	ended atomic.Bool   // its camera is gone, which is then told to people
	done  chan struct{} // closed when all of that is over

	began time.Time // times count from here: the computer's clock may be set
	// The newest picture's time, that of the connect before the first, and the time between the last two, in
	// nanoseconds.
	last, period atomic.Int64
}

// silent tells whether the camera has sent no whole picture for longer than it
// usually takes: at least 2 s, or 3 of its own periods.
func (s *session) silent() bool {
	since := time.Since(s.began) - time.Duration(s.last.Load())
	return since > max(2*time.Second, 3*time.Duration(s.period.Load()))
}

// sent tells whether the session had a picture.
func (s *session) sent() bool { return s.period.Load() > 0 }

func (l *listener) Run(ctx context.Context, out *Output) error {
	ln, err := new(net.ListenConfig).Listen(ctx, "tcp", l.address)
	if err != nil {
		return listenProblem(l.address, l.port, err)
	}
	defer context.AfterFunc(ctx, func() { ln.Close() })()
	defer ln.Close()

	var sessions sync.WaitGroup
	defer sessions.Wait()
	ctx, cancel := context.WithCancel(ctx)
	defer cancel() // before the wait above

	out.Waiting(Reason{})
	var current *session
	for {
		conn, err := ln.Accept()
		if err != nil {
			if errors.Is(err, net.ErrClosed) {
				return ctx.Err()
			}
			// No descriptors left, or the peer was gone already: the next may fare better.
			out.Notice(Reason{Sentence: "At %v this computer could not take more connections. Are very many programs or viewers open?", Detail: clock()})
			select {
			case <-time.After(100 * time.Millisecond):
			case <-ctx.Done():
			}
			continue
		}
		if tcp.HungUp(conn) { // while it waited to be let in; there may be thousands
			conn.Close()
			continue
		}
		if current != nil && current.ended.Load() && !current.sent() {
			// It hung up without a picture: no need to hurry for the next one.
			select {
			case <-time.After(firstWait):
			case <-ctx.Done():
			}
		}
		current = l.admit(ctx, conn, current, &sessions, out)
	}
}

// clock is the time of day for a sentence, which then stays true.
func clock() string { return time.Now().Format("15:04:05") }

// admit decides what becomes of a new connection and returns the session that
// the camera has from then on.
func (l *listener) admit(ctx context.Context, conn net.Conn, current *session, sessions *sync.WaitGroup, out *Output) *session {
	now := clock()
	peer, _, _ := net.SplitHostPort(conn.RemoteAddr().String())
	if !l.allowed(conn.RemoteAddr()) {
		conn.Close()
		out.Notice(Reason{"At %v a connection from %s was refused: the camera's settings do not allow it.", peer, "elsewhere", now})
		return current
	}
	notice := Reason{}
	if current != nil {
		if !current.ended.Load() {
			if !current.silent() {
				conn.Close()
				out.Notice(Reason{"At %v a second connection, from %s, was refused: the first camera is still sending.", peer, "elsewhere", now})
				return current
			}
			notice = Reason{"At %v a new connection from %s took the place of one that had fallen silent.", peer, "elsewhere", now}
		}
		current.close()
		<-current.done
	}
	s := &session{peer: peer, began: time.Now(), done: make(chan struct{})}
	sctx, cancel := context.WithCancel(ctx)
	s.close = cancel
	out.Connected()
	sessions.Go(func() {
		defer close(s.done)
		defer cancel()
		defer conn.Close()
		l.serve(sctx, conn, s, notice, out)
	})
	return s
}

// serve takes the pictures of one session in, and says how it ended.
func (l *listener) serve(ctx context.Context, conn net.Conn, s *session, notice Reason, out *Output) {
	first := true
	err := guard(func() error {
		return receive(ctx, conn, s.peer, func(image jpeg.Image, at time.Time) {
			out.Frame(image, at)
			now := int64(at.Sub(s.began))
			s.period.Store(now - s.last.Swap(now))
			if first && notice != (Reason{}) {
				out.Notice(notice)
			}
			first = false
		}, out)
	})
	s.ended.Store(true) // a camera that connects anew as soon as it reads of its end is let in
	switch p, _ := errors.AsType[*Problem](err); {
	case ctx.Err() != nil: // stopped, or replaced by one that speaks for itself
	case p.Stalled:
		out.sink.Log(err)
		out.Stalled(p.Reason)
	default:
		out.sink.Log(err)
		out.Waiting(p.Reason)
	}
}

func (l *listener) allowed(from net.Addr) bool {
	if len(l.allow) == 0 {
		return true
	}
	tcp, ok := from.(*net.TCPAddr)
	if !ok {
		return false
	}
	address := tcp.AddrPort().Addr().Unmap()
	for _, network := range l.allow {
		if network.Contains(address.WithZone("")) {
			return true
		}
	}
	return false
}
