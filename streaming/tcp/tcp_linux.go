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

// both is what one call writes.
type both [2]unix.Iovec

func (v *both) write(fd uintptr, head, b []byte) (int, syscall.Errno) {
	for i, one := range [][]byte{head, b} {
		v[i].Base = unsafe.SliceData(one)
		v[i].SetLen(len(one))
	}
	defer func() { *v = both{} }()
	for {
		n, _, errno := unix.RawSyscall(unix.SYS_WRITEV, fd, uintptr(unsafe.Pointer(v)), uintptr(len(v)))
		if errno != syscall.EINTR {
			return int(n), errno
		}
	}
}

func again(trap, fd uintptr, b []byte) (int, syscall.Errno) {
	for {
		n, _, errno := unix.RawSyscall(trap, fd, uintptr(unsafe.Pointer(unsafe.SliceData(b))), uintptr(len(b)))
		if errno != syscall.EINTR {
			return int(n), errno
		}
	}
}
