//go:build !linux && !darwin

package viewer

import "net"

// A write that was late does not surely tell how far it came, so it is not gone
// on with; what is written at once is small enough for a viewer that is slow.
const (
	writeTick     = dropAfter
	writeMost     = 64 << 10
	resumesWrites = false
)

// keepQueueShort bounds what the system queues for a viewer that lags.
func keepQueueShort(conn net.Conn) {
	if tcp, ok := conn.(*net.TCPConn); ok {
		tcp.SetWriteBuffer(256 << 10)
	}
}
