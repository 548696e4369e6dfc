//go:build linux

package main

import (
	"encoding/binary"
	"errors"
	"fmt"
	"strings"
	"time"

	"golang.org/x/sys/unix"
)

// kind is how a viewer reads.
type kind int

const (
	normal  kind = iota
	stalled      // asks and never reads
	slow         // behind a slow link, or reads slowly itself
)

// viewer is one connection.
type viewer struct {
	kind   kind
	fd     int
	camera int      // the first of those it watches
	seqs   []uint32 // the newest picture of each of them
	parser parser
	acks   []byte // what is to be said to the server: docs/websocket.md
	dialed int64
	first  int64 // when the first picture was there
	newest int64 // when the newest picture was sent
	count  int   // pictures that it got
	err    error
}

// swarm is the viewers, all served by the goroutine that calls its methods.
type swarm struct {
	port    int
	times   timetable
	epoll   int
	events  []unix.EpollEvent
	viewers []*viewer
	byFD    map[int32]*viewer
	buffer  [1024]byte

	rate      int   // bytes a second that slow viewers read by themselves; 0: as fast as they can
	nextRead  int64 // when they read next
	nextPaint int64

	// Counted of pictures that were due in [from, to), at normal viewers.
	from, to  int64
	pictures  int
	bytes     int64
	latencies latencies
	torn      int
	lost      int // connections
	problem   error
}

// grace is how late a picture may be there and still count.
const grace = time.Second

func newSwarm(port int, times timetable) (*swarm, error) {
	epoll, err := unix.EpollCreate1(unix.EPOLL_CLOEXEC)
	return &swarm{port: port, times: times, epoll: epoll, events: make([]unix.EpollEvent, 256), byFD: map[int32]*viewer{}}, err
}

func (s *swarm) close() {
	for _, v := range s.viewers {
		if v.err == nil {
			unix.Close(v.fd)
		}
	}
	unix.Close(s.epoll)
}

// watch adds a viewer of one camera's stream.
func (s *swarm) watch(camera int, kind kind) error {
	v := &viewer{kind: kind, camera: camera, seqs: make([]uint32, 1)}
	v.parser = newMultipart(func(b *body) { s.arrived(v, b) })
	return s.dial(v, fmt.Sprintf("/cameras/cam%d/stream.mjpg", camera), "")
}

// watchPage adds a page that watches cameras 0 to n-1 over one WebSocket.
func (s *swarm) watchPage(n int) error {
	v := &viewer{seqs: make([]uint32, n)}
	v.parser = newWebSocket(func() {
		all := make([]string, n)
		for i := range all {
			all[i] = fmt.Sprintf(`{"camera":"cam%d","number":%d}`, i, i)
		}
		s.say(v, clientMessage(opText, `{"watch":[`+strings.Join(all, ",")+`]}`))
	}, func() {
		s.say(v, clientMessage(opBinary, ""))
	}, func(b *body, number, serial int) {
		v.acks = binary.BigEndian.AppendUint16(v.acks, uint16(number))
		v.acks = binary.BigEndian.AppendUint32(v.acks, uint32(serial))
		s.arrived(v, b)
	})
	return s.dial(v, "/ws", "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dHJheWNhbS1iZW5jaC13cw==\r\n")
}

// slowAddress is where the viewer dials from that [slowLink] slows down.
var slowAddress = [4]byte{127, 0, 0, 2}

func (s *swarm) dial(v *viewer, path, headers string) (err error) {
	if v.fd, err = unix.Socket(unix.AF_INET, unix.SOCK_STREAM|unix.SOCK_CLOEXEC, 0); err != nil {
		return err
	}
	s.viewers = append(s.viewers, v)
	if v.kind == slow {
		unix.Bind(v.fd, &unix.SockaddrInet4{Addr: slowAddress})
		if s.rate > 0 {
			unix.SetsockoptInt(v.fd, unix.SOL_SOCKET, unix.SO_RCVBUF, 16<<10)
		}
	}
	v.dialed = now()
	if err := unix.Connect(v.fd, &unix.SockaddrInet4{Port: s.port, Addr: [4]byte{127, 0, 0, 1}}); err != nil {
		return fmt.Errorf("viewer %d: connect: %w", len(s.viewers), err)
	}
	if _, err := fmt.Fprintf(fdWriter(v.fd), "GET %s HTTP/1.1\r\nHost: 127.0.0.1:%d\r\n%s\r\n", path, s.port, headers); err != nil {
		return fmt.Errorf("viewer %d: %w", len(s.viewers), err)
	}
	if v.kind == stalled || v.kind == slow && s.rate > 0 {
		return unix.SetNonblock(v.fd, true)
	}
	s.byFD[int32(v.fd)] = v
	return errors.Join(unix.SetNonblock(v.fd, true),
		unix.EpollCtl(s.epoll, unix.EPOLL_CTL_ADD, v.fd, &unix.EpollEvent{Events: unix.EPOLLIN, Fd: int32(v.fd)}))
}

type fdWriter int

func (fd fdWriter) Write(b []byte) (int, error) { return unix.Write(int(fd), b) }

// runUntil lets all viewers read until then, monotonic ns.
func (s *swarm) runUntil(then int64) error {
	for left := then - now(); left > 0; left = then - now() {
		n, err := unix.EpollWait(s.epoll, s.events, int(min(left/1e6+1, 10)))
		if err != nil && !errors.Is(err, unix.EINTR) {
			return fmt.Errorf("epoll: %w", err)
		}
		for _, e := range s.events[:max(n, 0)] {
			if v := s.byFD[e.Fd]; v != nil {
				s.read(v, 1<<20)
			}
		}
		s.paint()
		s.readSlowly()
	}
	return nil
}

// paint lets pages say what is painted, with each picture of a screen that has 60
// of them a second, as Traycam's own page does.
func (s *swarm) paint() {
	if now() < s.nextPaint {
		return
	}
	s.nextPaint = now() + int64(time.Second)/60
	for _, v := range s.viewers {
		if len(v.acks) > 0 && v.err == nil {
			s.say(v, clientMessage(opBinary, string(v.acks)))
			v.acks = v.acks[:0]
		}
	}
}

// readSlowly is for slow viewers without a slow link: they read some every 20 ms.
func (s *swarm) readSlowly() {
	if s.rate == 0 || now() < s.nextRead {
		return
	}
	s.nextRead = now() + 20e6
	for _, v := range s.viewers {
		if v.kind == slow && v.err == nil {
			s.read(v, s.rate/50)
		}
	}
}

// read takes what there is for v, most bytes at most. What need not be looked
// at is discarded within the kernel.
func (s *swarm) read(v *viewer, most int) {
	for most > 0 && v.err == nil {
		var n, want int
		var err error
		if k := min(v.parser.skippable(), most); k > len(s.buffer) {
			want = k
			n, err = discard(v.fd, k)
			v.parser.skip(max(n, 0))
		} else {
			want = min(len(s.buffer), most)
			if n, err = unix.Read(v.fd, s.buffer[:want]); n > 0 {
				if bad := v.parser.take(s.buffer[:n]); bad != nil {
					s.lose(v, bad)
				}
			}
		}
		switch {
		case errors.Is(err, unix.EAGAIN), errors.Is(err, unix.EINTR):
			n = 0
		case err != nil:
			s.lose(v, err)
		case n == 0:
			s.lose(v, errors.New("the server ended the stream"))
		}
		if most -= n; n < want {
			break
		}
	}
}

// discard reads n bytes at most to nowhere: tcp(7), MSG_TRUNC.
func discard(fd, n int) (int, error) {
	got, _, errno := unix.RawSyscall6(unix.SYS_RECVFROM, uintptr(fd), 0, uintptr(n), unix.MSG_TRUNC|unix.MSG_DONTWAIT, 0, 0)
	if errno != 0 {
		return 0, errno
	}
	return int(got), nil
}

func (s *swarm) say(v *viewer, b []byte) {
	if n, err := unix.Write(v.fd, b); n < len(b) && v.err == nil {
		s.lose(v, fmt.Errorf("the server does not take what is said: %w", err))
	}
}

// lose gives up a connection.
func (s *swarm) lose(v *viewer, why error) {
	if v.err != nil {
		return
	}
	v.err = why
	delete(s.byFD, int32(v.fd))
	unix.Close(v.fd)
	if v.kind == normal {
		s.lost++
		s.problem = why
	}
}

// arrived counts a picture that has just come to v.
func (s *swarm) arrived(v *viewer, b *body) {
	at := now()
	p, err := b.check()
	if errors.Is(err, errNoStamp) { // the picture that stands in for a camera
		return
	}
	i := int(p.Camera) - v.camera
	if err == nil && (i < 0 || i >= len(v.seqs)) {
		err = fmt.Errorf("a picture of camera %d, which was not asked for", p.Camera)
	}
	if err != nil {
		s.torn++
		s.problem = err
		return
	}
	if v.first == 0 {
		v.first = at
	}
	if p.Seq <= v.seqs[i] { // sent again
		return
	}
	v.seqs[i], v.newest = p.Seq, p.At
	v.count++
	due := s.times.at(int(p.Camera), int(p.Seq))
	if v.kind != normal || due < s.from || due >= s.to || at > s.to+int64(grace) {
		return
	}
	s.pictures++
	s.bytes += int64(p.Length)
	s.latencies.add(time.Duration(at - p.At))
}

// latencies counts durations in steps of 10 µs up to 4 s.
type latencies struct {
	steps [400_000]uint32
	count int
	most  time.Duration
}

const latencyStep = 10 * time.Microsecond

func (l *latencies) add(d time.Duration) {
	l.steps[min(max(0, int(d/latencyStep)), len(l.steps)-1)]++
	l.count++
	l.most = max(l.most, d)
}

// quantile is the least duration that the share q of all does not exceed.
func (l *latencies) quantile(q float64) time.Duration {
	want := q * float64(l.count)
	sum := 0
	for i, n := range l.steps {
		if sum += int(n); float64(sum) >= want && n > 0 {
			return min(time.Duration(i+1)*latencyStep, l.most)
		}
	}
	return 0
}
