package camera_test

import (
	"fmt"
	"net"
	"strings"
	"testing"

	"traycam/streaming/camera"
)

func TestWebCameraThatSendsNoPicture(t *testing.T) {
	ok := "HTTP/1.1 200 OK\r\nConnection: close\r\n"
	for _, c := range []struct{ name, answer, words string }{
		{"nothing", "", "hangs up at once. It may be serving somebody else"},
		{"a part of a head", "HTTP/1.1 200 OK\r\nContent-", "broke off"},
		{"a head without a body", ok + "\r\n", "hangs up at once"},
		{"an empty picture", ok + "Content-Length: 0\r\nContent-Type: image/jpeg\r\n\r\n", "sends an empty picture"},
		{"a multipart that ends at once", mixed("x"), "hangs up at once"},
		{"403", "HTTP/1.1 403 Forbidden\r\n\r\n", "does not let this user see its picture"},
		{"404", "HTTP/1.1 404 Not Found\r\n\r\n<title>404</title>", "has no picture at this address; is the path right?"},
		{"503", "HTTP/1.0 503 Service Unavailable\r\n\r\n", "is busy, perhaps with somebody else, since many cameras allow one viewer: it answered “503 Service Unavailable”"},
		{"500", "HTTP/1.0 500 Oops\r\n\r\n", "has trouble of its own: it answered “500 Oops”"},
		{"418 with the password", "HTTP/1.0 418 me:" + password + " is\x1b[1m tea" + strings.Repeat("!", 200) + "\r\n\r\n", "it answered “418 me:… is[1m tea!!"},
		{"304 that nobody asked for", "HTTP/1.0 304 Not Modified\r\n\r\n", "refuses to send its picture"},
		{"a status that is no number", "HTTP/1.0 OK\r\n\r\n", "is not a web camera"},
		{"a line that is too long", "HTTP/1.0 200 OK\r\nX: " + strings.Repeat("x", 9<<10) + "\r\n\r\n", "is not a web camera"},
		{"too many lines", "HTTP/1.0 200 OK\r\n" + strings.Repeat("X: "+strings.Repeat("x", 1000)+"\r\n", 66) + "\r\n", "is not a web camera"},
		{"a web page", ok + "Content-Type: text/html\r\n\r\n<!-- me --><HTML><Head><Title lang=de>\n Caméra &amp; " + password + "\n</title></head>", "is not a picture but a web page titled “Caméra & …”"},
		{"a web page at the end of 60 KB", ok + "\r\n<!doctype html>" + strings.Repeat(" ", 60<<10) + "<title>Login</title>", "a web page titled “Login”"},
		{"an endless web page", ok + "\r\n<!doctype html>" + strings.Repeat("<p>", 1<<20), "is not a picture but a web page."},
		{"JSON", ok + "Content-Type: image/jpeg\r\nContent-Length: 12\r\n\r\n{\"error\": 1}", "looks like JSON"},
		{"MP4", ok + "\r\n\x00\x00\x00\x18ftypisom" + strings.Repeat("\x00", 100<<10), "looks like an MP4 file"},
		{"MPEG", ok + "Transfer-Encoding: chunked\r\n\r\n5\r\n\x00\x00\x01\xb3x\r\n0\r\n\r\n", "looks like H.264, H.265 or MPEG video"},
		{"an RTSP camera", "RTSP/1.0 400 Bad Request\r\n\r\n", "looks like an RTSP camera"},
		{"words", ok + "\r\nno picture yet", "is not a picture. Is the path right?"},
		{"half a picture", ok + "Content-Type: image/jpeg\r\n\r\n" + string(picture(t, 16)[:200]), "arrive broken or cut short"},
		{"a chunk without a length", ok + "Transfer-Encoding: chunked\r\n\r\n5\r\nhelloworld\r\n", "is not a picture"},
		{"a TLS alert", "\x15\x03\x01\x00\x02\x02\x0a", "Use https://"},
		{"400 with a hint", "HTTP/1.1 400 Bad Request\r\n\r\nThe plain HTTP request was sent to HTTPS port", "Use https://"},
		{"a redirect to nowhere", "HTTP/1.1 302 Found\r\n\r\n", "has moved, but not where"},
		{"a redirect to RTSP", "HTTP/1.1 302 Found\r\nLocation: rtsp://me:s3cr3t@10.0.0.7/\r\n\r\n", "of another kind, “rtsp:”"},
		{"a redirect to itself", "HTTP/1.1 301 Moved\r\nLocation: ?me\r\n\r\n", "leads on again and again"},
		{"a password in an unknown way", "HTTP/1.1 401 No\r\nWWW-Authenticate: NTLM\r\nWWW-Authenticate: Digest realm=x, nonce=y, algorithm=MD6\r\n\r\n", "does not know: “ntlm, digest MD6”"},
		{"a password in no way", "HTTP/1.1 401 No\r\n\r\n", "does not say in which way"},
	} {
		t.Run(c.name, func(t *testing.T) {
			address := quirky(t, func(r *request) bool {
				r.send(c.answer)
				// What was sent has to arrive before the end does.
				r.conn.(*net.TCPConn).CloseWrite()
				r.linger()
				return false
			})
			r := watch(t, web("http", address, "/?pwd="+password))
			r.awaitState(camera.Retrying, c.words)
			r.mu.Lock()
			defer r.mu.Unlock()
			if public := r.status.Reason.Public(); strings.Contains(public, address) {
				t.Errorf("viewers are told %q", public)
			}
		})
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

func TestWebCameraThatBreaksOff(t *testing.T) {
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

func TestRedirects(t *testing.T) {
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

func TestRedirectsDoNotCarryThePassword(t *testing.T) {
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
