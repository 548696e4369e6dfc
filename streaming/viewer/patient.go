package viewer

import (
	"errors"
	"fmt"
	"math"
	"net"
	"os"
	"syscall"
	"time"

	"traycam/streaming/tcp"
)

// dropAfter is how long a viewer may take no byte before it is dropped.
const dropAfter = 10 * time.Second

// A write that was late looks whether bytes have moved, which makes dropAfter
// exact. Where it cannot know it is not gone on with, and what is written at once
// is small enough for a viewer that is slow.
var (
	writeTick = map[bool]time.Duration{true: time.Second, false: dropAfter}[tcp.TellsProgress]
	writeMost = map[bool]int{true: math.MaxInt, false: 64 << 10}[tcp.TellsProgress]
)

// patientWriter writes to viewers that may be slow. Not for use at once.
type patientWriter struct {
	conn net.Conn
	sent func(n int64) int64
	raw  syscall.RawConn // for writeBehind; nil: not known
	try  *tcp.Try
}

var errNoProgress = fmt.Errorf("took nothing for %v", dropAfter)

// write sends b, which is one part, in one write where the viewer keeps up and
// the system allows. It gives up when no byte has moved for dropAfter: a deadline
// for the whole part would cut off viewers that are slow but healthy.
func (w *patientWriter) write(b []byte) error {
	moved := time.Now()
	for len(b) > 0 {
		w.conn.SetWriteDeadline(time.Now().Add(writeTick))
		n, err := w.conn.Write(b[:min(len(b), writeMost)])
		w.sent(int64(n))
		switch late := errors.Is(err, os.ErrDeadlineExceeded); {
		case err != nil && !late:
			return err
		case late && !tcp.TellsProgress, late && n == 0 && time.Since(moved) >= dropAfter:
			return errNoProgress
		case n > 0:
			moved = time.Now()
		}
		b = b[n:]
	}
	return nil
}

// writeBehind is write for head and b, in one system call where that does.
func (w *patientWriter) writeBehind(head, b []byte) error {
	n, err := w.try.WriteBoth(w.raw, head, b)
	w.sent(int64(n))
	if err != nil {
		return err
	}
	if n == 0 { // whatever the reason
		return w.write(append(head, b...))
	}
	if n < len(head) {
		if err := w.write(head[n:]); err != nil {
			return err
		}
		n = len(head)
	}
	return w.write(b[n-len(head):])
}
