//go:build linux || darwin

package viewer

import (
	"net"
	"syscall"

	"golang.org/x/sys/unix"
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
