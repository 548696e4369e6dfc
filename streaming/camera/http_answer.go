package camera

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"net/textproto"
	"strconv"
	"strings"
)

const (
	maxLine = 8 << 10  // of an answer's head
	maxHead = 64 << 10 // of all its lines
)

// errNotHTTP is for what cannot be the head of an answer.
var errNotHTTP = errors.New("the answer is not HTTP")

// answer is the head of what a web camera answers. Real cameras break most
// rules of RFC 9112; whatever can be understood is taken.
type answer struct {
	status    string // such as "404 Not Found"; "" where there is no status line
	code      int    // 200 where there is no status line
	http10    bool   // or older
	header    textproto.MIMEHeader
	multipart bool // a stream without end
	r         *bufio.Reader
}

// readAnswer reads up to the body. What r has no line buffer for is no answer.
func readAnswer(r *bufio.Reader) (*answer, error) {
	left := maxHead
	for {
		a := &answer{code: 200, http10: true, header: textproto.MIMEHeader{}, r: r}
		headed, err := a.readStatus(&left)
		if err == nil && headed {
			err = a.readHeader(&left)
		}
		if err != nil {
			return nil, err
		}
		if a.code/100 != 1 || a.status == "" { // those announce the answer (RFC 9110, 15.2)
			return a, nil
		}
	}
}

// readStatus reads the status line. False: there is neither that nor a header.
func (a *answer) readStatus(left *int) (headed bool, err error) {
	for { // blank lines may stand before it, left over from the last answer
		begin, err := a.r.Peek(1)
		if err != nil {
			return false, err
		}
		if begin[0] != '\r' && begin[0] != '\n' {
			break
		}
		if _, err := a.line(left); err != nil {
			return false, err
		}
	}
	if isBody(a.r) {
		return false, nil
	}
	if begin, _ := a.r.Peek(4); !strings.EqualFold(string(begin), "HTTP") {
		return beginsWithField(a.r), nil
	}
	line, err := a.line(left)
	if err != nil {
		return false, err
	}
	version, status, _ := strings.Cut(line, " ")
	a.http10 = !strings.HasSuffix(version, "/1.1")
	a.status = strings.TrimSpace(status)
	digits, _, _ := strings.Cut(a.status, " ")
	code, err := strconv.ParseUint(digits, 10, 16) // no sign before it
	if err != nil || len(digits) != 3 {
		return false, errNotHTTP
	}
	a.code = int(code)
	return true, nil
}

// isBody tells whether a boundary or a picture comes next in r.
func isBody(r *bufio.Reader) bool {
	begin, _ := r.Peek(1)
	if len(begin) == 0 || begin[0] != '-' && begin[0] != 0xFF {
		return false
	}
	begin, _ = r.Peek(2)
	return string(begin) == "--" || string(begin) == "\xFF\xD8"
}

// beginsWithField tells whether a header line comes next in r.
func beginsWithField(r *bufio.Reader) bool {
	for n := 1; n < 64; n++ {
		b, err := r.Peek(n)
		if err != nil {
			return false
		}
		if c := b[n-1]; c == ':' {
			return n > 1
		} else if !isTokenByte(c) {
			return false
		}
	}
	return false
}

// isTokenByte tells whether c may stand in a name (RFC 9110, 5.6.2).
func isTokenByte(c byte) bool {
	return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || strings.IndexByte("!#$%&'*+-.^_`|~", c) >= 0
}

// readHeader reads header lines up to the blank one behind them, which may be
// missing where the body shows by itself.
func (a *answer) readHeader(left *int) error {
	last := ""
	for {
		if _, err := a.r.Peek(1); err != nil {
			return err
		}
		if isBody(a.r) {
			return nil
		}
		line, err := a.line(left)
		if err != nil {
			return err
		}
		if line == "" {
			return nil
		}
		if strings.Contains(strings.ToLower(line), "x-mixed-replace") {
			a.multipart = true
		}
		if values := a.header[last]; (line[0] == ' ' || line[0] == '\t') && len(values) > 0 { // RFC 9112, 5.2
			values[len(values)-1] += " " + strings.TrimSpace(line)
			continue
		}
		name, value, found := strings.Cut(line, ":")
		if !found {
			continue // some cameras send a bare date
		}
		last = textproto.CanonicalMIMEHeaderKey(strings.TrimSpace(name))
		a.header[last] = append(a.header[last], strings.TrimSpace(value))
		if last == "Content-Type" && strings.HasPrefix(strings.ToLower(strings.TrimSpace(value)), "multipart/") {
			a.multipart = true
		}
	}
}

// line is the next line of the head without its end, and without control
// characters, so that what is taken from it can be sent back and shown.
func (a *answer) line(left *int) (string, error) {
	b, err := a.r.ReadSlice('\n')
	*left -= len(b)
	switch {
	case errors.Is(err, bufio.ErrBufferFull) || *left < 0:
		return "", errNotHTTP
	case errors.Is(err, io.EOF) && len(b) > 0:
		return "", io.ErrUnexpectedEOF
	case err != nil:
		return "", err
	}
	line := make([]byte, 0, len(b))
	for _, c := range bytes.TrimRight(b, "\r\n \t") {
		if c >= ' ' && c != 0x7F || c == '\t' {
			line = append(line, c)
		}
	}
	return string(line), nil
}

// length is what Content-Length says; -1: nothing that can be read. Without a
// status line it may be that of the first of many pictures.
func (a *answer) length() int64 {
	n, err := strconv.ParseUint(strings.TrimSpace(a.header.Get("Content-Length")), 10, 62)
	if err != nil || a.isChunked() || a.status == "" {
		return -1
	}
	return int64(n)
}

// isChunked tells whether the body is said to come in chunks.
func (a *answer) isChunked() bool {
	for _, coding := range a.header["Transfer-Encoding"] {
		if strings.Contains(strings.ToLower(coding), "chunked") {
			return true
		}
	}
	return false
}

// isRedirect tells whether the picture is elsewhere.
func (a *answer) isRedirect() bool {
	switch a.code {
	case 301, 302, 303, 307, 308:
		return true
	}
	return false
}

// keepsAlive tells whether another request may be sent on the same connection,
// once the body is read.
func (a *answer) keepsAlive() bool {
	connection := strings.ToLower(strings.Join(a.header["Connection"], ","))
	if a.http10 {
		return strings.Contains(connection, "keep-alive")
	}
	return !strings.Contains(connection, "close")
}
