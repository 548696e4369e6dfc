package e2e

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"os"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"traycam/faults"
)

// plain is a picture of one colour, in as few bytes as there can be.
func plain(w, h uint16) []byte {
	b := []byte{0xFF, 0xD8}
	segment := func(marker byte, payload ...byte) {
		b = append(b, 0xFF, marker)
		b = binary.BigEndian.AppendUint16(b, uint16(len(payload)+2))
		b = append(b, payload...)
	}
	segment(0xDB, append([]byte{0}, bytes.Repeat([]byte{1}, 64)...)...)
	frame := binary.BigEndian.AppendUint16([]byte{8}, h)
	frame = binary.BigEndian.AppendUint16(frame, w)
	segment(0xC0, append(frame, 1, 1, 0x11, 0)...)
	oneCode := append([]byte{1}, make([]byte, 15)...)             // the code 0, of one bit
	segment(0xC4, append(append([]byte{0x00}, oneCode...), 0)...) // DC: no difference
	segment(0xC4, append(append([]byte{0x10}, oneCode...), 0)...) // AC: the end of the block
	segment(0xDA, 1, 1, 0x00, 0, 63, 0)
	blocks := (int(w) + 7) / 8 * ((int(h) + 7) / 8)
	b = append(b, make([]byte, blocks/4+1)...)
	return append(b, 0xFF, 0xD9)
}

// TestFaultBombForThePage sends a page in Chromium more than it can hold, and as much as it may have to.
func TestFaultBombForThePage(t *testing.T) {
	besideOthers(t)
	bomb, largest := freePort(t), freePort(t)
	p := startHeadless(t, fmt.Sprintf("[[cameras]]\nid = \"bomb\"\nname = \"Bomb\"\nurl = \"tcp://127.0.0.1:%d?listen\"\n\n"+
		"[[cameras]]\nid = \"largest\"\nname = \"Largest\"\nurl = \"tcp://127.0.0.1:%d?listen\"\n\n"+
		"[[cameras]]\nid = \"garden\"\nname = \"Garden\"\nurl = \"test:\"\n", bomb, largest))
	p.awaitCamera("garden", "live")
	sendAgain(t, p, bomb, "bomb", append(plain(65500, 8192), sized(65500)...))
	sendAgain(t, p, largest, "largest", plain(16384, 16384))

	b := browser(t, 1280, 800)
	b.do(chromedp.Navigate(p.url))
	b.awaitMoving("garden")
	s := p.await("pictures", func(s state) bool { return s.camera("bomb").Dropped > 5 && s.camera("largest").Frames > 5 })
	b.awaitMoving("garden")
	if c := s.camera("bomb"); c.Frames > 0 {
		t.Errorf("%d of them went to viewers", c.Frames)
	}
	if status := output(t, need(t, "curl"), "-s", "-o", os.DevNull, "-w", "%{http_code}", p.url+"cameras/bomb/snapshot.jpg"); status != "503" {
		t.Errorf("a snapshot of a bomb: %s", status)
	}
	faults.Held(t, "A bomb for the page", "%d were thrown away and none went on; with %d of the largest that may the other tile moved on",
		s.camera("bomb").Dropped, s.camera("largest").Frames)
}

// sendAgain is a camera that connects and sends the same twice a second.
func sendAgain(t *testing.T, p *program, port int, id string, pictures []byte) {
	t.Helper()
	p.awaitCamera(id, "waiting")
	f := &fault{t: t, p: p, port: port, ended: make(chan struct{})}
	conn, err := f.dial()
	if err != nil {
		t.Fatal(err)
	}
	f.keep(conn)
	f.running.Go(func() {
		for !f.isOver() {
			if _, err := conn.Write(pictures); err != nil {
				return
			}
			time.Sleep(500 * time.Millisecond) // its rate
		}
	})
	t.Cleanup(f.heal)
}
