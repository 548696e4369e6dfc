package camera

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"strconv"
	"strings"
)

// maxBegin is how much of a body is kept to tell what it is, if not pictures.
const maxBegin = 64 << 10

// body is what follows the head of an answer. Content-Length is a hint: a JPEG
// ends where it ends, even if that is behind it.
type body struct {
	source   *bufio.Reader
	chunks   *chunks // nil: there are none
	length   int64   // declared; -1: not
	read     int64
	begin    []byte
	peeked   bool
	strict   bool        // length holds, since this is no picture
	whole    bool        // a whole picture came: length holds from now on
	hopeless func() bool // nothing but pictures is wanted, and there will be none; may be nil
}

func newBody(a *answer) *body {
	b := &body{source: a.r, length: a.length()}
	if a.multipart {
		b.length = -1
	}
	if a.isChunked() {
		b.chunks = &chunks{r: a.r}
	}
	return b
}

func (b *body) Read(p []byte) (int, error) {
	if !b.peeked {
		b.peek()
	}
	if b.length >= 0 && (b.whole || b.strict) {
		if b.read >= b.length {
			return 0, io.EOF
		}
		p = p[:min(int64(len(p)), b.length-b.read)]
	}
	if len(b.begin) >= maxBegin && b.hopeless != nil && b.hopeless() {
		return 0, io.EOF
	}
	n, err := b.source.Read(p)
	b.read += int64(n)
	if room := maxBegin - len(b.begin); room > 0 && !b.whole {
		b.begin = append(b.begin, p[:min(n, room)]...)
	}
	return n, err
}

// peek looks at how the body begins. It is only called by the first Read, which
// has to wait for that anyway.
func (b *body) peek() {
	b.peeked = true
	first, err := b.source.Peek(1)
	if err != nil {
		return
	}
	if b.chunks != nil {
		if !isHex(first[0]) { // not a chunk's length: the camera only says so
			b.chunks = nil
		} else {
			b.source = bufio.NewReaderSize(b.chunks, maxLine)
			if first, err = b.source.Peek(1); err != nil {
				return
			}
		}
	}
	b.strict = strings.IndexByte("\xFF-\r\n", first[0]) < 0
}

// complete tells whether all of the body was read, and nothing behind it.
func (b *body) complete() bool {
	if b.chunks != nil {
		return b.chunks.ended
	}
	return b.length >= 0 && b.read == b.length
}

// chunks undoes the transfer coding of RFC 9112, 7.1.
type chunks struct {
	r     *bufio.Reader
	left  int64 // of this chunk
	ended bool  // with the last chunk
}

var errChunk = errors.New("a chunk of the answer has no length")

func (c *chunks) Read(p []byte) (int, error) {
	if len(p) == 0 {
		return 0, nil
	}
	if c.left == 0 {
		if err := c.next(); err != nil {
			return 0, err
		}
	}
	n, err := c.r.Read(p[:min(int64(len(p)), c.left)])
	c.left -= int64(n)
	return n, err
}

// next reads the length of the next chunk. What may follow the last chunk is
// left: some cameras do not send it, and hold the connection open.
func (c *chunks) next() error {
	if c.ended {
		return io.EOF
	}
	for {
		line, err := c.r.ReadSlice('\n')
		if errors.Is(err, bufio.ErrBufferFull) {
			return errChunk
		}
		if err != nil {
			return err
		}
		digits, _, _ := bytes.Cut(line, []byte(";"))
		digits = bytes.TrimSpace(digits)
		if len(digits) == 0 {
			continue // the line break behind the last chunk
		}
		length, err := strconv.ParseUint(string(digits), 16, 62)
		switch {
		case err != nil:
			return errChunk
		case length == 0:
			c.ended = true
			return io.EOF
		}
		c.left = int64(length)
		return nil
	}
}

func isHex(c byte) bool {
	return c >= '0' && c <= '9' || c >= 'a' && c <= 'f' || c >= 'A' && c <= 'F'
}
