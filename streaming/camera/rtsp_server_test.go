package camera_test

import (
	"bytes"
	"fmt"
	"image"
	"image/color"
	stdjpeg "image/jpeg"
	"net"
	"sync"
	"testing"
	"time"

	"github.com/bluenviron/gortsplib/v5"
	"github.com/bluenviron/gortsplib/v5/pkg/auth"
	"github.com/bluenviron/gortsplib/v5/pkg/base"
	"github.com/bluenviron/gortsplib/v5/pkg/description"
	"github.com/bluenviron/gortsplib/v5/pkg/format"
	"github.com/bluenviron/gortsplib/v5/pkg/liberrors"
	"github.com/pion/rtp"
)

// rtspCamera is an RTSP server at rtsp://address/live. It sends what the test or
// a program publishes.
type rtspCamera struct {
	t                    *testing.T
	server               *gortsplib.Server
	address              string
	user, password       string // for viewers; "": anybody
	onlyUDP, redirecting bool

	mu sync.Mutex
	// Guarded by mu.
	stream    *gortsplib.ServerStream
	publisher *gortsplib.ServerSession
	plays     int
	protocols map[gortsplib.Protocol]int // of SETUPs
}

func newRTSPCamera(t *testing.T, change func(*rtspCamera)) *rtspCamera {
	t.Helper()
	c := &rtspCamera{t: t, protocols: map[gortsplib.Protocol]int{}}
	if change != nil {
		change(c)
	}
	for try := 0; ; try++ {
		c.address = fmt.Sprintf("127.0.0.1:%d", freePort(t))
		udp := freeUDPPair(t)
		c.server = &gortsplib.Server{
			Handler: c, RTSPAddress: c.address, AuthMethods: []auth.VerifyMethod{auth.VerifyMethodDigestMD5},
			UDPRTPAddress: fmt.Sprintf("127.0.0.1:%d", udp), UDPRTCPAddress: fmt.Sprintf("127.0.0.1:%d", udp+1),
		}
		err := c.server.Start()
		if err == nil {
			break
		}
		if try > 10 {
			t.Fatal(err)
		}
	}
	t.Cleanup(func() {
		c.server.Close()
		c.unpublish()
	})
	return c
}

// freeUDPPair is an even port that was free a moment ago, and the next one too.
func freeUDPPair(t *testing.T) int {
	t.Helper()
	for {
		first, err := net.ListenPacket("udp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		port := first.LocalAddr().(*net.UDPAddr).Port
		second, err := net.ListenPacket("udp", fmt.Sprintf("127.0.0.1:%d", port+1))
		first.Close()
		if err == nil {
			second.Close()
			if port%2 == 0 {
				return port
			}
		}
	}
}

// publish makes f what the camera has, and returns how to send it.
func (c *rtspCamera) publish(kind description.MediaType, f format.Format) (send func(*rtp.Packet)) {
	c.t.Helper()
	media := &description.Media{Type: kind, Formats: []format.Format{f}}
	c.setStream(&description.Session{Medias: []*description.Media{media}}, nil)
	return func(p *rtp.Packet) {
		c.mu.Lock()
		defer c.mu.Unlock()
		if c.stream != nil {
			c.stream.WritePacketRTP(media, p)
		}
	}
}

func (c *rtspCamera) setStream(session *description.Session, publisher *gortsplib.ServerSession) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.stream = &gortsplib.ServerStream{Server: c.server, Desc: session}
	if err := c.stream.Initialize(); err != nil {
		c.t.Error(err)
	}
	c.publisher = publisher
}

func (c *rtspCamera) unpublish() {
	c.mu.Lock()
	stream := c.stream
	c.stream = nil
	c.mu.Unlock()
	if stream != nil {
		stream.Close()
	}
}

// film sends image again and again as Motion JPEG, until the test ends or stop is
// called. Each packet goes through change first, with the number of its picture.
func (c *rtspCamera) film(image []byte, change ...func(n uint32, p *rtp.Packet)) (stop func()) {
	c.t.Helper()
	f := &format.MJPEG{}
	send := c.publish(description.MediaTypeVideo, f)
	encoder, err := f.CreateEncoder()
	if err != nil {
		c.t.Fatal(err)
	}
	end := make(chan struct{})
	var filming sync.WaitGroup
	filming.Go(func() {
		tick := time.NewTicker(40 * time.Millisecond)
		defer tick.Stop()
		for n := uint32(0); ; n++ {
			packets, err := encoder.Encode(image)
			if err != nil {
				c.t.Error(err)
				return
			}
			for _, p := range packets {
				p.Timestamp = n * 3600
				for _, f := range change {
					f(n, p)
				}
				send(p)
			}
			select {
			case <-tick.C:
			case <-end:
				return
			}
		}
	})
	stop = sync.OnceFunc(func() { close(end); filming.Wait() })
	c.t.Cleanup(stop)
	return stop
}

func (c *rtspCamera) played() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.plays
}

func (c *rtspCamera) refuses(conn *gortsplib.ServerConn, r *base.Request) bool {
	return c.user != "" && !conn.VerifyCredentials(r, c.user, c.password)
}

func (c *rtspCamera) OnDescribe(ctx *gortsplib.ServerHandlerOnDescribeCtx) (*base.Response, *gortsplib.ServerStream, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	switch {
	case c.redirecting:
		return &base.Response{StatusCode: base.StatusFound, Header: base.Header{"Location": {"rtsp://localhost:1/live"}}}, nil, nil
	case c.refuses(ctx.Conn, ctx.Request):
		return &base.Response{StatusCode: base.StatusUnauthorized}, nil, liberrors.ErrServerAuth{}
	case c.stream == nil || ctx.Path != "/live":
		return &base.Response{StatusCode: base.StatusNotFound}, nil, nil
	}
	return &base.Response{StatusCode: base.StatusOK}, c.stream, nil
}

func (c *rtspCamera) OnSetup(ctx *gortsplib.ServerHandlerOnSetupCtx) (*base.Response, *gortsplib.ServerStream, error) {
	if ctx.Session.State() == gortsplib.ServerSessionStatePreRecord {
		return &base.Response{StatusCode: base.StatusOK}, nil, nil
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.protocols[ctx.Transport.Protocol]++
	switch {
	case c.refuses(ctx.Conn, ctx.Request):
		return &base.Response{StatusCode: base.StatusUnauthorized}, nil, liberrors.ErrServerAuth{}
	case c.onlyUDP && ctx.Transport.Protocol == gortsplib.ProtocolTCP:
		return &base.Response{StatusCode: base.StatusUnsupportedTransport}, nil, nil
	case c.stream == nil:
		return &base.Response{StatusCode: base.StatusNotFound}, nil, nil
	}
	return &base.Response{StatusCode: base.StatusOK}, c.stream, nil
}

func (c *rtspCamera) OnPlay(*gortsplib.ServerHandlerOnPlayCtx) (*base.Response, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.plays++
	return &base.Response{StatusCode: base.StatusOK}, nil
}

func (c *rtspCamera) OnAnnounce(ctx *gortsplib.ServerHandlerOnAnnounceCtx) (*base.Response, error) {
	c.unpublish()
	c.setStream(ctx.Description, ctx.Session)
	return &base.Response{StatusCode: base.StatusOK}, nil
}

func (c *rtspCamera) OnRecord(ctx *gortsplib.ServerHandlerOnRecordCtx) (*base.Response, error) {
	ctx.Session.OnPacketRTPAny(func(media *description.Media, _ format.Format, p *rtp.Packet) {
		c.mu.Lock()
		defer c.mu.Unlock()
		if c.stream != nil {
			c.stream.WritePacketRTP(media, p)
		}
	})
	return &base.Response{StatusCode: base.StatusOK}, nil
}

func (c *rtspCamera) OnSessionClose(ctx *gortsplib.ServerHandlerOnSessionCloseCtx) {
	c.mu.Lock()
	own := ctx.Session == c.publisher
	c.mu.Unlock()
	if own {
		c.unpublish()
	}
}

// colours is a JPEG of w by h pixels in which each place has its own colour.
func colours(t *testing.T, w, h int) []byte {
	t.Helper()
	m := image.NewYCbCr(image.Rect(0, 0, w, h), image.YCbCrSubsampleRatio420)
	for y := range h {
		for x := range w {
			m.Y[m.YOffset(x, y)] = uint8(x*3 + y*5)
			m.Cb[m.COffset(x, y)], m.Cr[m.COffset(x, y)] = uint8(x), uint8(y)
		}
	}
	var b bytes.Buffer
	if err := stdjpeg.Encode(&b, m, nil); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// samePixels tells whether two JPEGs show the same, to the bit.
func samePixels(t *testing.T, a, b []byte) bool {
	t.Helper()
	first, err := stdjpeg.Decode(bytes.NewReader(a))
	if err != nil {
		t.Fatal(err)
	}
	second, err := stdjpeg.Decode(bytes.NewReader(b))
	if err != nil {
		t.Fatal(err)
	}
	if first.Bounds() != second.Bounds() {
		return false
	}
	for y := range first.Bounds().Dy() {
		for x := range first.Bounds().Dx() {
			if color.RGBAModel.Convert(first.At(x, y)) != color.RGBAModel.Convert(second.At(x, y)) {
				return false
			}
		}
	}
	return true
}
