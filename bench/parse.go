//go:build linux

package main

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"strconv"
	"strings"
)

// parser takes what a server sends, wherever reads may end, and tells of each
// picture that is there to its last byte.
type parser interface {
	take(b []byte) error
	// skippable is how many of the next bytes need not be looked at.
	skippable() int
	skip(n int)
}

// body is a JPEG of which only the beginning and the end were looked at.
type body struct {
	size int
	head [stampEnd]byte
	tail [2]byte
}

func (b *body) add(p []byte) {
	if b.size < len(b.head) {
		copy(b.head[b.size:], p)
	}
	switch n := len(p); {
	case n > 1:
		copy(b.tail[:], p[n-2:])
	case n == 1:
		b.tail = [2]byte{b.tail[1], p[0]}
	}
	b.size += len(p)
}

// skippable is how many of the next rest bytes b need not see, where more may follow.
func (b *body) skippable(rest int) int {
	if b.size < len(b.head) {
		return 0
	}
	return max(0, rest-len(b.tail))
}

// check tells which picture it is, and whether it is as it was sent.
func (b *body) check() (stamp, error) {
	s, err := readStamp(b.head[:min(b.size, len(b.head))])
	switch {
	case err != nil:
		return s, err
	case b.size != int(s.Length):
		return s, fmt.Errorf("picture %d of camera %d: %d bytes, not %d", s.Seq, s.Camera, b.size, s.Length)
	case b.tail != [2]byte{0xff, 0xd9}:
		return s, fmt.Errorf("picture %d of camera %d does not end as a JPEG", s.Seq, s.Camera)
	}
	return s, nil
}

// lines puts lines together that come in pieces.
type lines struct{ line []byte }

const longestLine = 4 << 10

// next takes a line from b, without its end.
func (l *lines) next(b []byte) (line string, rest []byte, ok bool, err error) {
	i := bytes.IndexByte(b, '\n')
	if i < 0 {
		l.line = append(l.line, b...)
		if len(l.line) > longestLine {
			err = errors.New("a line that does not end")
		}
		return "", nil, false, err
	}
	line = strings.TrimSuffix(string(append(l.line, b[:i]...)), "\r")
	l.line = l.line[:0]
	return line, b[i+1:], true, nil
}

// multipart is the answer to GET stream.mjpg: parts with Content-Length, not chunked.
type multipart struct {
	whole func(*body)

	in       func(line string) error // what the next line is; nil within a body
	lines    lines
	boundary string
	length   int // of the part's body; -1: not told
	body     body
}

func newMultipart(whole func(*body)) *multipart {
	m := &multipart{whole: whole}
	m.in = m.status
	return m
}

func (m *multipart) take(b []byte) error {
	for len(b) > 0 {
		if m.in == nil {
			n := min(len(b), m.length-m.body.size)
			m.body.add(b[:n])
			b = b[n:]
			if m.body.size == m.length {
				m.whole(&m.body)
				m.in = m.gap
			}
			continue
		}
		line, rest, ok, err := m.lines.next(b)
		if err != nil {
			return err
		}
		if ok {
			if err := m.in(line); err != nil {
				return err
			}
		}
		b = rest
	}
	return nil
}

func (m *multipart) skippable() int {
	if m.in != nil {
		return 0
	}
	return m.body.skippable(m.length - m.body.size)
}

func (m *multipart) skip(n int) { m.body.size += n }

func (m *multipart) status(line string) error {
	if !strings.HasPrefix(line, "HTTP/1.1 200 ") {
		return fmt.Errorf("the server answers %q", line)
	}
	m.in = m.answerHead
	return nil
}

func (m *multipart) answerHead(line string) error {
	if line == "" {
		if m.boundary == "" {
			return errors.New("the answer is no multipart stream")
		}
		m.in = m.delimiter
		return nil
	}
	name, value, _ := strings.Cut(line, ":")
	switch {
	case strings.EqualFold(name, "Content-Type"):
		_, m.boundary, _ = strings.Cut(value, "boundary=")
	case strings.EqualFold(name, "Transfer-Encoding"):
		return errors.New("the answer is chunked, which this does not read")
	}
	return nil
}

// gap is the end of line between a body and the next delimiter.
func (m *multipart) gap(line string) error {
	if line != "" {
		return fmt.Errorf("%.40q behind a picture", line)
	}
	m.in = m.delimiter
	return nil
}

func (m *multipart) delimiter(line string) error {
	if line != "--"+m.boundary {
		return fmt.Errorf("%.40q instead of a boundary", line)
	}
	m.in, m.length = m.partHead, -1
	return nil
}

func (m *multipart) partHead(line string) (err error) {
	if name, value, _ := strings.Cut(line, ":"); strings.EqualFold(name, "Content-Length") {
		m.length, err = strconv.Atoi(strings.TrimSpace(value))
	}
	if line == "" {
		if m.length <= 0 {
			return errors.New("a part without Content-Length")
		}
		m.in, m.body = nil, body{}
	}
	return err
}

// webSocket is what a page gets from /ws (RFC 6455, docs/websocket.md).
type webSocket struct {
	opened func()                            // it may be spoken now
	told   func()                            // a text message has come
	whole  func(b *body, number, serial int) // a picture has come

	open    bool
	lines   lines
	header  []byte // of the frame, as far as it is there
	opcode  byte   // of the frame
	message byte   // the opcode that the message began with
	last    bool   // the frame is its message's last
	rest    int    // of the frame's payload; -1: its header is not whole yet
	head    []byte // of the message, as far as it is there
	body    body
}

const longestFrame = 64 << 20

const (
	opText, opBinary, opClose = 1, 2, 8

	messageHead                          = 20
	flagOffline, flagMore, flagContinued = 1, 2, 4
)

func newWebSocket(opened, told func(), whole func(b *body, number, serial int)) *webSocket {
	return &webSocket{opened: opened, told: told, whole: whole, rest: -1}
}

func (w *webSocket) take(b []byte) error {
	for len(b) > 0 || w.rest == 0 {
		var err error
		switch {
		case !w.open:
			b, err = w.answer(b)
		case w.rest < 0:
			b, err = w.frameHeader(b)
		case w.rest == 0:
			err = w.frameEnd()
		default:
			n := min(len(b), w.rest)
			w.payload(b[:n])
			b = b[n:]
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func (w *webSocket) skippable() int {
	switch {
	case w.rest <= 0:
		return 0
	case w.opcode >= opClose || w.message == opText:
		return w.rest - 1 // the last byte goes through take, which ends the frame
	case len(w.head) < messageHead:
		return 0
	}
	return w.body.skippable(w.rest)
}

func (w *webSocket) skip(n int) {
	w.rest -= n
	if w.opcode < opClose && w.message == opBinary {
		w.body.size += n
	}
}

func (w *webSocket) answer(b []byte) ([]byte, error) {
	line, rest, ok, err := w.lines.next(b)
	if !ok {
		return nil, err
	}
	if w.message == 0 && !strings.HasPrefix(line, "HTTP/1.1 101 ") {
		return nil, fmt.Errorf("the server answers %q", line)
	}
	w.message = opText // any but 0: the status line is over
	if line == "" {
		w.open = true
		w.opened()
	}
	return rest, nil
}

func (w *webSocket) frameHeader(b []byte) ([]byte, error) {
	w.header = append(w.header, b[0])
	if len(w.header) < 2 {
		return b[1:], nil
	}
	length := int(w.header[1])
	switch want := len(w.header); {
	case length > 127:
		return nil, errors.New("a server's frame that is masked")
	case length == 126 && want < 4, length == 127 && want < 10:
		return b[1:], nil
	case length == 126:
		length = int(binary.BigEndian.Uint16(w.header[2:]))
	case length == 127:
		length = int(binary.BigEndian.Uint64(w.header[2:]))
	}
	if length < 0 || length > longestFrame {
		return nil, fmt.Errorf("a frame of %d bytes", uint(length))
	}
	w.opcode, w.last, w.rest = w.header[0]&15, w.header[0]&0x80 != 0, length
	w.header = w.header[:0]
	if w.opcode == opText || w.opcode == opBinary {
		w.message, w.head = w.opcode, w.head[:0]
	}
	if w.opcode == opClose {
		return nil, errors.New("the server closes the WebSocket")
	}
	return b[1:], nil
}

func (w *webSocket) payload(b []byte) {
	w.rest -= len(b)
	if w.opcode >= opClose || w.message != opBinary {
		return
	}
	n := min(len(b), messageHead-len(w.head))
	w.head = append(w.head, b[:n]...)
	if n > 0 && len(w.head) == messageHead && w.flags()&flagContinued == 0 {
		w.body = body{}
	}
	w.body.add(b[n:])
}

func (w *webSocket) flags() uint16 { return binary.BigEndian.Uint16(w.head[2:]) }

func (w *webSocket) frameEnd() error {
	w.rest = -1
	switch {
	case !w.last || w.opcode >= opClose:
	case w.message == opText:
		w.told()
	case len(w.head) < messageHead:
		return errors.New("a picture without a head")
	case w.flags()&flagMore == 0:
		w.whole(&w.body, int(binary.BigEndian.Uint16(w.head)), int(binary.BigEndian.Uint32(w.head[4:])))
	}
	return nil
}

// clientMessage is a message as a client sends it. The mask is zero: nobody
// between here and the server could be misled.
func clientMessage(opcode byte, message string) []byte {
	b := []byte{0x80 | opcode}
	if len(message) < 126 {
		b = append(b, 0x80|byte(len(message)))
	} else {
		b = binary.BigEndian.AppendUint16(append(b, 0x80|126), uint16(len(message)))
	}
	return append(append(b, 0, 0, 0, 0), message...)
}
