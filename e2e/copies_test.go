package e2e

import (
	"bytes"
	"crypto/sha256"
	"fmt"
	"image"
	"image/color"
	"image/jpeg"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"syscall"
	"testing"
	"time"
)

// One Traycam is a camera of another: what comes out of the second is what went
// into the first, to the bit, and both survive that the first is gone for a while.
func TestTraycamAsCameraOfTraycam(t *testing.T) {
	camera, viewers := freePort(t), fmt.Sprint(freePort(t))
	config := fmt.Sprintf("[[cameras]]\nid = \"cam\"\nname = \"Cam\"\nurl = \"tcp://127.0.0.1:%d?listen\"\n", camera)
	first := startHeadless(t, config, "--port", viewers)
	first.awaitCamera("cam", "waiting")
	second := startHeadless(t, "", "--camera", "Copy="+first.url+"cameras/cam/stream.mjpg")
	view, err := second.watch("copy")
	if err != nil {
		t.Fatal(err)
	}
	defer view.body.Close()

	conn := connect(t, camera)
	n := 0
	show := func(times int) { // one after the other, so that nobody may skip one
		t.Helper()
		for range times {
			n++
			sent := grey(t, n)
			if _, err := conn.Write(sent); err != nil {
				t.Fatal(err)
			}
			view.await(t, fmt.Sprintf("picture %d", n), sha256.Sum256(sent))
		}
	}
	show(25)

	// The camera of the first goes: its offline picture is what the second shows.
	direct, err := first.watch("cam")
	if err != nil {
		t.Fatal(err)
	}
	defer direct.body.Close()
	last := sha256.Sum256(grey(t, n))
	conn.Close()
	offline, err := direct.next(nil)
	for err == nil && sha256.Sum256(offline) == last {
		offline, err = direct.next(nil)
	}
	if err != nil {
		t.Fatal(err)
	}
	if c, err := jpeg.DecodeConfig(bytes.NewReader(offline)); err != nil || c.Width != 320 || c.Height != 240 {
		t.Errorf("the offline picture is %d×%d: %v", c.Width, c.Height, err)
	}
	view.await(t, "the offline picture", sha256.Sum256(offline))
	conn = connect(t, camera)
	show(2)

	// The first ends, and comes back. The second's viewer stays.
	first.cmd.Process.Signal(syscall.SIGTERM)
	first.mustExit()
	second.awaitCamera("copy", "retrying")
	first = startHeadless(t, config, "--port", viewers)
	first.awaitCamera("cam", "waiting")
	conn = connect(t, camera)
	n++
	if _, err := conn.Write(grey(t, n)); err != nil { // seen once the second has connected anew
		t.Fatal(err)
	}
	view.await(t, "a picture of the first, come back", sha256.Sum256(grey(t, n)))
	show(5)
	if s, err := second.state(); err != nil || s.Cameras[0].Dropped != 0 {
		t.Errorf("%+v, %v", s, err)
	}
}

// await reads parts until one has this hash.
func (p *parts) await(t *testing.T, what string, want [32]byte) {
	t.Helper()
	timeout := time.AfterFunc(30*time.Second, func() { p.body.Close() })
	defer timeout.Stop()
	for {
		part, err := p.next(nil)
		if err != nil {
			t.Fatalf("waited for %s: %v", what, err)
		}
		if sha256.Sum256(part) == want {
			return
		}
	}
}

func connect(t *testing.T, port int) net.Conn {
	t.Helper()
	conn, err := net.Dial("tcp", fmt.Sprintf("127.0.0.1:%d", port))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	return conn
}

// grey is the nth of pictures that are all different.
func grey(t *testing.T, n int) []byte {
	t.Helper()
	m := image.NewGray(image.Rect(0, 0, 320, 240))
	for i := range m.Pix {
		m.Pix[i] = uint8(i*n + i/320)
	}
	m.SetGray(n%320, n/320, color.Gray{Y: 255})
	var b bytes.Buffer
	if err := jpeg.Encode(&b, m, nil); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// A camera's password is told to nobody, whether it is right or wrong.
func TestPasswordsAreToldToNobody(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, password, _ := r.BasicAuth()
		if r.URL.Path == "/basic" && password == "s3cr3t" {
			w.Write(grey(t, 1))
			return
		}
		challenge := `Digest realm="x", nonce="y", qop="auth"`
		if r.URL.Path == "/basic" {
			challenge = "Basic realm=x"
		}
		w.Header().Set("WWW-Authenticate", challenge)
		w.WriteHeader(http.StatusUnauthorized)
	}))
	defer server.Close()
	address := strings.TrimPrefix(server.URL, "http://")
	p := startHeadless(t, "", "--log-level", "debug",
		"--camera", "Right=http://me:s3cr3t@"+address+"/basic",
		"--camera", "Wrong=http://me:s3cr3t-2@"+address+"/basic",
		"--camera", "Digest=http://me:s3cr3t-3@"+address+"/digest")
	p.awaitCamera("right", "live")
	p.awaitCamera("wrong", "retrying")
	p.awaitCamera("digest", "retrying")
	for _, path := range []string{"state", "metrics", "", "cameras/wrong", "share"} {
		response, err := http.Get(p.url + path)
		if err != nil {
			t.Fatal(err)
		}
		text, err := io.ReadAll(response.Body)
		response.Body.Close()
		if err != nil || strings.Contains(string(text), "s3cr3t") {
			t.Errorf("/%s tells the password, or %v", path, err)
		}
	}
	if strings.Contains(p.log(), "s3cr3t") {
		t.Error("the log tells the password")
	}
}
