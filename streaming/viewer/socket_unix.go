//go:build linux || darwin

package viewer

import (
	"math"
	"net"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

const (
	// writeTick is how often a write that waits looks whether bytes have moved:
	// how exact dropAfter is.
	writeTick     = time.Second
	writeMost     = math.MaxInt // a part is one write
	resumesWrites = true        // a write that was late tells how far it came
)

// unsentLimit is how many bytes the kernel may hold unsent for one viewer.
const unsentLimit = 16 << 10

// keepQueueShort makes a viewer that lags be noticed before the kernel has
// queued megabytes of old pictures for it: without it a viewer at 50 KB/s
// watches the past, whatever is dropped here.
func keepQueueShort(conn net.Conn) {
	c, ok := conn.(syscall.Conn)
	if !ok {
		return
	}
	raw, err := c.SyscallConn()
	if err != nil {
		return
	}
	raw.Control(func(fd uintptr) {
		// Best effort: a kernel that refuses still serves.
		unix.SetsockoptInt(int(fd), unix.IPPROTO_TCP, unix.TCP_NOTSENT_LOWAT, unsentLimit)
	})
}
