//go:build !linux && !darwin

package tcp

import (
	"net"
	"syscall"
)

const (
	// MayTry tells whether there are calls that do not wait.
	MayTry = false
	// TellsProgress tells whether a write that was late says how far it came.
	TellsProgress = false
)

// HungUp tells whether the peer has closed conn and nothing is left to read. It is not known here.
func HungUp(net.Conn) bool { return false }

// KeepQueueShort bounds what the system queues for a viewer that lags.
func KeepQueueShort(conn net.Conn) {
	if tcp, ok := conn.(interface{ SetWriteBuffer(bytes int) error }); ok {
		tcp.SetWriteBuffer(256 << 10)
	}
}

func read(uintptr, []byte) (int, syscall.Errno) { return 0, syscall.ENOSYS }

func write(uintptr, []byte) (int, syscall.Errno) { return 0, syscall.ENOSYS }

type both struct{}

func (both) write(uintptr, []byte, []byte) (int, syscall.Errno) { return 0, syscall.EAGAIN }
