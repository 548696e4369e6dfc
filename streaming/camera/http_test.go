package camera_test

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"sync"
	"testing"

	"traycam/streaming/camera"
)

// password is the one of every web camera in these tests.
const password = "s3cr3t-wörd"

// web is a camera's address with user and password.
func web(scheme, address, rest string) string {
	return scheme + "://me:s3cr3t-w%C3%B6rd@" + address + rest
}

// watch is supervise for an address with the password, which nobody must be told.
func watch(t *testing.T, url string) *rig {
	t.Helper()
	r := supervise(t, url)
	t.Cleanup(func() {
		r.mu.Lock()
		defer r.mu.Unlock()
		for _, s := range r.said {
			if strings.Contains(s, password) || strings.Contains(s, "s3cr3t") {
				t.Errorf("the password is in %q", s)
			}
		}
	})
	return r
}

// request is one that a quirky camera got.
type request struct {
	*http.Request
	conn net.Conn
	n    int // from 0, over all connections
	dial int // the connection's number, from 0
}

// send sends the strings; an error is the client's business.
func (r *request) send(parts ...string) {
	for _, p := range parts {
		if _, err := io.WriteString(r.conn, p); err != nil {
			return
		}
	}
}

// linger waits until the client hangs up.
func (r *request) linger() { io.Copy(io.Discard, r.conn) }

// quirky is a web camera that does what answer does, byte for byte, and hangs up
// where that returns false. Requests have to be right, though.
func quirky(t *testing.T, answer func(*request) (more bool)) (address string) {
	t.Helper()
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	var running sync.WaitGroup
	var mu sync.Mutex
	var conns []net.Conn
	requests := 0
	t.Cleanup(func() {
		ln.Close()
		mu.Lock()
		for _, c := range conns {
			c.Close()
		}
		mu.Unlock()
		running.Wait()
	})
	running.Go(func() {
		for dials := 0; ; dials++ {
			conn, err := ln.Accept()
			if err != nil {
				return
			}
			mu.Lock()
			conns = append(conns, conn)
			mu.Unlock()
			running.Go(func() {
				defer conn.Close()
				r := bufio.NewReader(conn)
				for {
					got, err := http.ReadRequest(r)
					if err != nil {
						return
					}
					mu.Lock()
					n := requests
					requests++
					mu.Unlock()
					if !answer(&request{got, conn, n, dials}) {
						return
					}
				}
			})
		}
	})
	return ln.Addr().String()
}

// quirks are the ways in which real cameras send a stream. %1, %2 and %3 stand
// for three pictures, %n for the length of each.
var quirks = []struct{ name, head, stream, format string }{
	{"as it should be", "HTTP/1.1 200 OK\r\nContent-Type: multipart/x-mixed-replace; boundary=x\r\n\r\n", "--x\r\nContent-Type: image/jpeg\r\nContent-Length: %n\r\n\r\n%1\r\n--x\r\nContent-Type: image/jpeg\r\nContent-Length: %n\r\n\r\n%2\r\n--x\r\nContent-Type: image/jpeg\r\nContent-Length: %n\r\n\r\n%3\r\n", multi},
	{"boundary declared with its dashes", mixed("--x"), "--x\r\nContent-Type: image/jpeg\r\n\r\n%1\r\n--x\r\nContent-Type: image/jpeg\r\n\r\n%2\r\n--x\r\nContent-Type: image/jpeg\r\n\r\n%3\r\n", multi},
	{"boundary quoted", mixed(`"x"`), "--x\r\n\r\n%1\r\n--x\r\n\r\n%2\r\n--x\r\n\r\n%3\r\n", multi},
	{"boundary after a space", mixed(" =--x"), "--x\r\n\r\n%1\r\n--x\r\n\r\n%2\r\n--x\r\n\r\n%3\r\n", multi},
	{"boundary with its dashes twice", mixed("--x"), "----x\r\n\r\n%1\r\n----x\r\n\r\n%2\r\n----x\r\n\r\n%3\r\n", multi},
	{"closing boundary between parts", mixed("x"), "--x\r\n\r\n%1\r\n--x--\r\n--x\r\n\r\n%2\r\n--x--\r\n\r\n%3\r\n--x--\r\n", multi},
	{"another boundary than declared", mixed("x"), "--myboundary\r\n\r\n%1\r\n--myboundary\r\n\r\n%2\r\n--myboundary\r\n\r\n%3\r\n", multi},
	{"no boundary declared", "HTTP/1.0 200 OK\r\nContent-Type: multipart/x-mixed-replace\r\n\r\n", "--x\r\n\r\n%1\r\n--x\r\n\r\n%2\r\n--x\r\n\r\n%3\r\n", multi},
	{"first boundary missing", mixed("x"), "Content-Type: image/jpeg\r\n\r\n%1\r\n--x\r\nContent-Type: image/jpeg\r\n\r\n%2\r\n--x\r\nContent-Type: image/jpeg\r\n\r\n%3\r\n", multi},
	{"boundary after the frame", mixed("x"), "Content-Type: image/jpeg\r\n\r\n%1\r\n--x\r\n%2--x\r\n%3--x\r\n", multi},
	{"no line break before the boundary", mixed("x"), "--x\r\nContent-Type: image/jpeg\r\n\r\n%1--x\r\nContent-Type: image/jpeg\r\n\r\n%2--x\r\nContent-Type: image/jpeg\r\n\r\n%3", multi},
	{"parts without any header", mixed("x"), "--x\r\n%1\r\n--x\r\n%2\r\n--x\r\n%3", multi},
	{"no boundary at all", mixed("x"), "%1%2%3", multi},
	{"Content-Length of the parts too small", mixed("x"), "--x\r\nContent-Length: 5\r\n\r\n%1\r\n--x\r\nContent-Length: 5\r\n\r\n%2\r\n--x\r\nContent-Length: 5\r\n\r\n%3", multi},
	{"Content-Length of the parts too large", mixed("x"), "--x\r\nContent-Length: 99999\r\n\r\n%1\r\n--x\r\nContent-Length: 99999\r\n\r\n%2\r\n--x\r\nContent-Length: 99999\r\n\r\n%3", multi},
	{"Content-Length padded", mixed("x"), "--x\r\nContent-Length:      %n   \r\n\r\n%1\r\n--x\r\nContent-length :%n\r\n\r\n%2\r\n--x\r\nContent-Length:\t%n\r\n\r\n%3", multi},
	{"Content-Length of the whole answer", "HTTP/1.1 200 OK\r\nContent-Length: 0\r\nContent-Type: multipart/x-mixed-replace;boundary=x\r\n\r\n", "--x\r\n\r\n%1\r\n--x\r\n\r\n%2\r\n--x\r\n\r\n%3", multi},
	{"bare line feeds", "HTTP/1.0 200 OK\nContent-Type: multipart/x-mixed-replace;boundary=x\n\n", "--x\nContent-Type: image/jpeg\n\n%1\n--x\nContent-Type: image/jpeg\n\n%2\n--x\n\n%3\n", multi},
	{"a header line that is only a date", "HTTP/1.1 200 OK\r\nMon, 02 Jan 2006\r\nContent-Type: multipart/x-mixed-replace;boundary=x\r\n\r\n", "--x\r\nMon Jan 2 2006\r\n\r\n%1\r\n--x\r\nMon Jan 2 2006\r\n\r\n%2\r\n--x\r\nMon Jan 2 2006\r\n\r\n%3", multi},
	{"no status line", "Server: cam\r\nContent-Type: multipart/x-mixed-replace;boundary=x\r\n\r\n", "--x\r\n\r\n%1\r\n--x\r\n\r\n%2\r\n--x\r\n\r\n%3", multi},
	{"no head, a boundary at once", "", "--x\r\nContent-Type: image/jpeg\r\n\r\n%1\r\n--x\r\n\r\n%2\r\n--x\r\n\r\n%3", multi},
	{"no head, a part's header at once", "", "Content-Type: image/jpeg\r\nContent-Length: %n\r\n\r\n%1\r\n--x\r\nContent-Type: image/jpeg\r\n\r\n%2\r\n--x\r\nContent-Type: image/jpeg\r\n\r\n%3", "JPEGs over HTTP"},
	{"no head, a picture at once", "", "%1%2%3", "JPEGs over HTTP"},
	{"no head, a length at once", "", "\x00\x00\x04\x00%1\x00\x00\x04\x00%2\x00\x00\x04\x00%3", "JPEGs over HTTP"},
	{"no blank line behind the headers", "HTTP/1.1 200 OK\r\nContent-Type: multipart/x-mixed-replace;boundary=x\r\n", "--x\r\n\r\n%1\r\n--x\r\n\r\n%2\r\n--x\r\n\r\n%3", multi},
	{"a blank line before the status line", "\r\nHTTP/1.1 200 OK\r\nContent-Type: multipart/x-mixed-replace;boundary=x\r\n\r\n", "--x\r\n\r\n%1\r\n--x\r\n\r\n%2\r\n--x\r\n\r\n%3", multi},
	{"a status line without words", "HTTP/1.1 200\r\nContent-Type: multipart/x-mixed-replace;boundary=x\r\n\r\n", "--x\r\n\r\n%1\r\n--x\r\n\r\n%2\r\n--x\r\n\r\n%3", multi},
	{"an announcement first", "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nContent-Type: multipart/x-mixed-replace;boundary=x\r\n\r\n", "--x\r\n\r\n%1\r\n--x\r\n\r\n%2\r\n--x\r\n\r\n%3", multi},
	{"the type on a folded line", "HTTP/1.1 200 OK\r\nContent-Type:\r\n multipart/x-mixed-replace;boundary=x\r\n\r\n", "--x\r\n\r\n%1\r\n--x\r\n\r\n%2\r\n--x\r\n\r\n%3", multi},
	{"the type in capitals", "HTTP/1.1 200 OK\r\nCONTENT-TYPE: MULTIPART/X-MIXED-REPLACE;BOUNDARY=x\r\n\r\n", "--x\r\n\r\n%1\r\n--x\r\n\r\n%2\r\n--x\r\n\r\n%3", multi},
	{"multipart as text/plain", "HTTP/1.0 200 OK\r\nContent-Type: text/plain\r\n\r\n", "--x\r\nContent-Type: image/jpeg\r\n\r\n%1\r\n--x\r\nContent-Type: image/jpeg\r\n\r\n%2\r\n--x\r\n\r\n%3", multi},
	{"multipart without a type", "HTTP/1.0 200 OK\r\n\r\n", "\r\n--x\r\nContent-Type: image/jpeg\r\n\r\n%1\r\n--x\r\n\r\n%2\r\n--x\r\n\r\n%3", multi},
	{"multipart as one picture, with its length", "HTTP/1.1 200 OK\r\nContent-Type: image/jpeg\r\nContent-Length: %n\r\n\r\n", "--x\r\nContent-Type: image/jpeg\r\n\r\n%1\r\n--x\r\n\r\n%2\r\n--x\r\n\r\n%3", multi},
	{"bare JPEGs as one", "HTTP/1.0 200 OK\r\nContent-Type: image/jpeg\r\n\r\n", "%1%2%3", "JPEGs over HTTP"},
	{"bare JPEGs as octets", "HTTP/1.0 200 OK\r\nContent-Type: application/octet-stream\r\n\r\n", "%1%2%3", "JPEGs over HTTP"},
	{"junk behind each frame", mixed("x"), "--x\r\n\r\n%1\x00\x00\x00\x00\r\n--x\r\n\r\n%2\xDE\xAD\r\n--x\r\n\r\n%3\x00", multi},
	{"an answer before each picture", "HTTP/1.0 200 OK\r\nContent-Type: multipart/x-mixed-replace;boundary=x\r\n\r\n", "--x\r\n\r\n%1HTTP/1.0 200 OK\r\n\r\n%2HTTP/1.0 200 OK\r\n\r\n%3", multi},
	{"chunked only in words", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nContent-Type: multipart/x-mixed-replace;boundary=x\r\n\r\n", "--x\r\n\r\n%1\r\n--x\r\n\r\n%2\r\n--x\r\n\r\n%3", multi},
}

const multi = "multipart over HTTP"

func mixed(boundary string) string {
	if !strings.HasPrefix(boundary, " ") {
		boundary = "=" + boundary
	}
	return "HTTP/1.0 200 OK\r\nServer: cam\r\nContent-Type: multipart/x-mixed-replace; boundary" + boundary + "\r\n\r\n"
}

// three are pictures of one length, one of them with what looks like a boundary
// and the end of a picture inside.
func three(t *testing.T) [3]string {
	a, b, c := string(picture(t, 16)), string(picture(t, 24)), string(picture(t, 32))
	b = b[:2] + "\xFF\xFE\x00\x18\r\n--x\r\n\r\n\xFF\xD8\xFF\xE0\x00\x02\xFF\xD9\r\n--x" + b[2:]
	size := max(len(a), len(b), len(c)) + 4
	for _, p := range []*string{&a, &b, &c} {
		room := size - len(*p) - 2 // of a comment
		*p = (*p)[:2] + "\xFF\xFE" + string([]byte{byte(room >> 8), byte(room)}) + strings.Repeat(" ", room-2) + (*p)[2:]
	}
	return [3]string{a, b, c}
}

func TestQuirks(t *testing.T) {
	pictures := three(t)
	fill := strings.NewReplacer("%1", pictures[0], "%2", pictures[1], "%3", pictures[2], "%n", fmt.Sprint(len(pictures[0])))
	ways := []struct {
		name string
		send func(r *request, head, stream string)
	}{
		{"at once", func(r *request, head, stream string) { r.send(head + stream) }},
		{"in pieces", func(r *request, head, stream string) {
			for all := head + stream; all != ""; {
				n := min(len(all), 7)
				r.send(all[:n])
				all = all[n:]
			}
		}},
		{"in chunks", func(r *request, head, stream string) {
			r.send("HTTP/1.1 200 OK\r\nTransfer-Encoding: Chunked\r\n" + head[strings.Index(head, "\n")+1:])
			for size := 1; stream != ""; size = size%301 + 50 {
				n := min(len(stream), size)
				r.send(fmt.Sprintf("%X ;a=b\r\n%s\r\n", n, stream[:n]))
				stream = stream[n:]
			}
		}},
	}
	for _, q := range quirks {
		for _, way := range ways {
			if way.name == "in chunks" && (!strings.HasPrefix(q.head, "HTTP") || strings.Contains(q.head, "100") || !strings.HasSuffix(q.head, "\n\r\n") && !strings.HasSuffix(q.head, "\n\n") || strings.Contains(q.name, "chunked")) {
				continue
			}
			t.Run(q.name+"/"+way.name, func(t *testing.T) {
				address := quirky(t, func(r *request) bool {
					way.send(r, fill.Replace(q.head), fill.Replace(q.stream))
					r.linger()
					return false
				})
				r := watch(t, web("http", address, "/video?a=b"))
				r.awaitFrames(3)
				r.await("its format", func() bool { return len(r.formats) > 0 })
				r.mu.Lock()
				defer r.mu.Unlock()
				if r.status.State != camera.Live || len(r.formats) != 1 || r.formats[0] != q.format {
					t.Errorf("%v, formats %q, want %q", r.status, r.formats, q.format)
				}
				for i, f := range r.frames {
					if i > 2 || !bytes.Equal(f.JPEG, []byte(pictures[i])) {
						t.Errorf("frame %d is another one", i+1)
					}
				}
			})
		}
	}
}

func TestWebRequest(t *testing.T) {
	got := make(chan *http.Request, 1)
	address := quirky(t, func(r *request) bool {
		got <- r.Request
		r.send(mixed("x"))
		r.linger()
		return false
	})
	watch(t, web("http", address, "/a%20b/ü?user=x y&q=\"%22\"#interval=2s"))
	r := <-got
	if r.RequestURI != "/a%20b/%C3%BC?user=x%20y&q=%22%22%22" || r.Host != address || r.Proto != "HTTP/1.1" {
		t.Errorf("%s %s %s", r.Host, r.RequestURI, r.Proto)
	}
	if len(r.Header["Authorization"]) > 0 || r.UserAgent() != "Traycam" || r.Header.Get("Accept") == "" || !r.Close {
		t.Errorf("%v", r.Header)
	}
}
