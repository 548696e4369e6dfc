package e2e

import (
	"bytes"
	"cmp"
	"crypto/sha256"
	"crypto/tls"
	"encoding/binary"
	"fmt"
	"image"
	"image/jpeg"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"traycam/faults"
	"traycam/streaming/camera/rtsptest"
)

// worstGap is how long a viewer of the camera beside may see nothing new. It is
// 100 ms on a quiet machine; a busy one is given more, and all faults at once most.
func worstGap() time.Duration {
	if faults.Long() {
		return time.Second
	}
	return 3 * time.Second
}

// badCamera is one row of faults/cameras.go: a camera that misbehaves until it is
// healed, and is well then.
type badCamera struct {
	name string
	url  string // in Traycam; PORT is filled in
	bad  func(f *fault)

	states []string // it is in one of them, within the time
	reason string   // that people read then
	within time.Duration
	told   func(f *fault) bool // besides; may be nil
	back   time.Duration       // until it is live again; 0: a minute, since Traycam waits ever longer
	most   int                 // MiB that it may cost
}

// fault is a badCamera at work.
type fault struct {
	badCamera
	t       *testing.T
	p       *program
	port    int
	ln      net.Listener // at port; nil: Traycam listens there
	id      string
	ended   chan struct{} // closed when it is to behave
	running sync.WaitGroup
	done    atomic.Int64 // what it did: bytes, connects, …
	refused atomic.Bool  // before it had sent all

	mu    sync.Mutex
	conns []net.Conn // Guarded by mu.

	// Owned by awaitRecovery; since the beginning, 0: not yet.
	said, healed time.Duration
	recovered    time.Duration // since healed
	frames       int           // when it was healed
}

// TestFaultCameras shows that no camera harms the program or another camera. The
// short form has all of them at once, the long one each alone.
func TestFaultCameras(t *testing.T) {
	besideOthers(t)
	if !faults.Long() {
		misbehave(t, badCameras...)
		return
	}
	for _, c := range badCameras {
		t.Run(c.name, func(t *testing.T) { misbehave(t, c) })
	}
}

// besideOthers lets a test run beside others in the short form, where nothing is measured tightly.
func besideOthers(t *testing.T) {
	if !faults.Long() {
		t.Parallel()
	}
}

// slack is what the program's memory moves by anyhow, in MiB.
const slack = 14

// misbehave runs cameras that misbehave beside one that does not. Each is healed once it was told what is wrong.
func misbehave(t *testing.T, cameras ...badCamera) {
	all := make([]*fault, len(cameras))
	most := slack
	for i, c := range cameras {
		all[i] = newFault(t, c, i)
		most += c.most
	}
	p, well := ward(t, all)
	before := resident(t, p)
	peak := watchMemory(t, p)
	for _, f := range all {
		f.p = p
		f.begin()
	}
	p.awaitRecovery(all)
	grown := (int(peak()) - before) / 1024
	if grown > most {
		t.Errorf("memory grew by %d MiB, above %d", grown, most)
	}
	gap := time.Duration(well.worst.Load())
	if gap > worstGap() {
		t.Errorf("the camera beside showed nothing new for %v; it sent nothing for %v itself", gap, time.Duration(well.own.Load()))
	}
	for _, f := range all {
		how := fmt.Sprintf("memory %+d MiB", grown)
		if len(all) > 1 {
			how = fmt.Sprintf("memory %+d MiB for all %d rows", grown, len(all))
		}
		faults.Held(t, f.name, "told after %v, live %v after its end; %s; worst gap beside %v",
			round(f.said), round(f.recovered), how, gap.Round(time.Millisecond))
	}
}

// newFault has the port already, so that Traycam finds somebody there.
func newFault(t *testing.T, c badCamera, number int) *fault {
	t.Helper()
	f := &fault{badCamera: c, t: t, id: fmt.Sprintf("bad-%d", number), ended: make(chan struct{})}
	if strings.Contains(c.url, "?listen") {
		f.port = freePort(t)
		return f
	}
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { ln.Close() })
	f.ln, f.port = ln, ln.Addr().(*net.TCPAddr).Port
	return f
}

func round(d time.Duration) time.Duration { return d.Round(10 * time.Millisecond) }

// begin lets the camera misbehave.
func (f *fault) begin() {
	f.running.Go(func() { f.bad(f) })
	f.t.Cleanup(f.heal)
}

// isOver tells whether the camera is to behave.
func (f *fault) isOver() bool {
	select {
	case <-f.ended:
		return true
	default:
		return false
	}
}

// heal ends the misbehaviour. Of a camera that is dialled the port stays open.
func (f *fault) heal() {
	f.end()
	f.running.Wait()
}

func (f *fault) end() {
	f.mu.Lock()
	if !f.isOver() {
		close(f.ended)
	}
	conns := f.conns
	f.conns = nil
	f.mu.Unlock()
	for _, conn := range conns {
		conn.Close()
	}
}

// keep closes conn when the misbehaviour ends.
func (f *fault) keep(conn net.Conn) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.isOver() {
		conn.Close()
		return
	}
	f.conns = append(f.conns, conn)
}

// awaitRecovery waits until each camera has said what is wrong, heals it, and waits until it is live.
func (p *program) awaitRecovery(all []*fault) {
	p.t.Helper()
	began := time.Now()
	missing := len(all)
	for deadline := began.Add(2 * time.Minute); missing > 0 && time.Now().Before(deadline); time.Sleep(20 * time.Millisecond) {
		s, err := p.state()
		if err != nil {
			p.t.Log(err) // it is busy
			continue
		}
		missing = 0
		for _, f := range all {
			if !f.step(s.camera(f.id), time.Since(began)) {
				missing++
			}
		}
	}
	s, _ := p.state()
	for _, f := range all {
		c := s.camera(f.id)
		switch {
		case f.said == 0:
			p.t.Errorf("%s: it is %s, %q", f.name, c.State, c.Reason)
		case f.said > f.within+5*time.Second:
			p.t.Errorf("%s: the reason came after %v", f.name, f.said)
		case f.recovered == 0:
			p.t.Errorf("%s: it does not recover, but is %s, %q", f.name, c.State, c.Reason)
		case f.recovered > cmp.Or(f.back, time.Minute):
			p.t.Errorf("%s: it recovered after %v", f.name, f.recovered)
		}
	}
}

// step goes on with f, now that its camera is so, and tells whether f has recovered.
func (f *fault) step(c cameraState, now time.Duration) (recovered bool) {
	switch {
	case f.said == 0:
		if slices.Contains(f.states, c.State) && strings.Contains(c.Reason, f.reason) && (f.told == nil || f.told(f)) {
			f.said = now
		}
	case f.healed == 0:
		if f.mayHeal(now) {
			f.heal()
			f.healed, f.frames = now, c.Frames
		}
	case f.recovered == 0:
		if c.State == "live" && c.Frames > f.frames {
			f.recovered = now - f.healed
		}
	}
	return f.recovered > 0
}

// mayHeal tells whether f has lasted long enough.
func (f *fault) mayHeal(now time.Duration) bool {
	if !faults.Long() {
		return true
	}
	pours := f.done.Load() > flood()/100
	return now > f.said+5*time.Second && (!pours || f.done.Load() >= flood() || now > time.Minute)
}

// healthy is a camera that behaves, seen by a viewer.
type healthy struct{ worst, own atomic.Int64 } // longest time without a new picture, at the viewer and at the camera

// ward starts the program with the cameras of all, and with a healthy one that somebody watches.
func ward(t *testing.T, all []*fault) (*program, *healthy) {
	t.Helper()
	port := freePort(t)
	config := fmt.Sprintf("ffmpeg = %q\n\n[[cameras]]\nid = \"well\"\nname = \"Well\"\nurl = \"tcp://127.0.0.1:%d?listen\"\n", badFFmpeg(t), port)
	for _, f := range all {
		config += fmt.Sprintf("\n[[cameras]]\nid = %q\nname = %q\nurl = %q\n", f.id, f.name, f.address())
	}
	p := startHeadless(t, config)
	p.awaitCamera("well", "waiting")
	camera := startStamped(t, port, 30)
	p.awaitCamera("well", "live")
	view, err := p.watch("well")
	if err != nil {
		t.Fatal(err)
	}
	well := new(healthy)
	done := make(chan struct{})
	go func() {
		defer close(done)
		var b []byte
		var last uint64
		var at time.Time
		for {
			if b, err = view.next(b); err != nil {
				return
			}
			if n := binary.BigEndian.Uint64(b[6:]); n != last {
				now := time.Now()
				if last > 0 {
					well.worst.Store(max(well.worst.Load(), int64(now.Sub(at))))
				}
				last, at = n, now
			}
			well.own.Store(camera.worst.Load())
		}
	}()
	t.Cleanup(func() { view.body.Close(); <-done })
	return p, well
}

// watchMemory returns how to ask for the most that the program held, in KB.
func watchMemory(t *testing.T, p *program) (peak func() int64) {
	var most atomic.Int64
	stop, done := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(done)
		for tick := time.NewTicker(50 * time.Millisecond); ; {
			select {
			case <-stop:
				return
			case <-tick.C:
				most.Store(max(most.Load(), int64(resident(t, p))))
			}
		}
	}()
	return func() int64 {
		close(stop)
		<-done
		return most.Load()
	}
}

// frameOf is a JPEG of a camera that behaves.
var frameOf = sync.OnceValue(func() []byte {
	var b bytes.Buffer
	if err := jpeg.Encode(&b, image.NewYCbCr(image.Rect(0, 0, 320, 240), image.YCbCrSubsampleRatio420), nil); err != nil {
		panic(err)
	}
	return b.Bytes()
})

// beWell is what a camera sends that behaves. Web cameras and those that are
// dialled over TCP may both send it.
func beWell(conn io.Writer) {
	if _, err := io.WriteString(conn, "HTTP/1.0 200 OK\r\nContent-Type: multipart/x-mixed-replace;boundary=well\r\n\r\n"); err != nil {
		return
	}
	for {
		if _, err := fmt.Fprintf(conn, "--well\r\nContent-Type: image/jpeg\r\nContent-Length: %d\r\n\r\n%s\r\n", len(frameOf()), frameOf()); err != nil {
			return
		}
		time.Sleep(100 * time.Millisecond) // its rate
	}
}

// serves is a camera that Traycam connects to.
func serves(bad func(f *fault, conn net.Conn)) func(f *fault) {
	return func(f *fault) {
		accept(f, bad, func(conn net.Conn) { beWell(conn) })
	}
}

// accept serves all who connect until the test ends, and returns when the misbehaviour is over.
func accept(f *fault, bad func(*fault, net.Conn), well func(net.Conn)) {
	var serving sync.WaitGroup
	var open sync.Map
	f.t.Cleanup(func() {
		f.end()
		f.ln.Close()
		open.Range(func(conn, _ any) bool { conn.(net.Conn).Close(); return true })
		serving.Wait()
	})
	serving.Go(func() {
		for {
			conn, err := f.ln.Accept()
			if err != nil {
				return
			}
			open.Store(conn, true)
			serving.Go(func() {
				defer open.Delete(conn)
				defer conn.Close()
				if f.isOver() {
					well(conn)
					return
				}
				f.keep(conn)
				bad(f, conn)
			})
		}
	})
	<-f.ended
}

// answers is a web camera. The request is read, and bad is what follows.
func answers(bad func(f *fault, conn net.Conn)) func(f *fault) {
	return serves(func(f *fault, conn net.Conn) {
		if readHead(conn) {
			bad(f, conn)
		}
	})
}

// readHead reads up to an empty line.
func readHead(conn net.Conn) bool {
	var head []byte
	for b := make([]byte, 1); !bytes.HasSuffix(head, []byte("\r\n\r\n")); head = append(head, b[0]) {
		if _, err := conn.Read(b); err != nil {
			return false
		}
	}
	return true
}

// connects is a camera that connects to Traycam. It behaves on a connection of its own.
func connects(bad func(f *fault)) func(f *fault) {
	return func(f *fault) {
		bad(f)
		<-f.ended
		f.t.Cleanup(sendWell(f, func() (io.WriteCloser, error) { return f.dial() }))
	}
}

// sendWell connects again and again, as cameras do, until it is told to stop.
func sendWell(f *fault, dial func() (io.WriteCloser, error)) (stop func()) {
	ended := make(chan struct{})
	var sending sync.WaitGroup
	var mu sync.Mutex
	var conn io.WriteCloser
	sending.Go(func() {
		for {
			c, err := dial()
			if err == nil {
				mu.Lock()
				conn = c
				mu.Unlock()
				beWell(c)
				c.Close()
			}
			select {
			case <-ended:
				return
			case <-time.After(200 * time.Millisecond):
			}
		}
	})
	return func() {
		close(ended)
		mu.Lock()
		if conn != nil {
			conn.Close()
		}
		mu.Unlock()
		sending.Wait()
	}
}

func (f *fault) dial() (net.Conn, error) {
	return net.Dial("tcp", fmt.Sprintf("127.0.0.1:%d", f.port))
}

// posts is a program that posts.
func posts(bad func(f *fault)) func(f *fault) {
	return func(f *fault) {
		bad(f)
		<-f.ended
		f.t.Cleanup(sendWell(f, func() (io.WriteCloser, error) { return f.post("") }))
	}
}

// post opens a request whose body does not end.
func (f *fault) post(header string) (net.Conn, error) {
	address := strings.TrimSuffix(strings.TrimPrefix(f.p.url, "http://"), "/")
	conn, err := net.Dial("tcp", address)
	if err == nil {
		fmt.Fprintf(conn, "POST /cameras/%s/frames HTTP/1.1\r\nHost: %s\r\nContent-Length: 1000000000000\r\n%s\r\n", f.id, address, header)
	}
	return conn, err
}

// speaks is an RTSP camera that answers up to PLAY as sdp says, and then does as after.
func speaks(answer func(f *fault, method string) (status, header, body string), after func(f *fault, conn net.Conn)) func(f *fault) {
	return func(f *fault) {
		well := rtsptest.New(f.t, nil)
		well.Film(frameOf())
		bad := func(f *fault, conn net.Conn) {
			for {
				method, sequence, err := readRTSP(conn)
				if err != nil {
					return
				}
				status, header, body := answer(f, method)
				if _, err := fmt.Fprintf(conn, "RTSP/1.0 %s\r\nCSeq: %s\r\n%sContent-Length: %d\r\n\r\n%s", status, sequence, header, len(body), body); err != nil {
					return
				}
				if method == "PLAY" {
					after(f, conn)
					return
				}
			}
		}
		accept(f, bad, func(conn net.Conn) { passOn(conn, well.Address) })
	}
}

func readRTSP(conn net.Conn) (method, sequence string, err error) {
	var head []byte
	for b := make([]byte, 1); !bytes.HasSuffix(head, []byte("\r\n\r\n")); head = append(head, b[0]) {
		if _, err := conn.Read(b); err != nil {
			return "", "", err
		}
	}
	method, _, _ = strings.Cut(string(head), " ")
	for line := range strings.Lines(string(head)) {
		if value, found := strings.CutPrefix(line, "CSeq: "); found {
			sequence = strings.TrimSpace(value)
		}
	}
	return method, sequence, nil
}

// passOn joins conn to what listens at address.
func passOn(conn net.Conn, address string) {
	to, err := net.Dial("tcp", address)
	if err != nil {
		return
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		io.Copy(to, conn)
		to.Close()
	}()
	io.Copy(conn, to)
	conn.Close()
	<-done
}

// badFFmpeg is a program in place of ffmpeg. What it reads says how it behaves, until the file
// of that name with .well behind it is there.
func badFFmpeg(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "picture.jpg"), frameOf(), 0o600); err != nil {
		t.Fatal(err)
	}
	script := `#!/bin/bash
cd ` + dir + `
while [ "$1" != -i ]; do shift; done
if [ -e "$2.well" ]; then while cat picture.jpg; do sleep 0.1; done; exit; fi
case "$2" in
*rubbish*) exec yes "what nobody wants to read" >&2 ;;
*stubborn*) trap "" TERM INT HUP; while :; do sleep 1000; done ;;
*orphan*) setsid sleep 40 & exit ;;
esac
`
	file := filepath.Join(dir, "ffmpeg")
	if err := os.WriteFile(file, []byte(script), 0o700); err != nil {
		t.Fatal(err)
	}
	ffmpegFolder.Store(dir)
	return file
}

var ffmpegFolder atomic.Value // of the newest badFFmpeg

// byFFmpeg is a camera that ffmpeg reads.
func byFFmpeg(f *fault) {
	<-f.ended
	name, _ := strings.CutPrefix(f.url, "ffmpeg:")
	if err := os.WriteFile(filepath.Join(ffmpegFolder.Load().(string), name+".well"), nil, 0o600); err != nil {
		f.t.Error(err)
	}
}

// address is what Traycam gets for the camera.
func (f *fault) address() string {
	address := strings.ReplaceAll(f.url, "PORT", fmt.Sprint(f.port))
	if strings.HasPrefix(address, "https:") {
		sum := sha256.Sum256(ownTLS().Certificates[0].Certificate[0])
		address += fmt.Sprintf("#pin=sha256:%x", sum)
	}
	return address
}

// ownTLS is a certificate that a camera made itself.
var ownTLS = sync.OnceValue(func() *tls.Config {
	server := httptest.NewTLSServer(http.NotFoundHandler())
	defer server.Close()
	return server.TLS
})

// flood is how much a camera sends that sends as fast as it can, before it falls silent.
func flood() int64 {
	if faults.Long() {
		return 10 << 30
	}
	return 300 << 20
}

// pour sends begin, and pattern again and again, as fast as it is taken. Over
// all connections it is as much as flood says.
func pour(f *fault, conn net.Conn, begin []byte, pattern ...byte) {
	pattern = bytes.Repeat(pattern, 256<<10/len(pattern))
	n, err := conn.Write(begin)
	for err == nil && f.done.Load() < flood() {
		f.done.Add(int64(n))
		n, err = conn.Write(pattern)
	}
	f.refused.Store(err != nil)
	<-f.ended
}

// trickle sends b byte for byte, one in each period, and the last one again and again.
func trickle(f *fault, conn io.Writer, b []byte, period time.Duration) {
	for i := 0; !f.isOver(); i++ {
		if _, err := conn.Write(b[min(i, len(b)-1):][:1]); err != nil {
			return
		}
		select {
		case <-f.ended:
		case <-time.After(period):
		}
	}
}

// sized is a picture whose header says that it has that many pixels a side.
func sized(n uint16) []byte {
	b := bytes.Clone(frameOf())
	at := bytes.Index(b, []byte{0xFF, 0xC0})
	binary.BigEndian.PutUint16(b[at+5:], n)
	binary.BigEndian.PutUint16(b[at+7:], n)
	return b
}

func half() []byte { return frameOf()[:len(frameOf())-20] }

var (
	down    = []string{"stalled", "retrying"}
	stalled = []string{"stalled"}
)

const (
	tcpURL  = "tcp://127.0.0.1:PORT"
	webURL  = "http://127.0.0.1:PORT/video"
	rtspURL = "rtsp://127.0.0.1:PORT/live"
	noWhole = "no whole picture in 10 seconds"
	patient = 10 * time.Second // until a camera is said to be stalled
)

var badCameras = []badCamera{
	{
		name: "It connects and says nothing", url: tcpURL, states: stalled, reason: "connected but sends nothing", within: patient, most: 2,
		bad: serves(func(f *fault, _ net.Conn) { <-f.ended }),
	},
	{
		name: "Half a picture, then silence", url: tcpURL, states: stalled, reason: noWhole, within: patient, most: 2,
		bad: serves(func(f *fault, conn net.Conn) { conn.Write(half()); <-f.ended }),
	},
	{
		name: "One byte a second", url: tcpURL, states: stalled, reason: noWhole, within: patient, most: 2,
		bad: serves(func(f *fault, conn net.Conn) { trickle(f, conn, frameOf(), time.Second) }),
	},
	{
		name: "FF without end", url: tcpURL, states: stalled, reason: noWhole, within: patient, most: 2,
		bad: serves(func(f *fault, conn net.Conn) { pour(f, conn, nil, 0xFF) }),
	},
	{
		name: "A picture without end", url: tcpURL, states: stalled, reason: "too large", within: patient, most: 64,
		bad: serves(func(f *fault, conn net.Conn) { pour(f, conn, half(), 0xAA) }),
	},
	{
		name: "Pictures of 16 MiB", url: tcpURL, states: []string{"live"}, within: 2 * time.Second, most: 146,
		told: func(f *fault) bool { return f.done.Load() > 20 },
		bad: serves(func(f *fault, conn net.Conn) {
			picture := append(append(half(), make([]byte, 16<<20-len(half())-2)...), 0xFF, 0xD9)
			for !f.isOver() {
				if _, err := conn.Write(picture); err != nil {
					return
				}
				f.done.Add(1)
				time.Sleep(20 * time.Millisecond) // a pause, as cameras make
			}
		}),
	},
	{
		name: "A picture of 65,535 pixels a side", url: tcpURL, states: down, reason: "too large", within: patient, most: 2,
		bad: serves(func(f *fault, conn net.Conn) {
			for !f.isOver() {
				conn.Write(sized(65535))
				time.Sleep(50 * time.Millisecond) // its rate
			}
		}),
	},
	{
		name: "A length of 4 GiB before the picture", url: tcpURL, states: stalled, reason: "too large", within: patient, most: 64,
		bad: serves(func(f *fault, conn net.Conn) { pour(f, conn, append([]byte{0xFF, 0xFF, 0xFF, 0xFF}, half()...), 0) }),
	},
	{
		name: "1,000 pictures of 1 KB a second", url: tcpURL, states: []string{"live"}, within: time.Second, most: 8,
		bad: serves(func(f *fault, conn net.Conn) {
			small := smallPicture()
			for tick := time.NewTicker(10 * time.Millisecond); !f.isOver(); <-tick.C {
				if _, err := conn.Write(bytes.Repeat(small, 10)); err != nil {
					return
				}
				f.done.Add(10)
			}
		}),
	},
	{
		name: "A head without end", url: webURL, states: down, reason: "not a web camera", within: time.Second, most: 2,
		bad: answers(func(f *fault, conn net.Conn) {
			pour(f, conn, []byte("HTTP/1.1 200 OK\r\n"), []byte("X-Line: filler\r\n")...)
		}),
	},
	{
		name: "A head of one byte a second", url: webURL, states: down, reason: "answer", within: patient, most: 2,
		bad: answers(func(f *fault, conn net.Conn) {
			trickle(f, conn, []byte("HTTP/1.1 200 OK\r\nContent-Type: image/jpeg\r\n\r\n"), time.Second)
		}),
	},
	{
		name: "Redirects without end", url: webURL, states: down, reason: "leads on again and again", within: time.Second, most: 2,
		bad: answers(func(f *fault, conn net.Conn) {
			fmt.Fprintf(conn, "HTTP/1.1 302 Found\r\nLocation: /%d\r\nContent-Length: 0\r\n\r\n", f.done.Add(1))
		}),
	},
	{
		name: "A bomb in gzip", url: webURL, states: down, reason: "picture", within: patient, most: 2,
		bad: answers(func(f *fault, conn net.Conn) {
			pour(f, conn, []byte("HTTP/1.1 200 OK\r\nContent-Type: image/jpeg\r\nContent-Encoding: gzip\r\n\r\n\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\x03\xec\xc1\x01\x01"), 0)
		}),
	},
	{
		name: "Chunks of one byte", url: webURL, states: down, reason: "picture", within: patient, most: 64,
		bad: answers(func(f *fault, conn net.Conn) {
			var begin bytes.Buffer
			begin.WriteString("HTTP/1.1 200 OK\r\nContent-Type: image/jpeg\r\nTransfer-Encoding: chunked\r\n\r\n")
			for _, c := range half() {
				begin.Write([]byte{'1', '\r', '\n', c, '\r', '\n'})
			}
			pour(f, conn, begin.Bytes(), []byte("1\r\n\xAA\r\n")...)
		}),
	},
	{
		name: "An answer without end", url: webURL, states: down, reason: "not a picture", within: patient, most: 2,
		bad: answers(func(f *fault, conn net.Conn) {
			pour(f, conn, []byte("HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n<html>"), []byte("<p>filler</p>\r\n")...)
		}),
	},
	{
		name: "A Content-Length that lies", url: webURL, states: down, reason: "picture", within: patient, most: 2,
		bad: answers(func(f *fault, conn net.Conn) {
			fmt.Fprintf(conn, "HTTP/1.1 200 OK\r\nContent-Type: image/jpeg\r\nContent-Length: 99999999999999\r\n\r\n%s", half())
			<-f.ended
		}),
	},
	{
		name: "TLS that hangs", url: "https://127.0.0.1:PORT/video", states: down, reason: "answer", within: patient, most: 2,
		bad: func(f *fault) {
			accept(f, func(f *fault, _ net.Conn) { <-f.ended }, func(conn net.Conn) { beWell(tls.Server(conn, ownTLS())) })
		},
	},
	{
		name: "RTSP: nonsense between packets", url: rtspURL, states: down, within: patient, most: 8,
		bad: speaks(motionJPEG, func(f *fault, conn net.Conn) {
			pour(f, conn, nil, []byte("$\x00\x00\x04\xff\xff\xff\xff$\xff\xff\x00nonsense")...)
		}),
	},
	{
		name: "RTSP: a description without end", url: rtspURL, states: down, within: patient, most: 8,
		bad: speaks(func(f *fault, method string) (status, header, body string) {
			if method != "DESCRIBE" {
				return motionJPEG(f, method)
			}
			return "200 OK", "Content-Type: application/sdp\r\n", sdpBegin + strings.Repeat("m=video 0 RTP/AVP 26\r\na=control:x\r\n", 1<<20)
		}, nil),
	},
	{
		name: "RTSP: 3,000 streams in the description", url: rtspURL, states: down, within: patient, most: 8,
		bad: speaks(func(f *fault, method string) (status, header, body string) {
			if method != "DESCRIBE" {
				return motionJPEG(f, method)
			}
			return "200 OK", "Content-Type: application/sdp\r\n", sdpBegin + strings.Repeat("m=audio 0 RTP/AVP 0\r\na=control:x\r\n", 3000)
		}, nil),
	},
	{
		name: "RTP: offsets that lie", url: rtspURL, states: stalled, reason: "cannot be put together", within: patient, most: 8,
		bad: speaks(motionJPEG, func(f *fault, conn net.Conn) {
			packets(f, conn, func(n int) (uint32, []byte) {
				if n%2 == 0 {
					return 0, make([]byte, 1000)
				}
				return 0xFFFFFF - uint32(n%7), make([]byte, 1000)
			})
		}),
	},
	{
		name: "RTP: a picture of empty pieces", url: rtspURL, states: stalled, reason: "cannot be put together", within: patient, most: 8,
		bad: speaks(motionJPEG, func(f *fault, conn net.Conn) {
			packets(f, conn, func(n int) (uint32, []byte) {
				if n == 0 {
					return 0, make([]byte, 1000)
				}
				return 1000, nil
			})
		}),
	},
	{
		name: "ffmpeg writes errors without end", url: "ffmpeg:rubbish", states: stalled, reason: "gets no picture", within: 2 * patient, most: 2,
		bad: byFFmpeg,
	},
	{
		name: "ffmpeg ignores that it is to end", url: "ffmpeg:stubborn", states: stalled, reason: "gets no picture", within: 2 * patient, most: 2,
		bad: byFFmpeg,
	},
	{
		name: "ffmpeg leaves a child that holds its output", url: "ffmpeg:orphan", states: down, reason: "gets no picture", within: 2 * patient, most: 2,
		bad: byFFmpeg,
	},
	{
		name: "A post without end", url: "push:", states: []string{"waiting"}, within: patient, told: func(f *fault) bool { return f.refused.Load() }, most: 64,
		bad: posts(func(f *fault) {
			conn, err := f.post("")
			if err != nil {
				f.t.Error(err)
				return
			}
			f.keep(conn)
			f.running.Go(func() { pour(f, conn, half(), 0xAA) })
		}),
	},
	{
		name: "10,000 connects a minute", url: "tcp://127.0.0.1:PORT?listen", states: []string{"waiting"}, reason: "hangs up at once", within: 10 * time.Second,
		told: func(f *fault) bool { return f.done.Load() > 1000 }, back: 4 * time.Second, most: 2,
		bad: connects(func(f *fault) { knock(f, nil) }),
	},
	{
		name: "A second camera takes the port", url: "tcp://127.0.0.1:PORT?listen", states: []string{"live"}, reason: "was refused: the first camera is still sending", within: 2 * time.Second, most: 2,
		bad: connects(func(f *fault) {
			conn, err := f.dial()
			if err != nil {
				f.t.Error(err)
				return
			}
			f.keep(conn)
			f.running.Go(func() { beWell(conn) })
			f.p.awaitCamera(f.id, "live")
			knock(f, frameOf())
		}),
	},
}

// knock connects as often as 10,000 times a minute, sends b and hangs up. It
// is as often in the short form, but not for a minute.
func knock(f *fault, b []byte) {
	f.running.Go(func() {
		for tick := time.NewTicker(time.Minute / 10_000); !f.isOver(); <-tick.C {
			conn, err := f.dial()
			if err != nil {
				continue
			}
			conn.Write(b)
			conn.Close()
			f.done.Add(1)
		}
	})
}

// smallPicture is a JPEG of about 1 KB.
func smallPicture() []byte {
	var b bytes.Buffer
	if err := jpeg.Encode(&b, image.NewYCbCr(image.Rect(0, 0, 64, 64), image.YCbCrSubsampleRatio420), nil); err != nil {
		panic(err)
	}
	return b.Bytes()
}

const sdpBegin = "v=0\r\no=- 0 0 IN IP4 127.0.0.1\r\ns=bad\r\nc=IN IP4 0.0.0.0\r\nt=0 0\r\n"

// motionJPEG is what a camera answers that offers that.
func motionJPEG(f *fault, method string) (status, header, body string) {
	switch method {
	case "OPTIONS":
		return "200 OK", "Public: DESCRIBE, SETUP, PLAY, TEARDOWN\r\n", ""
	case "DESCRIBE":
		return "200 OK", fmt.Sprintf("Content-Base: rtsp://127.0.0.1:%d/live/\r\nContent-Type: application/sdp\r\n", f.port), sdpBegin + "m=video 0 RTP/AVP 26\r\na=control:trackID=0\r\n"
	case "SETUP":
		return "200 OK", "Transport: RTP/AVP/TCP;unicast;interleaved=0-1\r\nSession: 1\r\n", ""
	}
	return "200 OK", "Session: 1\r\n", ""
}

// packets sends pieces of pictures (RFC 2435) as fast as they are taken.
func packets(f *fault, conn net.Conn, piece func(n int) (offset uint32, data []byte)) {
	var out []byte
	for n := 0; !f.isOver(); n++ {
		offset, data := piece(n)
		out = append(out, '$', 0)
		out = binary.BigEndian.AppendUint16(out, uint16(12+8+len(data)))
		out = append(out, 0x80, 26)
		out = binary.BigEndian.AppendUint16(out, uint16(n))
		out = append(out, make([]byte, 8)...)                     // time and source
		out = binary.BigEndian.AppendUint32(out, offset)          // and no type-specific byte
		out = append(append(out, 1, 80, 255>>1, 255>>1), data...) // type, quality, size
		if len(out) > 64<<10 {
			if _, err := conn.Write(out); err != nil {
				return
			}
			out = out[:0]
		}
		f.done.Add(1)
	}
}
