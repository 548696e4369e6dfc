package viewer

import (
	"context"
	"errors"
	"log/slog"
	"net"
	"runtime"
	"runtime/debug"
	"slices"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"traycam/streaming/frame"
	"traycam/streaming/tcp"
)

const (
	// rowFull is from how many viewers of a camera on a further goroutine writes,
	// where the computer has a core for it.
	rowFull = 64
	// listenEvery is how often, at most, it is looked whether viewers are still there.
	listenEvery = time.Second / 2
	// maxNonsense is how much a viewer may send after its request.
	maxNonsense = 64 << 10
)

// audience is all viewers of multipart streams, in rows. May be used at once.
type audience struct {
	log     *slog.Logger
	sent    func(n int64) int64
	running streams // goroutines

	mu   sync.Mutex
	rows map[Camera][]*row // Guarded by mu.
}

// A row is viewers of one camera that one goroutine writes to. It waits for none
// of them: who has no room gets a goroutine for as long as that lasts.
type row struct {
	audience *audience
	camera   Camera
	try      *tcp.Try

	// Guarded by audience.mu.
	coming []*seat
	n      int          // seats that are taken
	newest *frame.Frame // what is being shown; nil: nothing yet

	// Owned by run.
	seats    []*seat
	listened time.Time
	spam     [16 << 10]byte // what viewers say
}

// A seat is one viewer's stream.
type seat struct {
	conn  net.Conn
	raw   syscall.RawConn // nil: each part takes a goroutine
	ahead bool
	leave func()
	ended atomic.Bool
	busy  atomic.Bool                 // somebody writes: the row, or a goroutine of its own
	next  atomic.Pointer[frame.Frame] // for whom is busy; nil: none

	// Owned by row.run.
	pace  frame.Pace
	heard int // bytes after the request
}

// take seats a viewer, for as long as it stays and ctx is not done, and then
// calls s.leave. It returns when the viewer has the newest frame.
func (a *audience) take(ctx context.Context, c Camera, s *seat) {
	a.running.enter(0)
	defer a.running.leave()
	defer a.guard(s)
	tcp.KeepQueueShort(s.conn)
	a.log.Debug("viewer came", "viewer", s.conn.RemoteAddr())
	s.busy.Store(true)
	out := a.patient(s)
	if err := out.write(streamHead(s.ahead)); err != nil {
		a.end(s, err)
		return
	}
	newest, ok := a.seat(ctx, c, s)
	if !ok {
		a.end(s, ctx.Err())
		return
	}
	if s.raw == nil {
		a.running.enter(0)
		go a.listen(s)
	}
	a.drain(out, s, newest)
}

// seat finds a row with a place. What is shown there already is for the caller to write.
func (a *audience) seat(ctx context.Context, c Camera, s *seat) (newest *frame.Frame, ok bool) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if ctx.Err() != nil {
		return nil, false // and its rows are gone, or about to go
	}
	rows := a.rows[c]
	var r *row
	if len(rows) > 0 {
		r = slices.MinFunc(rows, func(a, b *row) int { return a.n - b.n })
	}
	if r == nil || r.n >= rowFull && len(rows) < runtime.GOMAXPROCS(0) {
		r = &row{audience: a, camera: c, try: tcp.NewTry()}
		if a.rows == nil {
			a.rows = map[Camera][]*row{}
		}
		a.rows[c] = append(rows, r)
		a.running.enter(0)
		go r.run(ctx)
	}
	r.coming = append(r.coming, s)
	r.n++
	return r.newest, true
}

// run shows the camera's frames until all viewers have left or ctx is done.
func (r *row) run(ctx context.Context) {
	defer r.audience.running.leave()
	defer func() {
		if p := recover(); p != nil {
			r.audience.log.Error("viewers ended by a mistake in Traycam", "panic", p, "stack", string(debug.Stack()))
		}
	}()
	defer r.close()
	for f := range r.camera.Watch(ctx) {
		if !r.begin(f) {
			return
		}
		r.show(f)
	}
}

// begin lets in who came meanwhile. False: nobody is there, and the row is over.
func (r *row) begin(f *frame.Frame) bool {
	a := r.audience
	a.mu.Lock()
	defer a.mu.Unlock()
	r.newest = f
	r.seats = append(r.seats, r.coming...)
	clear(r.coming)
	r.coming = r.coming[:0]
	r.n = len(r.seats)
	if r.n == 0 {
		r.remove()
	}
	return r.n > 0
}

// remove takes the row out of the audience, so that nobody comes any more. audience.mu is held.
func (r *row) remove() {
	rows := slices.DeleteFunc(r.audience.rows[r.camera], func(one *row) bool { return one == r })
	if r.audience.rows[r.camera] = rows; len(rows) == 0 {
		delete(r.audience.rows, r.camera)
	}
}

// close ends who is still there.
func (r *row) close() {
	a := r.audience
	a.mu.Lock()
	r.remove()
	all := append(r.seats, r.coming...)
	a.mu.Unlock()
	for _, s := range all {
		a.end(s, nil)
	}
}

// show writes f to all who are ready for it.
func (r *row) show(f *frame.Frame) {
	now := time.Now()
	listening := now.Sub(r.listened) >= listenEvery
	if listening {
		r.listened = now
	}
	sent := 0
	for i := 0; i < len(r.seats); {
		s := r.seats[i]
		sent += r.showTo(s, f, now, listening)
		if !s.ended.Load() {
			i++
			continue
		}
		last := len(r.seats) - 1
		r.seats[i], r.seats[last] = r.seats[last], nil
		r.seats = r.seats[:last]
	}
	r.audience.sent(int64(sent))
}

// showTo writes f to s, or leaves it to whoever writes to s now. It returns how
// many bytes went out.
func (r *row) showTo(s *seat, f *frame.Frame, now time.Time, listening bool) (sent int) {
	a := r.audience
	defer a.guard(s)
	if listening {
		n, err := r.try.Read(s.raw, r.spam[:])
		if s.heard += n; err != nil || s.heard > maxNonsense {
			a.end(s, err)
			return 0
		}
	}
	if s.ended.Load() || !s.pace.Pass(now) {
		return 0
	}
	if !s.busy.CompareAndSwap(false, true) {
		s.next.Store(f)
		if !s.busy.CompareAndSwap(false, true) {
			return 0 // who writes will find it
		}
		if s.next.Swap(nil) == nil {
			s.busy.Store(false)
			return 0 // who wrote has found it
		}
	}
	part := s.part(f)
	sent, err := r.try.Write(s.raw, part)
	switch {
	case err != nil:
		a.end(s, err)
	case sent == len(part):
		s.busy.Store(false)
	default:
		a.running.enter(0)
		go a.wait(s, part[sent:])
	}
	return sent
}

// wait writes the rest of a part to a viewer that has no room, and what is newest then.
func (a *audience) wait(s *seat, rest []byte) {
	defer a.running.leave()
	defer a.guard(s)
	out := a.patient(s)
	if err := out.write(rest); err != nil {
		a.end(s, err)
		return
	}
	a.drain(out, s, nil)
}

// drain writes f, unless it is nil, and then what is there for s, until that is
// nothing and s is not busy any more. A frame that is sent again for players has
// been written just now.
func (a *audience) drain(out *patientWriter, s *seat, f *frame.Frame) {
	before := f
	for {
		if f != nil {
			if err := out.write(s.part(f)); err != nil {
				a.end(s, err)
				return
			}
			before = f
		}
		if f = s.next.Swap(nil); f == before {
			f = nil
		}
		if f != nil {
			continue
		}
		s.busy.Store(false)
		if s.next.Load() == nil || !s.busy.CompareAndSwap(false, true) {
			return
		}
	}
}

// listen waits for the end of a viewer that cannot be asked without waiting, and
// throws away what it says until then.
func (a *audience) listen(s *seat) {
	defer a.running.leave()
	defer a.guard(s)
	var b [64]byte
	for heard := 0; heard <= maxNonsense; {
		n, err := s.conn.Read(b[:])
		if heard += n; err != nil {
			a.end(s, err)
			return
		}
	}
	a.end(s, nil)
}

// end lets a viewer go, once.
func (a *audience) end(s *seat, err error) {
	if !s.ended.CompareAndSwap(false, true) {
		return
	}
	s.conn.Close()
	s.leave()
	if errors.Is(err, errNoProgress) {
		a.log.Info("viewer dropped", "viewer", s.conn.RemoteAddr(), "err", err)
	} else {
		a.log.Debug("viewer left", "viewer", s.conn.RemoteAddr(), "err", err)
	}
}

// guard lets a panic end one viewer only. To be deferred.
func (a *audience) guard(s *seat) {
	if p := recover(); p != nil {
		a.log.Error("viewer ended by a mistake in Traycam", "panic", p, "stack", string(debug.Stack()))
		a.end(s, nil)
	}
}

func (a *audience) patient(s *seat) *patientWriter {
	return &patientWriter{conn: s.conn, sent: a.sent}
}

// part is f as the viewer wants it.
func (s *seat) part(f *frame.Frame) []byte {
	if s.ahead {
		return f.PartAhead()
	}
	return f.Part()
}
