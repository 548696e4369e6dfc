package camera_test

import (
	"bytes"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"traycam/streaming/camera"
)

// stillQuirks are the ways in which real cameras send one picture for a request.
func stillQuirks() (all []quirk) {
	for _, c := range []struct{ name, seen, head, behind string }{
		{"as they should be", "RFC 9110", "HTTP/1.1 200 OK\r\nContent-Type: image/jpeg\r\nContent-Length: %n\r\n\r\n", ""},
		{"of no type", "UV4L (OctoPrint/OctoPrint#3207)", "HTTP/1.1 200 OK\r\nDate: Tue, 25 Jun 2019 08:11:10 GMT\r\nContent-Length: %n\r\n\r\n", ""},
		{"of the wrong type", "variation of the last", "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: %n\r\n\r\n", ""},
		{"as octets", "variation of the last", "HTTP/1.0 200 OK\r\nContent-Type: application/octet-stream\r\n\r\n", ""},
		{"of a type with a charset", "Hikvision (jakowenko/double-take#127)", "HTTP/1.1 200 OK\r\nContent-Type: image/jpeg; charset=\"UTF-8\"\r\nContent-Length: %n\r\n\r\n", ""},
		{"of a type with a semicolon behind", "Motion-Project/motion#1171", "HTTP/1.1 200 OK\r\nContent-Type: image/jpeg;\r\nContent-Length: %n\r\n\r\n", ""},
		{"as multipart, which it is not", "GuilhermeC18/node-onvif#33", "HTTP/1.1 200 OK\r\nContent-Type: multipart/x-mixed-replace;boundary=ipcam264\r\nContent-Length: %n\r\n\r\n", ""},
		{"as multipart, which it is not, and without a length", "variation of GuilhermeC18/node-onvif#33", "HTTP/1.0 200 OK\r\nContent-Type: multipart/x-mixed-replace;boundary=ipcam264\r\n\r\n", ""},
		{"a header line that is only a date", "GoAhead (home-assistant/core#14960)", "HTTP/1.1 200 OK\r\nServer: GoaHead\r\nTue, 12 Jun 2012 01:56:34 GMT\r\nContent-Type:image/jpeg\r\nContent-Length:%n\r\nConnection: close\r\n\r\n", ""},
		{"bare line feeds", "Wyze with wz_mini_hacks (gtxaspec/wz_mini_hacks#538)", "HTTP/1.1 200\nContent-Type: image/jpeg\nContent-Length: %n\n\n", ""},
		{"without a head", "HTTP/0.9", "", ""},
		{"length padded", "motion (source:Motion-Project/motion:src/webu_stream.c)", "HTTP/1.0 200 OK\r\nContent-Length:     %n  \r\n\r\n", ""},
		{"length too small", "D-Link DCS-930 (sarxos/webcam-capture#441)", "HTTP/1.0 200 OK\r\nContent-Length: 10\r\n\r\n", ""},
		{"length too large", "variation of the last", "HTTP/1.0 200 OK\r\nContent-Length: 99999\r\n\r\n", ""},
		{"length that is none", "variation of the last", "HTTP/1.0 200 OK\r\nContent-Length: -1\r\n\r\n", ""},
		{"junk behind", "variation of espressif/esp32-camera#162", "HTTP/1.0 200 OK\r\n\r\n", "\r\n\x00\x00\x00"},
		{"chunked", "ESP32-CAM CameraWebServer (source:espressif/arduino-esp32:libraries/ESP32/examples/Camera/CameraWebServer/app_httpd.cpp)", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n%x\r\n", "\r\n0\r\n\r\n"},
		{"chunked with a length", "RFC 9112, 6.3 allows it", "HTTP/1.1 200 OK\r\nContent-Length: 7\r\nTransfer-Encoding: chunked\r\n\r\n%x\n", "\n0\n"},
	} {
		all = append(all, quirk{name: c.name, seen: c.seen, test: func(t *testing.T) {
			t.Parallel()
			pictures := three(t)
			head := strings.NewReplacer("%n", fmt.Sprint(len(pictures[0])), "%x", fmt.Sprintf("%x", len(pictures[0]))).Replace(c.head)
			address := quirky(t, func(r *request) bool {
				r.send(head, pictures[r.n%3], c.behind)
				return false
			})
			r := watch(t, web("http", address, "/snap.jpg#interval=100ms"))
			r.awaitFrames(4)
			r.mu.Lock()
			defer r.mu.Unlock()
			for i, f := range r.frames {
				if !bytes.Equal(f.JPEG, []byte(pictures[i%3])) {
					t.Errorf("frame %d is another one", i+1)
				}
			}
			if r.status.State != camera.Live || len(r.formats) != 1 || r.formats[0] != "still pictures over HTTP" {
				t.Errorf("%v, %q", r.status, r.formats)
			}
			if d := r.frames[3].At.Sub(r.frames[0].At); d < 280*time.Millisecond {
				t.Errorf("3 × 100 ms took %v", d)
			}
		}})
	}
	return append(all,
		quirk{name: "no length, and the connection stays open", seen: "RFC 9112, 6.3 allows it, but for the end", test: stillWithoutAnEnd},
		quirk{name: "one connection for many, or an end that is not announced", seen: "RFC 9112, 9.3", test: stillsOverOneConnection},
		quirk{name: "the same picture again, with and without ETag", seen: "home-assistant/core#178570, prusa3d/Prusa-Link#562", test: unchangedStill},
		quirk{name: "304 for a picture that did change", seen: "variation of the last", test: alwaysUnchanged},
	)
}

// stillWithoutAnEnd has a server that neither says how long
// the picture is nor hangs up.
func stillWithoutAnEnd(t *testing.T) {
	t.Parallel()
	address := quirky(t, func(r *request) bool {
		r.send("HTTP/1.1 200 OK\r\nContent-Type: image/jpeg\r\n\r\n", string(picture(t, 16+r.n)))
		r.linger()
		return false
	})
	r := watch(t, web("http", address, "/#interval=100ms"))
	r.awaitFrames(5)
	r.awaitState(camera.Live, "")
}

func stillsOverOneConnection(t *testing.T) {
	for _, chunked := range []bool{false, true} {
		dials := make(chan int, 1000)
		address := quirky(t, func(r *request) bool {
			dials <- r.dial
			p := string(picture(t, 16+r.n))
			head := fmt.Sprintf("HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n", len(p))
			if chunked {
				head, p = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", fmt.Sprintf("%x\r\n%s\r\n0\r\n\r\n", len(p), p)
			}
			r.send(head, p)
			return !r.Close && r.n != 4 // the fifth is the last on its connection, which it does not say
		})
		r := watch(t, web("http", address, "/#interval=100ms"))
		r.awaitFrames(8)
		var got []int
		for range 8 {
			got = append(got, <-dials)
		}
		if want := "[0 1 1 1 1 2 2 2]"; fmt.Sprint(got) != want {
			t.Errorf("requests on connections %v, want %v", got, want)
		}
		r.mu.Lock()
		if r.status.State != camera.Live || len(r.said) > 4 {
			t.Errorf("%v; told %q", r.status, r.said)
		}
		r.mu.Unlock()
	}
}

// unchangedStill is no new frame.
func unchangedStill(t *testing.T) {
	t.Parallel()
	for _, validators := range []string{"", "ETag: \"a\"\r\n", "Last-Modified: Mon, 02 Jan 2006 15:04:05 GMT\r\n"} {
		asked := make(chan *http.Request, 1000)
		address := quirky(t, func(r *request) bool {
			asked <- r.Request
			p := string(picture(t, 16+r.n/12*8)) // another one each 12 requests
			fresh := r.n%12 == 0
			if !fresh && validators != "" && (r.Header.Get("If-None-Match") != "" || r.Header.Get("If-Modified-Since") != "") {
				r.send("HTTP/1.1 304 Not Modified\r\nConnection: close\r\n\r\n")
			} else {
				r.send("HTTP/1.1 200 OK\r\nConnection: close\r\n", validators, "\r\n", p)
			}
			return false
		})
		r := watch(t, web("http", address, "/#interval=100ms"))
		r.awaitFrames(2)
		r.awaitState(camera.Live, "")
		if n := len(asked); n < 13 {
			t.Errorf("2 frames after %d requests", n)
		}
		first, second := <-asked, <-asked
		if first.Header.Get("If-None-Match")+first.Header.Get("If-Modified-Since") != "" {
			t.Errorf("the first request is for a change already: %v", first.Header)
		}
		conditions := ""
		if e := second.Header.Get("If-None-Match"); e != "" {
			conditions += "ETag: " + e + "\r\n"
		}
		if m := second.Header.Get("If-Modified-Since"); m != "" {
			conditions += "Last-Modified: " + m + "\r\n"
		}
		if conditions != validators {
			t.Errorf("the second request has %q, want %q", conditions, validators)
		}
	}
}

// alwaysUnchanged has an ETag that is made of the name.
func alwaysUnchanged(t *testing.T) {
	address := quirky(t, func(r *request) bool {
		if r.Header.Get("If-None-Match") != "" {
			r.send("HTTP/1.1 304 Not Modified\r\n\r\n")
		} else {
			r.send("HTTP/1.1 200 OK\r\nETag: \"snap.jpg\"\r\n\r\n", string(picture(t, 16+r.n)))
		}
		return false
	})
	r := watch(t, web("http", address, "/#interval=100ms"))
	r.awaitFrames(2) // found out
	r.mu.Lock()
	known := len(r.frames)
	r.mu.Unlock()
	r.awaitFrames(known + 5) // and not asked again
	r.mu.Lock()
	defer r.mu.Unlock()
	if d := r.frames[known+4].At.Sub(r.frames[known].At); d > 3*time.Second {
		t.Errorf("5 frames took %v", d)
	}
}
