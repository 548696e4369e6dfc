package e2e

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"image"
	stdjpeg "image/jpeg"
	"net"
	"net/http"
	"os"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"traycam/faults"
)

// 200 viewers, 20 of which never read: the others miss under 1 % of the frames,
// and memory does not grow.
func TestFaultViewersThatNeverRead(t *testing.T) {
	const (
		viewers = 180
		dead    = 20
		fps     = 30
	)
	measure := 20 * time.Second // two generations of those that never read
	if faults.Long() {
		measure = time.Minute
	}
	port := freePort(t)
	p := startHeadless(t, fmt.Sprintf("[[cameras]]\nid = \"cam\"\nname = \"Cam\"\nurl = \"tcp://127.0.0.1:%d?listen\"\n", port))
	p.awaitCamera("cam", "waiting")
	camera := startStamped(t, port, fps)
	p.awaitCamera("cam", "live")

	address := strings.TrimSuffix(strings.TrimPrefix(p.url, "http://"), "/")
	hang := func() {
		conn, err := net.Dial("tcp", address)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { conn.Close() })
		fmt.Fprint(conn, "GET /mjpeg/ HTTP/1.1\r\nHost: localhost\r\n\r\n")
	}
	for range dead {
		hang()
	}
	var counted [viewers]atomic.Int64 // frames in the time that is measured
	var from, to atomic.Int64         // frame numbers; 0: not yet
	var watching sync.WaitGroup
	var views []*parts
	defer func() {
		for _, view := range views {
			view.body.Close()
		}
		watching.Wait()
	}()
	for i := range viewers {
		view, err := p.watch("cam")
		if err != nil {
			t.Fatal(err)
		}
		views = append(views, view)
		watching.Go(func() {
			var b []byte
			for last := uint64(0); ; {
				var err error
				if b, err = view.next(b); err != nil {
					return
				}
				n := binary.BigEndian.Uint64(b[6:])
				if n <= last {
					continue // sent again
				}
				last = n
				if first := uint64(from.Load()); first > 0 && n >= first && (to.Load() == 0 || n < uint64(to.Load())) {
					counted[i].Add(1)
				}
			}
		})
	}
	defer http.DefaultClient.CloseIdleConnections()

	// The dead ones are dropped after 10 s, so new ones come all the time.
	before := resident(t, p)
	from.Store(camera.number.Load() + 1)
	for began := time.Now(); time.Since(began) < measure; {
		time.Sleep(time.Second) // the load itself, not a wait for something
		s, err := p.state()
		if err != nil {
			t.Fatal(err)
		}
		for range viewers + dead - s.Viewers {
			hang()
		}
	}
	to.Store(camera.number.Load())
	p.await("the last frames", func(state) bool { return camera.number.Load() > to.Load()+fps })
	after := resident(t, p)

	sent := to.Load() - from.Load()
	worst, total := sent, int64(0)
	for i := range counted {
		n := counted[i].Load()
		total += n
		worst = min(worst, n)
	}
	missing := 100 * (1 - float64(total)/float64(sent*viewers))
	t.Logf("%d frames to %d viewers beside %d that never read: %.2f %% missing, the worst viewer %.2f %%; resident %d KB before, %d KB after",
		sent, viewers, dead, missing, 100*(1-float64(worst)/float64(sent)), before, after)
	if missing > 1 {
		t.Errorf("%.2f %% of the frames are missing", missing)
	}
	if after > before+before/10+4096 {
		t.Errorf("memory grew from %d to %d KB", before, after)
	}
	if late := camera.late.Load(); late > sent/20 {
		t.Logf("this machine held the camera up %d times", late)
	}
}

// stamped is a camera whose pictures carry their number in a COM segment behind
// the start marker.
type stamped struct {
	number, late atomic.Int64
	worst        atomic.Int64 // longest time between two pictures, in nanoseconds
}

func startStamped(t *testing.T, port, fps int) *stamped {
	t.Helper()
	conn, err := net.Dial("tcp", fmt.Sprintf("127.0.0.1:%d", port))
	if err != nil {
		t.Fatal(err)
	}
	return stampedOver(t, conn, fps)
}

// stampedOver is a camera that has connected already.
func stampedOver(t *testing.T, conn net.Conn, fps int) *stamped {
	t.Helper()
	m := image.NewYCbCr(image.Rect(0, 0, 640, 480), image.YCbCrSubsampleRatio420)
	for i := range m.Y {
		m.Y[i] = byte(i*7919>>3) & 0x3F
	}
	var b bytes.Buffer
	if err := stdjpeg.Encode(&b, m, &stdjpeg.Options{Quality: 10}); err != nil {
		t.Fatal(err)
	}
	picture := append([]byte{0xFF, 0xD8, 0xFF, 0xFE, 0, 10, 0, 0, 0, 0, 0, 0, 0, 0}, b.Bytes()[2:]...)
	t.Logf("pictures of %d bytes", len(picture))

	s := new(stamped)
	done := make(chan struct{})
	go func() {
		defer close(done)
		tick := time.NewTicker(time.Second / time.Duration(fps))
		defer tick.Stop()
		for n, last := uint64(1), time.Now(); ; n++ {
			binary.BigEndian.PutUint64(picture[6:], n)
			now := time.Now()
			s.worst.Store(max(s.worst.Load(), int64(now.Sub(last))))
			last = now
			if _, err := conn.Write(picture); err != nil {
				return
			}
			s.number.Store(int64(n))
			due := time.Now()
			if at := <-tick.C; at.Before(due) {
				s.late.Add(1)
			}
		}
	}()
	t.Cleanup(func() { conn.Close(); <-done })
	return s
}

// resident is what the program holds in memory, in KB.
func resident(t *testing.T, p *program) int {
	t.Helper()
	b, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", p.cmd.Process.Pid))
	if err != nil {
		t.Skip("memory is measured where there is /proc")
	}
	_, rest, _ := strings.Cut(string(b), "VmRSS:")
	var kb int
	if _, err := fmt.Sscan(rest, &kb); err != nil {
		t.Fatal(err)
	}
	return kb
}
