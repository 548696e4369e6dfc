package viewer

import (
	"bufio"
	"bytes"
	"context"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"math"
	"net"
	"net/http"
	"runtime/debug"
	"slices"
	"sync"
	"time"
	"unicode/utf8"

	"github.com/coder/websocket"

	"traycam/streaming/frame"
	"traycam/streaming/tcp"
)

const (
	// statePeriod is how often a page is told the state. It is also its sign that the server is there.
	statePeriod = time.Second
	// longestMessage is how many bytes a page may send at once.
	longestMessage = 256 << 10
	// mostWatches is how many cameras one page may watch.
	mostWatches = 1024
	// mostOfOne is how often one page may watch the same camera.
	mostOfOne = 16
)

// webSocket shows a page any number of cameras over one connection:
// docs/websocket.md.
func (h *Handler) webSocket(w http.ResponseWriter, r *http.Request) {
	if isForeignPage(r) {
		http.Error(w, "A page of another site must not watch.", http.StatusForbidden)
		return
	}
	ctx, cancel := context.WithCancel(context.Background())
	s := &socket{h: h, cameras: h.camerasFor(r), from: fromOf(r), wake: make(chan struct{}, 1), began: time.Now()}
	if leave, ok := h.sockets.enter(cancel); ok {
		s.leave = leave
	} else {
		cancel()
		unavailable(w, "Too many pages are open.", 5)
		return
	}
	if !h.all.Streaming() { // asked after enter: a stop from now on ends s
		s.leave()
		unavailable(w, "Streaming is stopped.", 5)
		return
	}
	s.patient = &patientConn{out: patientWriter{sent: h.opt.Sent.Add}}
	conn, err := websocket.Accept(patientHijacker{w, s.patient}, r, nil)
	if err != nil {
		s.leave()
		h.opt.Log.Debug("page refused", "err", err)
		return
	}
	s.conn = conn
	s.log = h.opt.Log.With("viewer", r.RemoteAddr)
	go func() { // of net/http nothing is held, as with streams
		defer s.leave()
		s.run(ctx)
	}()
}

// socket is one page's connection.
type socket struct {
	h        *Handler
	cameras  Cameras // those that the page may see
	from     From
	conn     *websocket.Conn
	patient  *patientConn // what is below conn
	leave    func()
	log      *slog.Logger
	began    time.Time     // what times in pictures' heads count from
	wake     chan struct{} // holds at most one: "there may be something to send"
	watching sync.WaitGroup
	said     bytes.Buffer // by the page. Owned by read.

	mu sync.Mutex
	// Guarded by mu.
	watches []*watch
	last    int  // index in watches of what was sent last: the next one is first now
	refused bool // one of watches is to be told why it is not
	news    bool // the state is to be told before its time
}

// run serves the page until it leaves, says nothing for dropAfter, takes nothing
// for dropAfter, or ctx is done.
func (s *socket) run(ctx context.Context) {
	ctx, cancel := context.WithCancel(ctx)
	defer s.watching.Wait()
	defer s.watch(ctx, nil)
	reading := make(chan struct{})
	go func() {
		defer close(reading)
		defer cancel()
		defer s.recover()
		s.log.Debug("page left", "err", s.read(ctx))
	}()
	defer func() { <-reading }()
	defer s.conn.CloseNow()
	defer context.AfterFunc(ctx, func() { s.patient.Close() })()
	defer cancel()
	defer s.recover()
	s.log.Debug("page came")
	s.log.Debug("page ends", "err", s.write(ctx))
}

func (s *socket) recover() {
	if p := recover(); p != nil {
		s.log.Error("page ended by a mistake in Traycam", "panic", p, "stack", string(debug.Stack()))
	}
}

// request is what a page wants.
type request struct {
	Watch *[]wanted `json:"watch"` // from now on these, and no others
}

type wanted struct {
	Camera string `json:"camera"`
	Number uint16 `json:"number"` // what the page calls it
	FPS    int    `json:"fps"`    // at most; 0: all
}

// read takes what the page says.
func (s *socket) read(ctx context.Context) error {
	s.conn.SetReadLimit(longestMessage)
	for {
		kind, message, err := s.readOne()
		if err != nil {
			return err
		}
		if kind == websocket.MessageBinary {
			if !s.painted(message) {
				return s.conn.Close(websocket.StatusUnsupportedData, "binary messages are 6 bytes for each camera: docs/websocket.md")
			}
			continue
		}
		if !utf8.Valid(message) { // RFC 6455, 8.1, which the library leaves to us
			return s.conn.Close(websocket.StatusInvalidFramePayloadData, "text messages are UTF-8")
		}
		var said request
		if json.Unmarshal(message, &said) != nil {
			return s.conn.Close(websocket.StatusUnsupportedData, "text messages are JSON: docs/websocket.md")
		}
		if said.Watch != nil {
			if why := check(*said.Watch); why != "" {
				return s.conn.Close(websocket.StatusPolicyViolation, why)
			}
			s.watch(ctx, *said.Watch)
		}
	}
}

// readOne waits for a message for dropAfter, which is valid until it is called
// again. The connection's own deadline costs less than that of a context, and
// when the page's context is done, run closes the connection.
func (s *socket) readOne() (websocket.MessageType, []byte, error) {
	s.patient.SetReadDeadline(time.Now().Add(dropAfter))
	kind, r, err := s.conn.Reader(context.Background())
	if err != nil {
		return kind, nil, err
	}
	s.said.Reset()
	_, err = s.said.ReadFrom(r)
	return kind, s.said.Bytes(), err
}

func check(all []wanted) (why string) {
	if len(all) > mostWatches {
		return fmt.Sprintf("at most %d cameras", mostWatches)
	}
	numbers, times := map[uint16]bool{}, map[string]int{}
	for _, one := range all {
		if times[one.Camera]++; times[one.Camera] > mostOfOne {
			return fmt.Sprintf("one camera at most %d times", mostOfOne)
		}
		if numbers[one.Number] {
			return "two cameras have the same number"
		}
		if one.FPS < 0 || one.FPS > 1000 {
			return "fps is from 0 to 1000"
		}
		numbers[one.Number] = true
	}
	return ""
}

// write sends pictures and the state.
func (s *socket) write(ctx context.Context) error {
	tick := time.NewTicker(statePeriod)
	defer tick.Stop()
	told := time.Time{}
	for {
		for {
			refused, news := s.told()
			if err := s.writeRefused(ctx, refused); err != nil {
				return err
			}
			if news || time.Since(told) >= statePeriod*9/10 {
				told = time.Now()
				if err := s.writeState(ctx); err != nil {
					return err
				}
			}
			p, ok := s.next()
			if !ok {
				break
			}
			if err := s.writePicture(p); err != nil {
				return err
			}
		}
		select {
		case <-s.wake:
		case <-tick.C:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

func (s *socket) writeState(ctx context.Context) error {
	return s.writeJSON(ctx, struct {
		State stateJSON `json:"state"`
		Now   int64     `json:"now"` // ms since 1970
	}{s.h.stateNow(s.cameras), time.Now().UnixMilli()})
}

// refusal says that the camera which the page calls Number is not watched.
type refusal struct {
	Number uint16 `json:"refused"`
	Camera string `json:"camera"`
	Why    string `json:"why"` // a sentence
}

func (s *socket) writeRefused(ctx context.Context, all []refusal) error {
	for _, one := range all {
		if err := s.writeJSON(ctx, one); err != nil {
			return err
		}
	}
	return nil
}

func (s *socket) writeJSON(ctx context.Context, v any) error {
	b, err := json.Marshal(v)
	if err != nil {
		return err
	}
	return s.conn.Write(ctx, websocket.MessageText, b)
}

// writePicture sends a picture, in pieces that a slow page sees coming.
func (s *socket) writePicture(p picture) error {
	head := pictureHead{Number: p.number, Serial: p.serial, Seq: uint32(p.frame.Seq)}
	if p.frame.Offline {
		head.Flags |= flagOffline
	}
	for rest := p.frame.JPEG; len(rest) > 0; {
		piece := rest[:min(len(rest), pieceMost)]
		rest = rest[len(piece):]
		head.Flags &^= flagMore
		if len(rest) > 0 {
			head.Flags |= flagMore
		}
		now := time.Now()
		head.Age, head.Sent = milliseconds(now.Sub(p.frame.At)), uint32(now.Sub(s.began).Milliseconds())
		if err := s.writePiece(head, piece); err != nil {
			return err
		}
		head.Flags |= flagContinued
	}
	return nil
}

// writePiece sends head and piece as one message. It does so itself: the library
// would make three frames of them, with a system call for each.
func (s *socket) writePiece(head pictureHead, piece []byte) error {
	var space [messageHeadMost + pictureHeadLength]byte
	b := appendMessageHead(space[:0], pictureHeadLength+len(piece))
	return s.patient.writeBehind(head.append(b), piece)
}

// messageHeadMost is the longest that appendMessageHead appends.
const messageHeadMost = 10

// appendMessageHead appends what stands before a binary message of n bytes, in
// one frame and unmasked, as servers send them (RFC 6455, 5.2).
func appendMessageHead(b []byte, n int) []byte {
	const finalBinary = 0x80 | 0x2
	switch {
	case n < 126:
		return append(b, finalBinary, byte(n))
	case n <= math.MaxUint16:
		return binary.BigEndian.AppendUint16(append(b, finalBinary, 126), uint16(n))
	default:
		return binary.BigEndian.AppendUint64(append(b, finalBinary, 127), uint64(n))
	}
}

// told takes what is to be told.
func (s *socket) told() (refused []refusal, news bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	news = s.news
	s.news = false
	if !s.refused {
		return nil, news
	}
	s.refused = false
	for _, w := range s.watches {
		if w.refused != "" {
			refused = append(refused, refusal{w.number, w.camera, w.refused})
			w.refused = ""
		}
	}
	return refused, news
}

// next takes the picture that is to be sent now, from each camera in turn.
func (s *socket) next() (p picture, ok bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for i := range s.watches {
		at := (s.last + 1 + i) % len(s.watches)
		if p, ok := s.watches[at].take(); ok {
			s.last = at
			return p, true
		}
	}
	return picture{}, false
}

// wakeUp makes write look for something to send.
func (s *socket) wakeUp() {
	select {
	case s.wake <- struct{}{}:
	default: // it has not yet seen the last one
	}
}

// watch makes all the cameras that the page watches. Those that it watched
// before go on. Called by one goroutine at a time.
func (s *socket) watch(ctx context.Context, all []wanted) {
	s.mu.Lock()
	before := s.watches
	var after, begun []*watch
	for _, one := range all {
		at := slices.IndexFunc(before, func(w *watch) bool { return w.number == one.Number && w.camera == one.Camera && !w.ended })
		if at >= 0 {
			before[at].limit(one.FPS)
			after = append(after, before[at])
			continue
		}
		w := &watch{number: one.Number, camera: one.Camera, pace: frame.Pace{FPS: one.FPS}}
		after, begun = append(after, w), append(begun, w)
	}
	s.watches, s.last = after, 0
	s.mu.Unlock()

	for _, w := range before { // first, so that their places are free for the others
		if !slices.Contains(after, w) && w.end != nil {
			w.end()
		}
	}
	for _, w := range begun {
		s.begin(ctx, w)
	}
	s.wakeUp()
}

// begin makes the page a viewer of w's camera.
func (s *socket) begin(ctx context.Context, w *watch) {
	c, ok := s.cameras.Camera(w.camera)
	if !ok {
		s.refuse(w, "There is no such camera.")
		return
	}
	if !s.h.streams.enter(int(s.h.limit.Load())) {
		s.refuse(w, "All places for viewers are taken. Close one, or raise the limit in Traycam.")
		return
	}
	stream, leave, ok := c.Join(s.from)
	if !ok {
		s.h.streams.leave()
		s.refuse(w, "Streaming is stopped.")
		return
	}
	stream, cancel := context.WithCancel(stream)
	stop := context.AfterFunc(ctx, cancel)
	ended := make(chan struct{})
	w.end = func() { cancel(); <-ended }
	s.watching.Go(func() {
		defer close(ended)
		defer s.h.streams.leave()
		defer leave()
		defer stop()
		defer cancel()
		defer func() {
			if p := recover(); p != nil {
				s.log.Error("picture ended by a mistake in Traycam", "panic", p, "stack", string(debug.Stack()))
				s.refuse(w, "Traycam made a mistake. Please report it, with the log.")
			}
		}()
		for f := range c.Watch(stream) {
			s.offer(w, f)
		}
		if stream.Err() != nil && ctx.Err() == nil {
			s.refuse(w, "The camera was taken away.") // unless the page let go of it: then it is not told
		}
	})
}

// offer makes f the next picture of w.
func (s *socket) offer(w *watch, f *frame.Frame) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if w.offer(f, time.Now()) {
		s.news = true
	}
	if s.news || w.ready() {
		s.wakeUp()
	}
}

// refuse notes that w is not watched, and why. Where the page has let go of it
// since, it is not told: who asks and asks but does not listen would fill the memory.
func (s *socket) refuse(w *watch, why string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	w.ended, w.refused = true, why
	s.refused = true
	s.wakeUp()
}

// paintedLength is that of a camera's number and a picture's serial, big-endian.
const paintedLength = 2 + 4

// painted frees places in the windows of cameras. False: all is not whole.
func (s *socket) painted(all []byte) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	ready := false
	for one := range slices.Chunk(all, paintedLength) {
		if len(one) < paintedLength {
			return false
		}
		number, serial := binary.BigEndian.Uint16(one), binary.BigEndian.Uint32(one[2:])
		for _, w := range s.watches {
			if w.number == number {
				w.paint(serial)
				ready = ready || w.ready()
			}
		}
	}
	if ready {
		s.wakeUp()
	}
	return true
}

// patientHijacker gives the WebSocket a connection that waits for viewers that
// are slow but move.
type patientHijacker struct {
	http.ResponseWriter
	conn *patientConn // filled in
}

func (h patientHijacker) Hijack() (net.Conn, *bufio.ReadWriter, error) {
	conn, both, err := http.NewResponseController(h.ResponseWriter).Hijack()
	if err != nil {
		return nil, nil, err
	}
	tcp.KeepQueueShort(conn)
	h.conn.Conn, h.conn.reader = conn, tcp.Reader(conn)
	h.conn.out.conn, h.conn.out.raw, h.conn.out.try = conn, tcp.Raw(conn), tcp.NewTry()
	// What net/http had to say is flushed by a hijack.
	return h.conn, bufio.NewReadWriter(both.Reader, bufio.NewWriterSize(h.conn, 4<<10)), nil
}

// patientConn is a page's connection. The library writes to it, and s.write does
// past the library: whole messages of the library's come from there too, or are
// short enough for one Write.
type patientConn struct {
	net.Conn
	reader io.Reader // of Conn
	mu     sync.Mutex
	out    patientWriter // Guarded by mu.
}

func (c *patientConn) Read(b []byte) (int, error) { return c.reader.Read(b) }

func (c *patientConn) Write(b []byte) (int, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if err := c.out.write(b); err != nil {
		return 0, err
	}
	return len(b), nil
}

// writeBehind writes head and then b.
func (c *patientConn) writeBehind(head, b []byte) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.out.writeBehind(head, b)
}

// sockets are the pages' connections. May be used at once.
type sockets struct {
	there streams
	mu    sync.Mutex
	ends  map[*context.CancelFunc]bool // Guarded by mu.
}

// mostSockets is how many pages may be connected. One that watches nothing is
// not counted as a viewer, hence the limit on viewers does not bound them.
const mostSockets = 2000

// enter keeps what ends a page's connection, until leave is called.
func (s *sockets) enter(end context.CancelFunc) (leave func(), ok bool) {
	if !s.there.enter(mostSockets) {
		return nil, false
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.ends == nil {
		s.ends = map[*context.CancelFunc]bool{}
	}
	s.ends[&end] = true
	return func() {
		end()
		s.mu.Lock()
		delete(s.ends, &end)
		s.mu.Unlock()
		s.there.leave()
	}, true
}

// end ends all connections that there are, and waits for them.
func (s *sockets) end() {
	s.mu.Lock()
	for end := range s.ends {
		(*end)()
	}
	s.mu.Unlock()
	s.there.wait()
}
