//go:build !linux && !darwin

package viewer

import "net"

// keepQueueShort bounds what the system queues for a viewer that lags.
func keepQueueShort(conn net.Conn) {
	if tcp, ok := conn.(*net.TCPConn); ok {
		tcp.SetWriteBuffer(256 << 10)
	}
}
