package tcp

import (
	"syscall"
	"unsafe"

	"golang.org/x/sys/unix"
)

// The scheduler is not told of these calls: they do not wait, and to be told
// costs it more than they do (docs/performance.md).

func read(fd uintptr, b []byte) (int, syscall.Errno) { return again(unix.SYS_READ, fd, b) }

func write(fd uintptr, b []byte) (int, syscall.Errno) { return again(unix.SYS_WRITE, fd, b) }

func again(trap, fd uintptr, b []byte) (int, syscall.Errno) {
	for {
		n, _, errno := unix.RawSyscall(trap, fd, uintptr(unsafe.Pointer(unsafe.SliceData(b))), uintptr(len(b)))
		if errno != syscall.EINTR {
			return int(n), errno
		}
	}
}
