//go:build linux || darwin

package tcp

import (
	"net"

	"golang.org/x/sys/unix"
)

const (
	// MayTry tells whether there are calls that do not wait.
	MayTry = true
	// TellsProgress tells whether a write that was late says how far it came.
	TellsProgress = true
)

// unsentLimit is how many bytes the kernel may hold unsent for one viewer.
const unsentLimit = 16 << 10

// HungUp tells whether the peer has closed conn and nothing is left to read.
func HungUp(conn net.Conn) (hungUp bool) {
	raw := Raw(conn)
	if raw == nil {
		return false
	}
	raw.Control(func(fd uintptr) {
		n, _, err := unix.Recvfrom(int(fd), make([]byte, 1), unix.MSG_PEEK|unix.MSG_DONTWAIT)
		hungUp = n <= 0 && err != unix.EAGAIN && err != unix.EINTR
	})
	return hungUp
}

// KeepQueueShort makes a viewer that lags be noticed before the kernel has
// queued megabytes of old pictures for it: without it a viewer at 50 KB/s
// watches the past, whatever is dropped here.
func KeepQueueShort(conn net.Conn) {
	if raw := Raw(conn); raw != nil {
		raw.Control(func(fd uintptr) {
			// Best effort: a kernel that refuses still serves.
			unix.SetsockoptInt(int(fd), unix.IPPROTO_TCP, unix.TCP_NOTSENT_LOWAT, unsentLimit)
		})
	}
}
