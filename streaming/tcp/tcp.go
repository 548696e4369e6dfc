// Package tcp is what Traycam asks of TCP connections beyond package net: to
// write without waiting, to keep the kernel's queue short, and to read cheaply.
package tcp

import (
	"io"
	"net"
	"os"
	"syscall"
)

// Raw is the socket itself; nil where conn is none that can be used without waiting.
func Raw(conn net.Conn) syscall.RawConn {
	c, ok := conn.(syscall.Conn)
	if !ok || !MayTry {
		return nil
	}
	raw, err := c.SyscallConn()
	if err != nil {
		return nil
	}
	return raw
}

// Reader reads from conn. What it saves matters where a camera sends little: a
// usual read tells the scheduler that it may take long, which then looks after it
// for as long as the program has something to do.
func Reader(conn net.Conn) io.Reader {
	raw := Raw(conn)
	if raw == nil {
		return conn
	}
	r := &reader{raw: raw}
	r.ready = func(fd uintptr) bool {
		r.n, r.errno = read(fd, r.b)
		return r.errno != syscall.EAGAIN
	}
	return r
}

// reader is [Reader]'s. Not for use at once.
type reader struct {
	raw   syscall.RawConn
	ready func(fd uintptr) bool
	call
}

func (r *reader) Read(b []byte) (int, error) {
	if len(b) == 0 {
		return 0, nil
	}
	r.b = b
	err := r.raw.Read(r.ready) // waits until the connection's deadline
	r.b = nil
	if err != nil {
		return 0, err
	}
	return r.result("read")
}

// A Try is a system call that does not wait. It is kept with all that it needs,
// so that it allocates nothing. Not for use at once.
type Try struct {
	reading, writing, writingBoth func(fd uintptr)
	call
}

// NewTry makes a Try.
func NewTry() *Try {
	t := new(Try)
	t.reading = func(fd uintptr) { t.n, t.errno = read(fd, t.b) }
	t.writing = func(fd uintptr) { t.n, t.errno = write(fd, t.b) }
	t.writingBoth = func(fd uintptr) { t.n, t.errno = t.both.write(fd, t.b, t.behind) }
	return t
}

// Write writes of b what there is room for now, which may be nothing. Where raw is nil it is.
func (t *Try) Write(raw syscall.RawConn, b []byte) (int, error) {
	return t.do(raw, b, t.writing, "write")
}

// WriteBoth writes of head and then b what there is room for now, as Write does.
// Where one call cannot do that it writes nothing.
func (t *Try) WriteBoth(raw syscall.RawConn, head, b []byte) (int, error) {
	t.behind = b
	n, err := t.do(raw, head, t.writingBoth, "writev")
	t.behind = nil
	return n, err
}

// Read reads what is there now, which may be nothing. io.EOF: no more will come.
func (t *Try) Read(raw syscall.RawConn, b []byte) (int, error) {
	return t.do(raw, b, t.reading, "read")
}

func (t *Try) do(raw syscall.RawConn, b []byte, f func(fd uintptr), name string) (int, error) {
	if raw == nil || len(b) == 0 {
		return 0, nil
	}
	t.b = b
	err := raw.Control(f)
	t.b = nil
	switch {
	case err != nil:
		return 0, err
	case t.errno == syscall.EAGAIN:
		return 0, nil
	}
	return t.result(name)
}

// call is what a system call gets and gives.
type call struct {
	b, behind []byte
	both      both
	n         int
	errno     syscall.Errno
}

func (c *call) result(name string) (int, error) {
	switch {
	case c.errno != 0:
		return 0, os.NewSyscallError(name, c.errno)
	case c.n == 0 && name == "read":
		return 0, io.EOF
	}
	return c.n, nil
}
