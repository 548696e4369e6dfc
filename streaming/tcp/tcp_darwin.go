package tcp

import (
	"errors"
	"syscall"

	"golang.org/x/sys/unix"
)

func read(fd uintptr, b []byte) (int, syscall.Errno) { return again(unix.Read, fd, b) }

func write(fd uintptr, b []byte) (int, syscall.Errno) { return again(unix.Write, fd, b) }

func again(call func(fd int, b []byte) (int, error), fd uintptr, b []byte) (int, syscall.Errno) {
	for {
		n, err := call(int(fd), b)
		errno, _ := errors.AsType[syscall.Errno](err)
		if errno != syscall.EINTR {
			return n, errno
		}
	}
}

type both struct{}

func (both) write(uintptr, []byte, []byte) (int, syscall.Errno) { return 0, syscall.EAGAIN }
