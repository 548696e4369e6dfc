package camera_test

import (
	"fmt"
	"net"
	"strings"
	"testing"

	"traycam/streaming/camera"
)

// pictureless are the ways in which something at a camera's address sends no picture.
func pictureless() (all []quirk) {
	ok := "HTTP/1.1 200 OK\r\nConnection: close\r\n"
	for _, c := range []struct{ name, seen, answer, words string }{
		{"nothing", "ESP32-CAM that serves somebody else (easytarget/esp32-cam-webserver#51)", "", "hangs up at once. It may be serving somebody else"},
		{"a part of a head", "variation of the last", "HTTP/1.1 200 OK\r\nContent-", "broke off"},
		{"a head without a body", "variation of the last", ok + "\r\n", "hangs up at once"},
		{"an empty picture", "ustreamer with zero_data (source:pikvm/ustreamer:src/ustreamer/http/server.c)", ok + "Content-Length: 0\r\nContent-Type: image/jpeg\r\n\r\n", "sends an empty picture"},
		{"a multipart that ends at once", "OpenCentauri/cc-fw-tools#108", mixed("x"), "hangs up at once"},
		{"403", "RFC 9110, 15.5.4", "HTTP/1.1 403 Forbidden\r\n\r\n", "does not let this user see its picture"},
		{"404", "RFC 9110, 15.5.5", "HTTP/1.1 404 Not Found\r\n\r\n<title>404</title>", "has no picture at this address; is the path right?"},
		{"503", "RFC 9110, 15.6.4", "HTTP/1.0 503 Service Unavailable\r\n\r\n", "is busy, perhaps with somebody else, since many cameras allow one viewer: it answered “503 Service Unavailable”"},
		{"500", "ESP32-CAM whose capture failed (source:espressif/arduino-esp32:libraries/ESP32/examples/Camera/CameraWebServer/app_httpd.cpp)", "HTTP/1.0 500 Oops\r\n\r\n", "has trouble of its own: it answered “500 Oops”"},
		{"418 with the password", "RFC 9110, 15 allows it", "HTTP/1.0 418 me:" + password + " is\x1b[1m tea" + strings.Repeat("!", 200) + "\r\n\r\n", "it answered “418 me:… is[1m tea!!"},
		{"304 that nobody asked for", "RFC 9110, 15.4.5 forbids it", "HTTP/1.0 304 Not Modified\r\n\r\n", "refuses to send its picture"},
		{"a status that is no number", "RFC 9112, 4 forbids it", "HTTP/1.0 OK\r\n\r\n", "is not a web camera"},
		{"a line that is too long", "RFC 9110, 5.4 sets no limit", "HTTP/1.0 200 OK\r\nX: " + strings.Repeat("x", 9<<10) + "\r\n\r\n", "is not a web camera"},
		{"too many lines", "RFC 9110, 5.4 sets no limit", "HTTP/1.0 200 OK\r\n" + strings.Repeat("X: "+strings.Repeat("x", 1000)+"\r\n", 66) + "\r\n", "is not a web camera"},
		{"a web page", "DroidCam without its path (sarxos/webcam-capture#601), Reolink (JimStar/reolink_cctv#200)", ok + "Content-Type: text/html\r\n\r\n<!-- me --><HTML><Head><Title lang=de>\n Caméra &amp; " + password + "\n</title></head>", "is not a picture but a web page titled “Caméra & …”"},
		{"a web page at the end of 60 KB", "variation of the last", ok + "\r\n<!doctype html>" + strings.Repeat(" ", 60<<10) + "<title>Login</title>", "a web page titled “Login”"},
		{"an endless web page", "variation of the last", ok + "\r\n<!doctype html>" + strings.Repeat("<p>", 1<<20), "is not a picture but a web page."},
		{"JSON", "imaginevision/Z-Camera-Doc#10", ok + "Content-Type: image/jpeg\r\nContent-Length: 12\r\n\r\n{\"error\": 1}", "looks like JSON"},
		{"MP4", "a wrong path; go2rtc's frame.mp4 (NickM-27/swatch#54)", ok + "\r\n\x00\x00\x00\x18ftypisom" + strings.Repeat("\x00", 100<<10), "looks like an MP4 file"},
		{"MPEG", "a wrong path; variation of AlexxIT/go2rtc#545", ok + "Transfer-Encoding: chunked\r\n\r\n5\r\n\x00\x00\x01\xb3x\r\n0\r\n\r\n", "looks like H.264, H.265 or MPEG video"},
		{"an RTSP camera", "a wrong port; RFC 7826", "RTSP/1.0 400 Bad Request\r\n\r\n", "looks like an RTSP camera"},
		{"words", "RFC 9110 allows it", ok + "\r\nno picture yet", "is not a picture. Is the path right?"},
		{"half a picture", "variation of espressif/esp32-camera#162", ok + "Content-Type: image/jpeg\r\n\r\n" + string(still(16)[:200]), "arrive broken or cut short"},
		{"a chunk without a length", "RFC 9112, 7.1 forbids it", ok + "Transfer-Encoding: chunked\r\n\r\n5\r\nhelloworld\r\n", "is not a picture"},
		{"a TLS alert", "RFC 8446, 6; a wrong scheme", "\x15\x03\x01\x00\x02\x02\x0a", "Use https://"},
		{"400 with a hint", "nginx and Go on a port for TLS", "HTTP/1.1 400 Bad Request\r\n\r\nThe plain HTTP request was sent to HTTPS port", "Use https://"},
		{"a redirect to nowhere", "RFC 9110, 15.4 forbids it", "HTTP/1.1 302 Found\r\n\r\n", "has moved, but not where"},
		{"a redirect to RTSP", "RFC 9110, 15.4 allows it", "HTTP/1.1 302 Found\r\nLocation: rtsp://me:s3cr3t@10.0.0.7/\r\n\r\n", "of another kind, “rtsp:”"},
		{"a redirect to itself", "RFC 9110, 15.4 warns of it", "HTTP/1.1 301 Moved\r\nLocation: ?me\r\n\r\n", "leads on again and again"},
		{"H.264 in its parts", "AlexxIT/go2rtc#545", mixed("x") + "--data-boundary--\r\nContent-Type: video/x-h264\r\nContent-Length: 33602\r\nX-UtcTime:1690526144\r\nX-Timestamp: 295528.317000\r\nX-Audio: 1\r\nX-FrameType: 0\r\nX-FrameRate: 15.0\r\nX-Video-Detection: 0\r\n\r\n\x00\x00\x00\x01\x67\x42\x00\x1f" + strings.Repeat("\x00\x00\x01", 100), "is not JPEG pictures, but looks like H.264 or H.265 video"},
	} {
		all = append(all, quirk{name: c.name, seen: c.seen, says: strings.ReplaceAll(c.words, password, "…"), test: func(t *testing.T) {
			sends(t, c.answer, c.words)
		}})
	}
	return all
}

// sends has a camera that answers and hangs up, of which people read these words.
func sends(t *testing.T, answer, words string) {
	address := quirky(t, func(r *request) bool {
		r.send(answer)
		// What was sent has to arrive before the end does.
		r.conn.(*net.TCPConn).CloseWrite()
		r.linger()
		return false
	})
	r := watch(t, web("http", address, "/?pwd="+password))
	r.awaitState(camera.Retrying, words)
	r.mu.Lock()
	defer r.mu.Unlock()
	if public := r.status.Reason.Public(); strings.Contains(public, address) {
		t.Errorf("viewers are told %q", public)
	}
}

func TestWebCameraThatIsNotThere(t *testing.T) {
	r := watch(t, web("http", fmt.Sprintf("127.0.0.1:%d", freePort(t)), "/"))
	r.awaitState(camera.Retrying, "Nobody listens on 127.0.0.1:")
	r = watch(t, web("https", "no-such-camera.invalid", "/"))
	r.await("a reason", func() bool {
		return strings.Contains(r.status.Reason.String(), "no-such-camera.invalid")
	})
}

func breaksOff(t *testing.T) {
	pictures := three(t)
	address := quirky(t, func(r *request) bool {
		r.send(mixed("x"), "--x\r\n\r\n", pictures[r.n%3], "\r\n--x\r\n\r\n", pictures[2][:100])
		return false
	})
	r := watch(t, "http://"+address)
	r.awaitState(camera.Retrying, "ended the connection")
	r.awaitFrames(2)
}

func TestSilentWebCamerasAreStalled(t *testing.T) {
	if testing.Short() {
		t.Skip("takes the 10 s after which a camera is stalled")
	}
	t.Parallel()
	for _, c := range []struct{ name, answer, words string }{
		{"no answer", "", "connected but does not answer"},
		{"half a head", "HTTP/1.1 200 OK\r\n", "connected but does not answer"},
		{"no body", "HTTP/1.1 200 OK\r\n\r\n", "connected but sends nothing"},
		{"half a picture", mixed("x") + string(picture(t, 16)[:100]), "no whole picture in 10 seconds"},
		{"a picture and no other", mixed("x") + string(picture(t, 16)), "has stopped sending pictures"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			address := quirky(t, func(r *request) bool {
				r.send(c.answer)
				r.linger()
				return false
			})
			watch(t, web("http", address, "/")).awaitState(camera.Stalled, c.words)
		})
	}
}

func redirects(t *testing.T) {
	frame := string(picture(t, 16))
	for _, code := range []string{"301", "302", "303", "307", "308"} {
		address := quirky(t, func(r *request) bool {
			switch r.URL.Path {
			case "/5":
				r.send(mixed("x"), frame)
				r.linger()
			default:
				r.send("HTTP/1.1 " + code + " Moved\r\nLocation: " + string(r.URL.Path[1]+1) + "\r\nContent-Length: 9\r\n\r\nelsewhere")
			}
			return false
		})
		watch(t, "http://"+address+"/0").awaitFrames(1)
	}
}

func redirectsWithoutPassword(t *testing.T) {
	frame := string(picture(t, 16))
	for _, asks := range []bool{false, true} {
		leaked := make(chan string, 100)
		other := quirky(t, func(r *request) bool {
			if a := r.Header["Authorization"]; len(a) > 0 {
				leaked <- a[0]
			}
			if strings.Contains(r.RequestURI, "s3cr3t") || r.Header.Get("Referer") != "" {
				leaked <- r.RequestURI
			}
			if asks {
				r.send("HTTP/1.1 401 No\r\nWWW-Authenticate: Basic realm=x\r\n\r\n")
			} else {
				r.send(mixed("x"), frame)
				r.linger()
			}
			return false
		})
		home := quirky(t, func(r *request) bool {
			if user, pass, _ := r.BasicAuth(); user != "me" || pass != password {
				r.send("HTTP/1.1 401 No\r\nWWW-Authenticate: Basic realm=x\r\n\r\n")
			} else {
				r.send("HTTP/1.1 302 Found\r\nLocation: //you:too@" + other + "/\r\n\r\n")
			}
			return false
		})
		r := watch(t, web("http", home, "/"))
		if asks {
			r.awaitState(camera.Retrying, "leads on to "+other+", which wants a user name and a password")
			if public := r.status.Reason.Public(); !strings.Contains(public, "leads on to another one") {
				t.Errorf("viewers are told %q", public)
			}
		} else {
			r.awaitFrames(1)
		}
		select {
		case l := <-leaked:
			t.Errorf("another camera was told %q", l)
		default:
		}
	}
}
