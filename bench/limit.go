//go:build linux

package main

import (
	"flag"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"time"

	"golang.org/x/sys/unix"
)

// The limit: what this machine can do at best. No input, no parsing, one thread;
// whenever a picture is due, one write of the same bytes to each viewer's socket.
// A viewer that has not taken all of the picture before goes without this one.

type limitServer struct {
	epoll    int
	times    timetable
	parts    [][]part // of each camera, in turn
	viewers  map[int32]*limitViewer
	byCamera [][]*limitViewer
}

type part struct{ whole, picture []byte } // picture lies within whole

type limitViewer struct {
	fd, camera int    // camera: -1 until it has asked for one
	rest       []byte // of the part that it is being sent
	waits      bool   // for room in its socket
}

const (
	limitAnswer = "HTTP/1.1 200 OK\r\nContent-Type: multipart/x-mixed-replace;boundary=frame\r\nConnection: close\r\n\r\n--frame\r\n"
	limitEnd    = "\r\n--frame\r\n"
)

var limitPath = regexp.MustCompile(`^GET /cameras/cam(\d+)/stream\.mjpg `)

func runLimit(args []string) error {
	flags := flag.NewFlagSet("limit", flag.ContinueOnError)
	sizeName := flags.String("size", "480p", "")
	fps := flags.Int("fps", 30, "")
	cameras := flags.Int("cameras", 1, "")
	start := flags.Int64("start", now(), "monotonic ns")
	if err := flags.Parse(args); err != nil {
		return err
	}
	z, err := sizeNamed(*sizeName)
	if err != nil {
		return err
	}
	l := &limitServer{
		times:    timetable{*start, *fps, *cameras},
		viewers:  map[int32]*limitViewer{},
		byCamera: make([][]*limitViewer, *cameras),
	}
	l.makeParts(makePictures(z), *cameras)
	listener, port, err := listenLoopback()
	if err != nil {
		return err
	}
	if l.epoll, err = unix.EpollCreate1(unix.EPOLL_CLOEXEC); err != nil {
		return err
	}
	if err := l.await(unix.EPOLL_CTL_ADD, listener, unix.EPOLLIN); err != nil {
		return err
	}
	fmt.Printf("viewer: http://127.0.0.1:%d/\n", port)
	return l.run(listener)
}

func listenLoopback() (fd, port int, err error) {
	if fd, err = unix.Socket(unix.AF_INET, unix.SOCK_STREAM|unix.SOCK_CLOEXEC|unix.SOCK_NONBLOCK, 0); err != nil {
		return 0, 0, err
	}
	if err := unix.Bind(fd, &unix.SockaddrInet4{Addr: [4]byte{127, 0, 0, 1}}); err != nil {
		return 0, 0, err
	}
	if err := unix.Listen(fd, 4096); err != nil {
		return 0, 0, err
	}
	address, err := unix.Getsockname(fd)
	if err != nil {
		return 0, 0, err
	}
	return fd, address.(*unix.SockaddrInet4).Port, nil
}

func (l *limitServer) makeParts(pictures [][]byte, cameras int) {
	for range cameras {
		var parts []part
		for _, p := range pictures {
			head := fmt.Sprintf("Content-Type: image/jpeg\r\nContent-Length: %d\r\n\r\n", len(p))
			whole := slices.Concat([]byte(head), p, []byte(limitEnd))
			parts = append(parts, part{whole, whole[len(head):][:len(p)]})
		}
		l.parts = append(l.parts, parts)
	}
}

func (l *limitServer) await(op, fd int, events uint32) error {
	return unix.EpollCtl(l.epoll, op, fd, &unix.EpollEvent{Events: events, Fd: int32(fd)})
}

func (l *limitServer) run(listener int) error {
	events := make([]unix.EpollEvent, 256)
	camera, seq := 0, l.times.due(0, now())
	for {
		wait := (l.times.at(camera, seq) - now() + 999_999) / 1e6
		n, _ := unix.EpollWait(l.epoll, events, int(max(wait, 0)))
		for _, e := range events[:max(n, 0)] {
			switch v := l.viewers[e.Fd]; {
			case int(e.Fd) == listener:
				l.accept(listener)
			case v == nil:
			case e.Events&^unix.EPOLLOUT != 0 && !l.hear(v), v.rest != nil && !l.send(v):
				l.drop(v)
			}
		}
		if at := now(); at >= l.times.at(camera, seq) {
			if late := l.times.due(camera, at) - 1; late > seq {
				seq = late
			}
			l.publish(camera, seq)
			if camera++; camera == len(l.parts) {
				camera, seq = 0, seq+1
			}
		}
	}
}

func (l *limitServer) accept(listener int) {
	for {
		fd, _, err := unix.Accept4(listener, unix.SOCK_NONBLOCK|unix.SOCK_CLOEXEC)
		if err != nil {
			return
		}
		l.viewers[int32(fd)] = &limitViewer{fd: fd, camera: -1}
		l.await(unix.EPOLL_CTL_ADD, fd, unix.EPOLLIN)
	}
}

// hear takes a viewer's request. It is false when the viewer is to be dropped.
func (l *limitServer) hear(v *limitViewer) bool {
	var b [2048]byte
	n, err := unix.Read(v.fd, b[:])
	if err != nil || n == 0 {
		return false
	}
	found := limitPath.FindSubmatch(b[:n])
	if v.camera >= 0 || found == nil {
		return false
	}
	camera, err := strconv.Atoi(string(found[1]))
	if err != nil || camera >= len(l.byCamera) {
		return false
	}
	v.camera = camera
	l.byCamera[camera] = append(l.byCamera[camera], v)
	v.rest = []byte(limitAnswer)
	return true // what is in rest is sent next
}

// send writes what the socket takes. It is false when the viewer has gone.
func (l *limitServer) send(v *limitViewer) bool {
	n, err := unix.Write(v.fd, v.rest)
	if err != nil && err != unix.EAGAIN {
		return false
	}
	if v.rest = v.rest[max(n, 0):]; len(v.rest) == 0 {
		v.rest = nil
	}
	if waits := v.rest != nil; waits != v.waits {
		v.waits = waits
		events := uint32(unix.EPOLLIN)
		if waits {
			events |= unix.EPOLLOUT
		}
		return l.await(unix.EPOLL_CTL_MOD, v.fd, events) == nil
	}
	return true
}

func (l *limitServer) drop(v *limitViewer) {
	delete(l.viewers, int32(v.fd))
	unix.Close(v.fd)
	if v.camera >= 0 {
		l.byCamera[v.camera] = slices.DeleteFunc(l.byCamera[v.camera], func(other *limitViewer) bool { return other == v })
	}
}

func (l *limitServer) publish(camera, seq int) {
	part := l.parts[camera][seq%different]
	stamp{uint16(camera), uint32(seq), now(), uint32(len(part.picture))}.write(part.picture)
	var gone []*limitViewer
	for _, v := range l.byCamera[camera] {
		if v.rest != nil {
			continue
		}
		if v.rest = part.whole; !l.send(v) {
			gone = append(gone, v)
		}
	}
	for _, v := range gone {
		l.drop(v)
	}
}

// began is what now counts from: a clock that only this process has, made
// comparable with that of others on this machine.
var began, beganAt = func() (time.Time, int64) {
	var t unix.Timespec
	if err := unix.ClockGettime(unix.CLOCK_MONOTONIC, &t); err != nil {
		panic(err)
	}
	return time.Now(), t.Nano()
}()

// now is CLOCK_MONOTONIC, in ns.
func now() int64 { return beganAt + int64(time.Since(began)) }
