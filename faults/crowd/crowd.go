// Package crowd is cameras that drop and viewers that come and go, for the tests
// of what months do to Traycam. Only tests import it.
package crowd

import (
	"bytes"
	"context"
	"encoding/binary"
	"fmt"
	"image"
	"image/jpeg"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/coder/websocket"
)

// Camera is one as Traycam's settings have it.
type Camera struct{ ID, URL string }

// Crowd is cameras and viewers of a Traycam.
type Crowd struct {
	Cameras []Camera
	picture []byte

	// What they did so far.
	Drops, Visits atomic.Int64

	cancel  context.CancelFunc
	running sync.WaitGroup
}

// kinds are how a camera's pictures come. Each runs for one life of the camera.
var kinds = []string{"tcp", "listen", "http", "still", "push"}

// New makes a crowd with so many cameras, which are not there before Begin.
func New(t testing.TB, cameras int) *Crowd {
	t.Helper()
	c := &Crowd{}
	var b bytes.Buffer
	m := image.NewYCbCr(image.Rect(0, 0, 320, 240), image.YCbCrSubsampleRatio420)
	for i := range m.Y {
		m.Y[i] = byte(i * 7919 >> 4)
	}
	if err := jpeg.Encode(&b, m, nil); err != nil {
		t.Fatal(err)
	}
	c.picture = b.Bytes()
	for n := range cameras {
		camera := Camera{ID: fmt.Sprintf("camera-%d", n)}
		address := freeAddress(t)
		switch kinds[n%len(kinds)] {
		case "tcp":
			camera.URL = "tcp://" + address
		case "listen":
			camera.URL = "tcp://" + address + "?listen"
		case "http":
			camera.URL = "http://" + address + "/video"
		case "still":
			camera.URL = "http://" + address + "/still#interval=100ms"
		case "push":
			camera.URL = "push:"
		}
		c.Cameras = append(c.Cameras, camera)
	}
	return c
}

func freeAddress(t testing.TB) string {
	t.Helper()
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer ln.Close()
	return ln.Addr().String()
}

// Begin lets the cameras send and so many viewers watch at url, the page's address without a slash.
func (c *Crowd) Begin(url string, viewers int) {
	ctx, cancel := context.WithCancel(context.Background())
	c.cancel = cancel
	for n, camera := range c.Cameras {
		c.running.Go(func() { c.drop(ctx, n, camera, url) })
	}
	for n := range viewers {
		c.running.Go(func() { c.come(ctx, n, url) })
	}
}

// End lets all of them go and waits until they have.
func (c *Crowd) End() {
	c.cancel()
	c.running.Wait()
}

// drop is a camera that is there for 2 to 6 s, and then gone for up to 1 s.
func (c *Crowd) drop(ctx context.Context, n int, camera Camera, url string) {
	address := strings.TrimPrefix(strings.TrimPrefix(camera.URL, "tcp://"), "http://")
	address, _, _ = strings.Cut(address, "?")
	address, _, _ = strings.Cut(address, "/")
	for ctx.Err() == nil {
		life, end := context.WithTimeout(ctx, 2*time.Second+rand.N(4*time.Second))
		switch kinds[n%len(kinds)] {
		case "tcp", "http", "still":
			c.serve(life, address)
		case "listen":
			c.connect(life, address, "")
		case "push":
			host := strings.TrimPrefix(url, "http://")
			c.connect(life, host, "POST /cameras/"+camera.ID+"/frames HTTP/1.1\r\nHost: "+host+"\r\nContent-Length: 100000000000\r\n\r\n")
		}
		end()
		c.Drops.Add(1)
		rest(ctx, rand.N(time.Second))
	}
}

func rest(ctx context.Context, d time.Duration) {
	select {
	case <-ctx.Done():
	case <-time.After(d):
	}
}

// serve answers whoever connects with pictures.
func (c *Crowd) serve(ctx context.Context, address string) {
	ln, err := net.Listen("tcp", address)
	if err != nil {
		rest(ctx, 100*time.Millisecond)
		return
	}
	defer context.AfterFunc(ctx, func() { ln.Close() })()
	var serving sync.WaitGroup
	defer serving.Wait()
	for {
		conn, err := ln.Accept()
		if err != nil {
			return
		}
		serving.Go(func() {
			defer conn.Close()
			defer context.AfterFunc(ctx, func() { conn.Close() })()
			conn.SetReadDeadline(time.Now().Add(100 * time.Millisecond)) // tcp: cameras are asked nothing
			request := make([]byte, 1024)
			length, _ := conn.Read(request)
			if strings.HasPrefix(string(request[:length]), "GET /still") {
				fmt.Fprintf(conn, "HTTP/1.0 200 OK\r\nContent-Type: image/jpeg\r\nContent-Length: %d\r\n\r\n%s", len(c.picture), c.numbered())
				return
			}
			io.WriteString(conn, "HTTP/1.0 200 OK\r\nContent-Type: multipart/x-mixed-replace;boundary=b\r\n\r\n")
			c.film(ctx, conn, fmt.Sprintf("--b\r\nContent-Type: image/jpeg\r\nContent-Length: %d\r\n\r\n", len(c.picture)))
		})
	}
}

// numbered is the picture with a change that makes it another one.
func (c *Crowd) numbered() []byte {
	b := bytes.Clone(c.picture)
	b[len(b)-3] = byte(rand.N(128))
	return b
}

// film sends 10 pictures a second, one in 50 of which breaks off.
func (c *Crowd) film(ctx context.Context, conn io.Writer, head string) {
	for ctx.Err() == nil {
		b := c.picture
		if rand.N(50) == 0 {
			b = b[:len(b)/2]
		}
		if _, err := io.WriteString(conn, head+string(b)); err != nil {
			return
		}
		rest(ctx, 100*time.Millisecond)
	}
}

// connect sends pictures behind head.
func (c *Crowd) connect(ctx context.Context, address, head string) {
	conn, err := net.Dial("tcp", address)
	if err != nil {
		rest(ctx, 100*time.Millisecond)
		return
	}
	defer conn.Close()
	defer context.AfterFunc(ctx, func() { conn.Close() })()
	if _, err := io.WriteString(conn, head); err == nil {
		c.film(ctx, conn, "")
	}
}

// come is a viewer that stays for up to 5 s, again and again.
func (c *Crowd) come(ctx context.Context, n int, url string) {
	transport := &http.Transport{DisableKeepAlives: true}
	client := &http.Client{Transport: transport}
	defer transport.CloseIdleConnections()
	for ctx.Err() == nil {
		visit, end := context.WithTimeout(ctx, rand.N(5*time.Second))
		camera := url + "/cameras/" + c.Cameras[rand.N(len(c.Cameras))].ID
		switch n % 5 {
		case 0, 1, 2:
			fetch(visit, client, camera+"/stream.mjpg")
		case 3:
			c.page(visit, client, url+"/ws")
		case 4:
			for visit.Err() == nil {
				fetch(visit, client, camera+"/snapshot.jpg")
				rest(visit, 200*time.Millisecond)
			}
		}
		end()
		c.Visits.Add(1)
		rest(ctx, 20*time.Millisecond)
	}
}

func fetch(ctx context.Context, client *http.Client, url string) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return
	}
	response, err := client.Do(request)
	if err != nil {
		return
	}
	defer response.Body.Close()
	io.Copy(io.Discard, response.Body)
}

// page watches five cameras over a WebSocket, as docs/websocket.md has it.
func (c *Crowd) page(ctx context.Context, client *http.Client, url string) {
	conn, _, err := websocket.Dial(ctx, url, &websocket.DialOptions{HTTPClient: client})
	if err != nil {
		rest(ctx, 100*time.Millisecond)
		return
	}
	defer conn.CloseNow()
	conn.SetReadLimit(1 << 20)
	var watch []string
	for n := range 5 {
		watch = append(watch, fmt.Sprintf(`{"camera": %q, "number": %d, "fps": 0}`, c.Cameras[rand.N(len(c.Cameras))].ID, n))
	}
	if conn.Write(ctx, websocket.MessageText, []byte(`{"watch": [`+strings.Join(watch, ", ")+`]}`)) != nil {
		return
	}
	for {
		kind, message, err := conn.Read(ctx)
		if err != nil {
			return
		}
		if kind == websocket.MessageBinary && len(message) >= 20 && binary.BigEndian.Uint16(message[2:])&2 == 0 {
			if conn.Write(ctx, websocket.MessageBinary, append(bytes.Clone(message[:2]), message[4:8]...)) != nil {
				return
			}
		}
	}
}
