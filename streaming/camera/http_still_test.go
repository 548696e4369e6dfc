package camera_test

import (
	"bytes"
	"fmt"
	"net/http"
	"testing"
	"time"

	"traycam/streaming/camera"
)

func TestStills(t *testing.T) {
	pictures := three(t)
	size := len(pictures[0])
	for _, c := range []struct{ name, head, behind string }{
		{"as they should be", fmt.Sprintf("HTTP/1.1 200 OK\r\nContent-Type: image/jpeg\r\nContent-Length: %d\r\n\r\n", size), ""},
		{"of no type", fmt.Sprintf("HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n", size), ""},
		{"of the wrong type", fmt.Sprintf("HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: %d\r\n\r\n", size), ""},
		{"as octets", "HTTP/1.0 200 OK\r\nContent-Type: application/octet-stream\r\n\r\n", ""},
		{"without a head", "", ""},
		{"padded length", fmt.Sprintf("HTTP/1.0 200 OK\r\nContent-Length:     %d  \r\n\r\n", size), ""},
		{"length too small", "HTTP/1.0 200 OK\r\nContent-Length: 10\r\n\r\n", ""},
		{"length too large", "HTTP/1.0 200 OK\r\nContent-Length: 99999\r\n\r\n", ""},
		{"length that is none", "HTTP/1.0 200 OK\r\nContent-Length: -1\r\n\r\n", ""},
		{"junk behind", "HTTP/1.0 200 OK\r\n\r\n", "\r\n\x00\x00\x00"},
		{"chunked", fmt.Sprintf("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n%x\r\n", size), "\r\n0\r\n\r\n"},
		{"chunked with a length", fmt.Sprintf("HTTP/1.1 200 OK\r\nContent-Length: 7\r\nTransfer-Encoding: chunked\r\n\r\n%x\n", size), "\n0\n"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			address := quirky(t, func(r *request) bool {
				r.send(c.head, pictures[r.n%3], c.behind)
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
		})
	}
}

// TestStillFromACameraThatStaysConnected has a server that neither says how long
// the picture is nor hangs up.
func TestStillFromACameraThatStaysConnected(t *testing.T) {
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

func TestStillsOverOneConnection(t *testing.T) {
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

func TestUnchangedStillIsNoNewFrame(t *testing.T) {
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

// TestCameraThatAlwaysSaysUnchanged has an ETag that is made of the name.
func TestCameraThatAlwaysSaysUnchanged(t *testing.T) {
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
