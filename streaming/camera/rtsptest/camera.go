// Package rtsptest is an RTSP camera for tests: gortsplib's server.
package rtsptest

import (
	"fmt"
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

// Camera is an RTSP server at rtsp://Address/live. It sends what the test or
// a program publishes.
type Camera struct {
	t                    testing.TB
	server               *gortsplib.Server
	Address              string // host:port
	User, Password       string // for viewers; "": anybody
	OnlyUDP, Redirecting bool
	Busy                 bool // it has a viewer already, and allows no more

	mu sync.Mutex
	// Guarded by mu.
	stream    *gortsplib.ServerStream
	publisher *gortsplib.ServerSession
	plays     int
	protocols map[gortsplib.Protocol]int // of SETUPs
}

// New starts a camera, which change may have set up, and ends it with the test.
func New(t testing.TB, change func(*Camera)) *Camera {
	t.Helper()
	c := &Camera{t: t, protocols: map[gortsplib.Protocol]int{}}
	if change != nil {
		change(c)
	}
	for try := 0; ; try++ {
		c.Address = fmt.Sprintf("127.0.0.1:%d", freePort(t))
		udp := freeUDPPair(t)
		c.server = &gortsplib.Server{
			Handler: c, RTSPAddress: c.Address, AuthMethods: []auth.VerifyMethod{auth.VerifyMethodDigestMD5},
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
		c.Unpublish()
	})
	return c
}

// freePort is a port that was free a moment ago.
func freePort(t testing.TB) int {
	t.Helper()
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer ln.Close()
	return ln.Addr().(*net.TCPAddr).Port
}

// freeUDPPair is an even port that was free a moment ago, and the next one too.
func freeUDPPair(t testing.TB) int {
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

// Publish makes f what the camera has, and returns how to send it.
func (c *Camera) Publish(kind description.MediaType, f format.Format) (send func(*rtp.Packet)) {
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

func (c *Camera) setStream(session *description.Session, publisher *gortsplib.ServerSession) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.stream = &gortsplib.ServerStream{Server: c.server, Desc: session}
	if err := c.stream.Initialize(); err != nil {
		c.t.Error(err)
	}
	c.publisher = publisher
}

// Unpublish leaves the camera without anything to send.
func (c *Camera) Unpublish() {
	c.mu.Lock()
	stream := c.stream
	c.stream = nil
	c.mu.Unlock()
	if stream != nil {
		stream.Close()
	}
}

// Film sends image again and again as Motion JPEG, until the test ends or stop is
// called. Each packet goes through change first, with the number of its picture.
func (c *Camera) Film(image []byte, change ...func(n uint32, p *rtp.Packet)) (stop func()) {
	c.t.Helper()
	f := &format.MJPEG{}
	send := c.Publish(description.MediaTypeVideo, f)
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

// Asked is how often a transport was asked for.
func (c *Camera) Asked(p gortsplib.Protocol) int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.protocols[p]
}

// Played is how often the camera was played.
func (c *Camera) Played() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.plays
}

func (c *Camera) refuses(conn *gortsplib.ServerConn, r *base.Request) bool {
	return c.User != "" && !conn.VerifyCredentials(r, c.User, c.Password)
}

func (c *Camera) OnDescribe(ctx *gortsplib.ServerHandlerOnDescribeCtx) (*base.Response, *gortsplib.ServerStream, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	switch {
	case c.Busy:
		return &base.Response{StatusCode: base.StatusNotEnoughBandwidth}, nil, nil
	case c.Redirecting:
		return &base.Response{StatusCode: base.StatusFound, Header: base.Header{"Location": {"rtsp://localhost:1/live"}}}, nil, nil
	case c.refuses(ctx.Conn, ctx.Request):
		return &base.Response{StatusCode: base.StatusUnauthorized}, nil, liberrors.ErrServerAuth{}
	case c.stream == nil || ctx.Path != "/live":
		return &base.Response{StatusCode: base.StatusNotFound}, nil, nil
	}
	return &base.Response{StatusCode: base.StatusOK}, c.stream, nil
}

func (c *Camera) OnSetup(ctx *gortsplib.ServerHandlerOnSetupCtx) (*base.Response, *gortsplib.ServerStream, error) {
	if ctx.Session.State() == gortsplib.ServerSessionStatePreRecord {
		return &base.Response{StatusCode: base.StatusOK}, nil, nil
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.protocols[ctx.Transport.Protocol]++
	switch {
	case c.refuses(ctx.Conn, ctx.Request):
		return &base.Response{StatusCode: base.StatusUnauthorized}, nil, liberrors.ErrServerAuth{}
	case c.OnlyUDP && ctx.Transport.Protocol == gortsplib.ProtocolTCP:
		return &base.Response{StatusCode: base.StatusUnsupportedTransport}, nil, nil
	case c.stream == nil:
		return &base.Response{StatusCode: base.StatusNotFound}, nil, nil
	}
	return &base.Response{StatusCode: base.StatusOK}, c.stream, nil
}

func (c *Camera) OnPlay(*gortsplib.ServerHandlerOnPlayCtx) (*base.Response, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.plays++
	return &base.Response{StatusCode: base.StatusOK}, nil
}

func (c *Camera) OnAnnounce(ctx *gortsplib.ServerHandlerOnAnnounceCtx) (*base.Response, error) {
	c.Unpublish()
	c.setStream(ctx.Description, ctx.Session)
	return &base.Response{StatusCode: base.StatusOK}, nil
}

func (c *Camera) OnRecord(ctx *gortsplib.ServerHandlerOnRecordCtx) (*base.Response, error) {
	ctx.Session.OnPacketRTPAny(func(media *description.Media, _ format.Format, p *rtp.Packet) {
		c.mu.Lock()
		defer c.mu.Unlock()
		if c.stream != nil {
			c.stream.WritePacketRTP(media, p)
		}
	})
	return &base.Response{StatusCode: base.StatusOK}, nil
}

func (c *Camera) OnSessionClose(ctx *gortsplib.ServerHandlerOnSessionCloseCtx) {
	c.mu.Lock()
	own := ctx.Session == c.publisher
	c.mu.Unlock()
	if own {
		c.Unpublish()
	}
}
