package camera_test

import (
	"bytes"
	"fmt"
	"io"
	"net"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/bluenviron/gortsplib/v5"
	"github.com/bluenviron/gortsplib/v5/pkg/description"
	"github.com/bluenviron/gortsplib/v5/pkg/format"
	"github.com/pion/rtp"

	"traycam/streaming/camera"
	"traycam/streaming/camera/rtsptest"
)

func TestRTSPMotionJPEG(t *testing.T) {
	for _, onlyUDP := range []bool{false, true} {
		c := rtsptest.New(t, func(c *rtsptest.Camera) { c.OnlyUDP = onlyUDP })
		want := colours(t, 160, 120)
		c.Film(want)
		r := supervise(t, "rtsp://"+c.Address+"/live")
		r.awaitFrames(5)
		r.awaitState(camera.Live, "")
		r.mu.Lock()
		f := r.frames[4]
		r.mu.Unlock()
		if f.Width != 160 || f.Height != 120 || !samePixels(t, f.JPEG, want) {
			t.Errorf("%d×%d, and not what was sent", f.Width, f.Height)
		}
		if tcp, udp := c.Asked(gortsplib.ProtocolTCP), c.Asked(gortsplib.ProtocolUDP); tcp == 0 || (udp > 0) != onlyUDP {
			t.Errorf("only UDP %v: asked for TCP %d times, for UDP %d times", onlyUDP, tcp, udp)
		}
	}
}

// Of the pictures' headers cameras send what RFC 2435 lets them send.
func TestRTSPHeaders(t *testing.T) {
	const header, tables = 8, 4 + 128
	begins := func(p *rtp.Packet) bool { return bytes.Equal(p.Payload[1:4], []byte{0, 0, 0}) }
	for name, change := range map[string]func(uint32, *rtp.Packet){
		"restart intervals": func(_ uint32, p *rtp.Packet) {
			p.Payload[4] += 64
			p.Payload = slices.Insert(p.Payload, header, 0xFF, 0, 0xFF, 0xFF)
		},
		"tables with every tenth picture": func(n uint32, p *rtp.Packet) {
			p.Payload[5] = 200
			if begins(p) && n%10 != 0 {
				p.Payload = slices.Replace(p.Payload, header, header+tables, 0, 0, 0, 0)
			}
		},
		"broken packets between": func(n uint32, p *rtp.Packet) {
			if n%3 == 0 {
				p.Payload = p.Payload[:min(len(p.Payload), int(n)%10)]
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			c := rtsptest.New(t, nil)
			want := colours(t, 320, 240) // more than one packet
			c.Film(want, change)
			r := supervise(t, "rtsp://"+c.Address+"/live")
			r.awaitFrames(5)
			r.mu.Lock()
			defer r.mu.Unlock()
			for _, f := range r.frames {
				if !samePixels(t, f.JPEG, want) {
					t.Error("a picture is not what was sent")
				}
			}
		})
	}
}

func TestRTSPPictureThatIsTooLarge(t *testing.T) {
	if testing.Short() {
		t.Skip("takes the 10 s after which a camera is stalled")
	}
	t.Parallel()
	c := rtsptest.New(t, nil)
	c.Film(colours(t, 160, 120), func(_ uint32, p *rtp.Packet) { p.Payload[6], p.Payload[7] = 0, 0 })
	supervise(t, "rtsp://"+c.Address+"/live").awaitState(camera.Stalled, "choose a smaller size")
}

func TestRTSPPasswords(t *testing.T) {
	c := rtsptest.New(t, func(c *rtsptest.Camera) { c.User, c.Password = "me", "se@cret/1" })
	c.Film(colours(t, 160, 120))
	for _, login := range []struct{ as, words string }{
		{"me:se%40cret%2F1@", ""},
		{"me:wr%40ng-one@", "does not take this user name and password"},
		{"", "wants a user name and a password"},
	} {
		r := supervise(t, "rtsp://"+login.as+c.Address+"/live")
		if login.words == "" {
			r.awaitFrames(2)
			r.awaitState(camera.Live, "")
			continue
		}
		r.awaitState(camera.Retrying, login.words)
		r.mu.Lock()
		if words := r.status.Reason.String(); strings.Contains(words, "wr@ng") || strings.Contains(words, "wr%40ng") || strings.Contains(r.status.Reason.Public(), "127.0.0.1") {
			t.Errorf("people read %q", words)
		}
		for _, line := range r.logged {
			if strings.Contains(line, "wr@ng") || strings.Contains(line, "wr%40ng") {
				t.Errorf("the log has %q", line)
			}
		}
		r.mu.Unlock()
	}
}

func TestRTSPComesBack(t *testing.T) {
	c := rtsptest.New(t, nil)
	stop := c.Film(colours(t, 160, 120))
	r := supervise(t, "rtsp://"+c.Address+"/live")
	r.awaitFrames(1)
	stop()
	c.Unpublish()
	r.awaitState(camera.Retrying, "")
	c.Film(colours(t, 240, 120))
	r.await("the new size", func() bool { return r.frames[len(r.frames)-1].Width == 240 })
}

func TestRTSPThatCannotBePlayed(t *testing.T) {
	c := rtsptest.New(t, nil)
	c.Publish(description.MediaTypeAudio, &format.G711{PayloadTyp: 8, SampleRate: 8000, ChannelCount: 1})
	busy := rtsptest.New(t, func(c *rtsptest.Camera) { c.Busy = true })
	elsewhere := rtsptest.New(t, func(c *rtsptest.Camera) { c.Redirecting = true })
	for url, words := range map[string]string{
		"rtsp://" + c.Address + "/live":                              "sends no video, only “G711”",
		"rtsp://" + c.Address + "/nothing":                           "nothing at this path",
		"rtsp://" + busy.Address + "/live":                           "busy, perhaps with somebody else, since many cameras allow one viewer: it answered “453 Not Enough Bandwidth”",
		"rtsp://me:secret@" + elsewhere.Address + "/live":            "sends Traycam to another address",
		fmt.Sprintf("rtsp://127.0.0.1:%d/live", freePort(t)):         "Nobody listens on 127.0.0.1:",
		"rtsp://nobody.invalid/live":                                 "nobody.invalid",
		"rtsp://" + answering(t, "HTTP/1.1 400 Bad Request\r\n\r\n"): "does not answer as an RTSP camera",
	} {
		r := supervise(t, url)
		r.awaitState(camera.Retrying, words)
	}
}

// answering is the address of a server that answers with text and hangs up.
func answering(t *testing.T, text string) string {
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	var serving sync.WaitGroup
	serving.Go(func() {
		for {
			conn, err := ln.Accept()
			if err != nil {
				return
			}
			conn.Read(make([]byte, 1024))
			io.WriteString(conn, text)
			conn.Close()
		}
	})
	t.Cleanup(func() { ln.Close(); serving.Wait() })
	return ln.Addr().String()
}

func TestSilentRTSPIsStalled(t *testing.T) {
	if testing.Short() {
		t.Skip("takes the 10 s after which a camera is stalled")
	}
	t.Parallel()
	c := rtsptest.New(t, nil)
	stop := c.Film(colours(t, 160, 120))
	r := supervise(t, "rtsp://"+c.Address+"/live")
	r.awaitFrames(1)
	stop()
	began := time.Now()
	r.awaitState(camera.Stalled, "has stopped sending pictures")
	if after := time.Since(began); after < camera.StallAfter-2*time.Second {
		t.Errorf("stalled after %v already", after)
	}
	if c.Played() < 1 {
		t.Error("it was never played")
	}
}
