package viewer

import (
	"encoding/binary"
	"math"
	"time"

	"traycam/streaming/frame"
)

// window is how many pictures of one camera may be under way to a page: one to
// be painted while the next one travels.
const window = 2

// pieceMost is how much of a picture goes out in one message: a page learns of
// a message only when it is whole.
const pieceMost = 64 << 10

// watch is one camera on one page. Guarded by socket.mu but for end.
type watch struct {
	number  uint16
	camera  string
	pace    frame.Pace
	newest  *frame.Frame // not sent yet; nil: none
	sent    *frame.Frame
	serial  uint32 // of sent
	seen    uint32 // the newest serial that the page has painted
	ended   bool
	refused string // why it is not watched, as long as the page has not been told
	end     func() // waits until the camera is not watched any more; nil: it never was
}

// picture is a frame on its way to a page.
type picture struct {
	number uint16
	serial uint32
	frame  *frame.Frame
}

// offer makes f the next picture. It tells whether the camera has just come, gone
// or been turned, which a page is to know before it gets the picture.
func (w *watch) offer(f *frame.Frame, now time.Time) (news bool) {
	if f == w.sent {
		return false // sent again for players; a page has it
	}
	before := w.sent
	if w.newest != nil {
		before = w.newest
	}
	news = before != nil && (before.Offline != f.Offline || before.Turn() != f.Turn())
	if news || w.pace.Pass(now) {
		w.newest = f
	}
	return news
}

// ready tells whether a picture is to be sent now.
func (w *watch) ready() bool { return w.newest != nil && w.serial-w.seen < window }

// take gives the picture that is to be sent now.
func (w *watch) take() (picture, bool) {
	if !w.ready() {
		return picture{}, false
	}
	w.sent, w.newest = w.newest, nil
	w.serial++
	return picture{w.number, w.serial, w.sent}, true
}

// paint notes that the page has painted the picture with that serial, and so all before it.
func (w *watch) paint(serial uint32) {
	if serial <= w.serial {
		w.seen = max(w.seen, serial)
	}
}

// limit changes the rate.
func (w *watch) limit(fps int) {
	if fps != w.pace.FPS {
		w.pace = frame.Pace{FPS: fps}
	}
}

// pictureHead stands before each piece of a picture, big-endian: docs/websocket.md.
type pictureHead struct {
	Number uint16
	Flags  uint16
	Serial uint32
	Seq    uint32
	Age    uint32 // ms since the camera's picture had been read
	Sent   uint32 // ms since the connection began
}

const (
	pictureHeadLength = 20

	flagOffline   = 1 << 0
	flagMore      = 1 << 1 // the picture goes on in the next message
	flagContinued = 1 << 2 // it began in an earlier one
)

func (h pictureHead) append(b []byte) []byte {
	b = binary.BigEndian.AppendUint16(b, h.Number)
	b = binary.BigEndian.AppendUint16(b, h.Flags)
	b = binary.BigEndian.AppendUint32(b, h.Serial)
	b = binary.BigEndian.AppendUint32(b, h.Seq)
	b = binary.BigEndian.AppendUint32(b, h.Age)
	return binary.BigEndian.AppendUint32(b, h.Sent)
}

// milliseconds is d as far as a head can tell.
func milliseconds(d time.Duration) uint32 {
	return uint32(min(max(d.Milliseconds(), 0), math.MaxUint32))
}
