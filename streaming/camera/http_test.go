package camera_test

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"slices"
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

// streams are the ways in which real cameras send a stream. %1, %2 and %3 stand
// for three pictures, %n for the length of each.
var streams = []struct{ name, seen, head, stream, format string }{
	{"as it should be", "RFC 2046, 5.1", "HTTP/1.1 200 OK\r\nContent-Type: multipart/x-mixed-replace; boundary=x\r\n\r\n", "--x\r\nContent-Type: image/jpeg\r\nContent-Length: %n\r\n\r\n%1\r\n--x\r\nContent-Type: image/jpeg\r\nContent-Length: %n\r\n\r\n%2\r\n--x\r\nContent-Type: image/jpeg\r\nContent-Length: %n\r\n\r\n%3\r\n", multi},
	{"boundary declared with its dashes", "Sony SNC-EB640 (scottlamb/multipart-stream-rs#2), Panasonic HE40 (janakj/py-mjpeg#2)", mixed("--x"), "--x\r\nContent-Type: image/jpeg\r\n\r\n%1\r\n--x\r\nContent-Type: image/jpeg\r\n\r\n%2\r\n--x\r\nContent-Type: image/jpeg\r\n\r\n%3\r\n", multi},
	{"boundary quoted", "AVTECH recorders (legege/node-mjpeg-proxy#1)", mixed(`"x"`), "--x\r\n\r\n%1\r\n--x\r\n\r\n%2\r\n--x\r\n\r\n%3\r\n", multi},
	{"boundary after a space", "Panasonic BL-VT164P (legege/node-mjpeg-proxy#8), WV-NP (Motion-Project/motion#1187)", mixed(" =--x"), "--x\r\n\r\n%1\r\n--x\r\n\r\n%2\r\n--x\r\n\r\n%3\r\n", multi},
	{"boundary with its dashes twice", "what RFC 2046 asks for where the dashes are declared (scottlamb/multipart-stream-rs#2)", mixed("--x"), "----x\r\n\r\n%1\r\n----x\r\n\r\n%2\r\n----x\r\n\r\n%3\r\n", multi},
	{"boundary twice, a line each", "Foscam G2 (AlexxIT/go2rtc#1258), Hikvision events (toxuin/alarmserver#51)", mixed("x"), "--x\r\n--x\r\nContent-type:image/jpeg\r\nContent-Length:%n\r\n\r\n%1\r\n--x\r\n--x\r\nContent-type:image/jpeg\r\nContent-Length:%n\r\n\r\n%2\r\n--x\r\n--x\r\nContent-type:image/jpeg\r\nContent-Length:%n\r\n\r\n%3\r\n", multi},
	{"closing boundary between parts", "variation of the next", mixed("x"), "--x\r\n\r\n%1\r\n--x--\r\n--x\r\n\r\n%2\r\n--x--\r\n\r\n%3\r\n--x--\r\n", multi},
	{"every boundary a closing one", "AlexxIT/go2rtc#545", mixed("data-boundary"), "--data-boundary--\r\nContent-Type: image/jpeg\r\nContent-Length: %n\r\nX-UtcTime:1690526144\r\n\r\n%1\r\n--data-boundary--\r\nContent-Type: image/jpeg\r\nContent-Length: %n\r\n\r\n%2\r\n--data-boundary--\r\nContent-Type: image/jpeg\r\nContent-Length: %n\r\n\r\n%3\r\n--data-boundary--\r\n", multi},
	{"another boundary than declared", "variation of Axis (vvidic/mjpeg-proxy#1)", mixed("x"), "--myboundary\r\n\r\n%1\r\n--myboundary\r\n\r\n%2\r\n--myboundary\r\n\r\n%3\r\n", multi},
	{"a boundary only before the first frame", "Axis (vvidic/mjpeg-proxy#1)", mixed("x"), "--x\r\nContent-Type: image/jpeg\r\nContent-Length: %n\r\n\r\n%1\r\n\r\nContent-Type: image/jpeg\r\nContent-Length: %n\r\n\r\n%2\r\n\r\nContent-Type: image/jpeg\r\nContent-Length: %n\r\n\r\n%3\r\n", multi},
	{"no line break behind the boundary", "viseron (roflcoopter/viseron#355)", mixed("--jpgboundary"), "--jpgboundaryContent-type: image/jpeg\r\nContent-length: %n\r\n\r\n%1--jpgboundaryContent-type: image/jpeg\r\nContent-length: %n\r\n\r\n%2--jpgboundaryContent-type: image/jpeg\r\nContent-length: %n\r\n\r\n%3", multi},
	{"no boundary declared", "Panasonic BL-VP104WP (Motion-Project/motion#389), ArduPilot/MissionPlanner#3604", "HTTP/1.0 200 OK\r\nContent-Type: multipart/x-mixed-replace\r\n\r\n", "--x\r\n\r\n%1\r\n--x\r\n\r\n%2\r\n--x\r\n\r\n%3\r\n", multi},
	{"first boundary missing", "Tasmota (arendst/Tasmota#12376), yoursunny/esp32cam#67", mixed("x"), "Content-Type: image/jpeg\r\n\r\n%1\r\n--x\r\nContent-Type: image/jpeg\r\n\r\n%2\r\n--x\r\nContent-Type: image/jpeg\r\n\r\n%3\r\n", multi},
	{"boundary after the frame", "older ESP32-CAM firmware (espressif/arduino-esp32#3720, espressif/esp32-camera#120)", mixed("x"), "Content-Type: image/jpeg\r\n\r\n%1\r\n--x\r\n%2--x\r\n%3--x\r\n", multi},
	{"no line break before the boundary", "variation of the last", mixed("x"), "--x\r\nContent-Type: image/jpeg\r\n\r\n%1--x\r\nContent-Type: image/jpeg\r\n\r\n%2--x\r\nContent-Type: image/jpeg\r\n\r\n%3", multi},
	{"parts without any header", "variation of ArduPilot/MissionPlanner#3604", mixed("x"), "--x\r\n%1\r\n--x\r\n%2\r\n--x\r\n%3", multi},
	{"no boundary at all", "variation of Canon (aruntj/mjpeg-readable-stream#6)", mixed("x"), "%1%2%3", multi},
	{"Content-Length of the parts too small", "D-Link DCS-930 (sarxos/webcam-capture#441)", mixed("x"), "--x\r\nContent-Length: 5\r\n\r\n%1\r\n--x\r\nContent-Length: 5\r\n\r\n%2\r\n--x\r\nContent-Length: 5\r\n\r\n%3", multi},
	{"Content-Length of the parts too large", "TheSpaghettiDetective/OctoPrint-Obico#151", mixed("x"), "--x\r\nContent-Length: 99999\r\n\r\n%1\r\n--x\r\nContent-Length: 99999\r\n\r\n%2\r\n--x\r\nContent-Length: 99999\r\n\r\n%3", multi},
	{"Content-Length padded", "motion (source:Motion-Project/motion:src/webu_stream.c)", mixed("x"), "--x\r\nContent-Length:      %n   \r\n\r\n%1\r\n--x\r\nContent-length :%n\r\n\r\n%2\r\n--x\r\nContent-Length:\t%n\r\n\r\n%3", multi},
	{"Content-Length twice, once wrong", "GStreamer (TheSpaghettiDetective/OctoPrint-Obico#150)", mixed("x"), "--x\r\nContent-Length: 7\r\nContent-Type: image/jpeg\r\nContent-Length: %n\r\n\r\n%1\r\n--x\r\nContent-Length: 7\r\nContent-Length: %n\r\n\r\n%2\r\n--x\r\nContent-Length: 99999\r\nContent-Length: %n\r\n\r\n%3\r\n", multi},
	{"a broken date in the head", "Elegoo Centauri Carbon (OpenCentauri/cc-fw-tools#108)", "HTTP/1.1 200 OK\r\nExpires: Thu, %d %d %d %d:%d:%d GMT\r\nContent-Type: multipart/x-mixed-replace; boundary=--foo\r\n\r\n", "--foo\r\nContent-Type: image/jpeg\r\n\r\n%1\r\n--foo\r\nContent-Type: image/jpeg\r\n\r\n%2\r\n--foo\r\nContent-Type: image/jpeg\r\n\r\n%3\r\n", multi},
	{"headers of its own in each part", "D-Link (defvol/Paparazzo.js#11)", mixed("x"), "--x\r\nContent-Type: image/jpeg\r\nContent-Length: %n\r\nX-Status: 0\r\nX-Tags:\r\nX-Flags: 0\r\n\r\n%1\r\n--x\r\nX-Status: 0\r\nX-Tags:\r\nX-Flags: 0\r\n\r\n%2\r\n--x\r\nX-Status: 0\r\nX-Flags: 0\r\n\r\n%3\r\n", multi},
	{"Content-Length of the whole answer", "variation of webcamXP, below", "HTTP/1.1 200 OK\r\nContent-Length: 0\r\nContent-Type: multipart/x-mixed-replace;boundary=x\r\n\r\n", "--x\r\n\r\n%1\r\n--x\r\n\r\n%2\r\n--x\r\n\r\n%3", multi},
	{"bare line feeds", "Wyze with wz_mini_hacks (gtxaspec/wz_mini_hacks#538)", "HTTP/1.0 200 OK\nContent-Type: multipart/x-mixed-replace;boundary=x\n\n", "--x\nContent-Type: image/jpeg\n\n%1\n--x\nContent-Type: image/jpeg\n\n%2\n--x\n\n%3\n", multi},
	{"a header line that is only a date", "GoAhead (home-assistant/core#14960)", "HTTP/1.1 200 OK\r\nMon, 02 Jan 2006\r\nContent-Type: multipart/x-mixed-replace;boundary=x\r\n\r\n", "--x\r\nMon Jan 2 2006\r\n\r\n%1\r\n--x\r\nMon Jan 2 2006\r\n\r\n%2\r\n--x\r\nMon Jan 2 2006\r\n\r\n%3", multi},
	{"no status line", "D-Link (niqdev/ipcam-view#26)", "Server: cam\r\nContent-Type: multipart/x-mixed-replace;boundary=x\r\n\r\n", "--x\r\n\r\n%1\r\n--x\r\n\r\n%2\r\n--x\r\n\r\n%3", multi},
	{"no head, a boundary at once", "variation of D-Link (niqdev/ipcam-view#26)", "", "--x\r\nContent-Type: image/jpeg\r\n\r\n%1\r\n--x\r\n\r\n%2\r\n--x\r\n\r\n%3", multi},
	{"no head, a part's header at once", "variation of D-Link (niqdev/ipcam-view#26)", "", "Content-Type: image/jpeg\r\nContent-Length: %n\r\n\r\n%1\r\n--x\r\nContent-Type: image/jpeg\r\n\r\n%2\r\n--x\r\nContent-Type: image/jpeg\r\n\r\n%3", "JPEGs over HTTP"},
	{"no head, a picture at once", "HTTP/0.9; variation of D-Link (niqdev/ipcam-view#26)", "", "%1%2%3", "JPEGs over HTTP"},
	{"no head, a length at once", "variation of the picamera recipe, below", "", "\x00\x00\x04\x00%1\x00\x00\x04\x00%2\x00\x00\x04\x00%3", "JPEGs over HTTP"},
	{"no blank line behind the headers", "variation of Tasmota (arendst/Tasmota#12376)", "HTTP/1.1 200 OK\r\nContent-Type: multipart/x-mixed-replace;boundary=x\r\n", "--x\r\n\r\n%1\r\n--x\r\n\r\n%2\r\n--x\r\n\r\n%3", multi},
	{"a blank line before the status line", "D-Link (niqdev/ipcam-view#26)", "\r\nHTTP/1.1 200 OK\r\nContent-Type: multipart/x-mixed-replace;boundary=x\r\n\r\n", "--x\r\n\r\n%1\r\n--x\r\n\r\n%2\r\n--x\r\n\r\n%3", multi},
	{"a status line without words", "RFC 9112, 4 allows it", "HTTP/1.1 200\r\nContent-Type: multipart/x-mixed-replace;boundary=x\r\n\r\n", "--x\r\n\r\n%1\r\n--x\r\n\r\n%2\r\n--x\r\n\r\n%3", multi},
	{"an announcement first", "RFC 9110, 15.2 allows it", "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nContent-Type: multipart/x-mixed-replace;boundary=x\r\n\r\n", "--x\r\n\r\n%1\r\n--x\r\n\r\n%2\r\n--x\r\n\r\n%3", multi},
	{"the type on a folded line", "RFC 9112, 5.2", "HTTP/1.1 200 OK\r\nContent-Type:\r\n multipart/x-mixed-replace;boundary=x\r\n\r\n", "--x\r\n\r\n%1\r\n--x\r\n\r\n%2\r\n--x\r\n\r\n%3", multi},
	{"the type in capitals", "RFC 9110, 5.1 and 8.3.1 allow it", "HTTP/1.1 200 OK\r\nCONTENT-TYPE: MULTIPART/X-MIXED-REPLACE;BOUNDARY=x\r\n\r\n", "--x\r\n\r\n%1\r\n--x\r\n\r\n%2\r\n--x\r\n\r\n%3", multi},
	{"multipart as text/plain", "variation of ArduPilot/MissionPlanner#3604", "HTTP/1.0 200 OK\r\nContent-Type: text/plain\r\n\r\n", "--x\r\nContent-Type: image/jpeg\r\n\r\n%1\r\n--x\r\nContent-Type: image/jpeg\r\n\r\n%2\r\n--x\r\n\r\n%3", multi},
	{"multipart without a type", "ArduPilot/MissionPlanner#3604", "HTTP/1.0 200 OK\r\n\r\n", "\r\n--x\r\nContent-Type: image/jpeg\r\n\r\n%1\r\n--x\r\n\r\n%2\r\n--x\r\n\r\n%3", multi},
	{"multipart as one picture, with its length", "variation of ArduPilot/MissionPlanner#3604", "HTTP/1.1 200 OK\r\nContent-Type: image/jpeg\r\nContent-Length: %n\r\n\r\n", "--x\r\nContent-Type: image/jpeg\r\n\r\n%1\r\n--x\r\n\r\n%2\r\n--x\r\n\r\n%3", multi},
	{"bare JPEGs as one", "variation of the next", "HTTP/1.0 200 OK\r\nContent-Type: image/jpeg\r\n\r\n", "%1%2%3", "JPEGs over HTTP"},
	{"bare JPEGs as octets", "Canon live view (aruntj/mjpeg-readable-stream#6)", "HTTP/1.0 200 OK\r\nContent-Type: application/octet-stream\r\n\r\n", "%1%2%3", "JPEGs over HTTP"},
	{"junk behind each frame", "ESP32-CAM, up to 513 bytes (espressif/esp32-camera#162)", mixed("x"), "--x\r\n\r\n%1" + junk + "\r\n--x\r\n\r\n%2\xDE\xAD\r\n--x\r\n\r\n%3" + junk[:96], multi},
	{"zeros behind each frame", "ArduCAM (ArduCAM/Arduino#536)", mixed("x"), "--x\r\n\r\n%1" + zeros + "\r\n--x\r\n\r\n%2" + zeros + "\r\n--x\r\n\r\n%3" + zeros, multi},
	{"FF before each frame", "ArduCAM (ArduCAM/Arduino#85)", mixed("x"), "--x\r\n\r\n\xFF%1\r\n--x\r\n\r\n\xFF\xFF%2\r\n--x\r\n\r\n\xFF%3", multi},
	{"empty parts between", "ustreamer with zero_data (source:pikvm/ustreamer:src/ustreamer/http/server.c)", mixed("x"), "--x\r\nContent-Type: image/jpeg\r\nContent-Length: 0\r\n\r\n\r\n--x\r\nContent-Length: %n\r\n\r\n%1\r\n--x\r\nContent-Length: 0\r\n\r\n\r\n--x\r\n\r\n%2\r\n--x\r\n\r\n\r\n--x\r\n\r\n%3\r\n", multi},
	{"parts of another kind between", "XML at Hikvision (toxuin/alarmserver#51), sound and video at AlexxIT/go2rtc#545", mixed("boundary"), "--boundary\r\nContent-Type: application/xml; charset=\"UTF-8\"\r\nContent-Length: 26\r\n\r\n<EventNotificationAlert/>\n\r\n--boundary\r\nContent-Type: image/jpeg\r\n\r\n%1\r\n--boundary\r\nContent-Type: audio/basic\r\nContent-Length: 8\r\n\r\n\x7F\xFF\xFE\xD5\n\x00--\r\n--boundary\r\n\r\n%2\r\n--boundary\r\nContent-Type: text/plain\r\n\r\nstill here\r\n--boundary\r\n\r\n%3\r\n", multi},
	{"an answer before each picture", "variation of stills over one connection", "HTTP/1.0 200 OK\r\nContent-Type: multipart/x-mixed-replace;boundary=x\r\n\r\n", "--x\r\n\r\n%1HTTP/1.0 200 OK\r\n\r\n%2HTTP/1.0 200 OK\r\n\r\n%3", multi},
	{"chunked only in words", "variation of RFC 9112, 7.1", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nContent-Type: multipart/x-mixed-replace;boundary=x\r\n\r\n", "--x\r\n\r\n%1\r\n--x\r\n\r\n%2\r\n--x\r\n\r\n%3", multi},
}

var (
	junk  = strings.Repeat("\x5A\xC3\x00\x01", 128) + "\x00"
	zeros = strings.Repeat("\x00", 1000)
)

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

// streamQuirks are the streams, each sent at once, in pieces and in chunks.
func streamQuirks() (all []quirk) {
	for _, q := range slices.Concat(streams, servers) {
		all = append(all, quirk{name: q.name, seen: q.seen, test: func(t *testing.T) {
			pictures := three(t)
			fill := strings.NewReplacer("%1", pictures[0], "%2", pictures[1], "%3", pictures[2], "%n", fmt.Sprint(len(pictures[0])), "%x", fmt.Sprintf("%x", len(pictures[0])))
			head, stream := fill.Replace(q.head), fill.Replace(q.stream)
			for _, way := range ways {
				if way.name == "in chunks" && !canBeChunked(q.head) {
					continue
				}
				t.Run(way.name, func(t *testing.T) {
					address := quirky(t, func(r *request) bool {
						way.send(r, head, stream)
						r.linger()
						return false
					})
					r := watch(t, web("http", address, "/video?a=b"))
					r.awaitExactly(pictures[:])
					r.await("its format", func() bool { return len(r.formats) > 0 })
					r.mu.Lock()
					defer r.mu.Unlock()
					if r.status.State != camera.Live || len(r.formats) != 1 || r.formats[0] != q.format {
						t.Errorf("%v, formats %q, want %q", r.status, r.formats, q.format)
					}
				})
			}
		}})
	}
	return all
}

// ways are how bytes may arrive.
var ways = []struct {
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

// canBeChunked tells whether head is a whole one that does not speak of chunks itself.
func canBeChunked(head string) bool {
	whole := strings.HasSuffix(head, "\n\r\n") || strings.HasSuffix(head, "\n\n")
	return strings.HasPrefix(head, "HTTP") && whole && !strings.Contains(head, " 100 ") && !strings.Contains(head, "chunked")
}

// awaitExactly waits until as many frames came as there are pictures, which
// have to be these.
func (r *rig) awaitExactly(pictures []string) {
	r.t.Helper()
	r.awaitFrames(len(pictures))
	r.mu.Lock()
	defer r.mu.Unlock()
	for i, f := range r.frames {
		if i >= len(pictures) || string(f.JPEG) != pictures[i] {
			r.t.Errorf("frame %d is another one", i+1)
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
