package camera

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/url"
	"strings"
	"sync"
	"time"

	"github.com/bluenviron/gortsplib/v5"
	"github.com/bluenviron/gortsplib/v5/pkg/base"
	"github.com/bluenviron/gortsplib/v5/pkg/description"
	"github.com/bluenviron/gortsplib/v5/pkg/format"
	"github.com/bluenviron/gortsplib/v5/pkg/liberrors"
	"github.com/pion/rtp"

	"traycam/sentence"
	"traycam/streaming/jpeg"
)

// rtsp is rtsp://host/path: Motion JPEG by ourselves, other codecs through ffmpeg.
type rtsp struct {
	url     *url.URL
	address string // host:port
	ffmpeg  string // where that program is; "": it is looked for
}

func openRTSP(u *url.URL, program string) (Source, error) {
	port := u.Port()
	if port == "" {
		port = "554" // RFC 2326, 3.2
	}
	switch {
	case u.Hostname() == "" || u.Opaque != "":
		return nil, sentence.Errorf("the camera's name or number is missing. Example: rtsp://10.0.0.7/stream")
	case u.Fragment != "":
		return nil, sentence.Errorf("an rtsp address has no #. If it belongs to the password, write %%23 instead")
	}
	return &rtsp{url: u, address: net.JoinHostPort(u.Hostname(), port), ffmpeg: program}, nil
}

// Run tries TCP first, on which nothing gets lost, and UDP where the camera insists.
func (c *rtsp) Run(ctx context.Context, out *Output) error {
	err := c.play(ctx, out, gortsplib.ProtocolTCP)
	if insistsOnUDP(err) {
		err = c.play(ctx, out, gortsplib.ProtocolUDP)
	}
	if ctx.Err() != nil {
		return ctx.Err()
	}
	if other, ok := errors.AsType[*otherVideo](err); ok {
		f := &ffmpeg{
			shown: c.address, codec: other.codec, format: cmp.Or(codecFormats[other.codec], "video through ffmpeg"),
			inputs: urlInputs(c.url, c.url.String()), secret: secrets(c.url), set: c.ffmpeg,
		}
		return f.Run(ctx, out)
	}
	return c.problem(err)
}

// codecFormats are how pictures come from a camera with that codec.
var codecFormats = map[string]string{
	"H.264": "H.264 through ffmpeg",
	"H.265": "H.265 through ffmpeg",
}

func insistsOnUDP(err error) bool {
	answer, answered := errors.AsType[liberrors.ErrClientBadStatusCode](err)
	_, requested := errors.AsType[liberrors.ErrClientServerRequestedUDP](err)
	return requested || answered && answer.Code == base.StatusUnsupportedTransport
}

// Why a camera is not played, besides the library's errors.
type (
	otherVideo struct{ codec string }
	noVideo    struct{ codecs string }
	undialled  struct{ err error }
	noRTSP     struct{ err error }
	silence    struct{ packets, pictures int }
)

func (e *otherVideo) Error() string { return "its codec is " + e.codec }
func (e *noVideo) Error() string    { return "it has no video, only: " + e.codecs }
func (e *undialled) Error() string  { return e.err.Error() }
func (e *undialled) Unwrap() error  { return e.err }
func (e *noRTSP) Error() string     { return "no RTSP answer: " + e.err.Error() }
func (e *silence) Error() string {
	return fmt.Sprintf("no picture for %v, after %d packets and %d pictures", StallAfter, e.packets, e.pictures)
}

// play takes the camera's Motion JPEG in.
func (c *rtsp) play(ctx context.Context, out *Output, protocol gortsplib.Protocol) error {
	answered := false
	client := c.client(protocol, &answered)
	if err := client.Start(); err != nil {
		return err
	}
	var waiting sync.WaitGroup
	defer waiting.Wait()
	defer client.Close()
	ctx, cancel := context.WithCancel(ctx)
	defer cancel() // before Close, which waits for what ctx ends
	defer context.AfterFunc(ctx, client.Close)()

	session, _, err := client.Describe((*base.URL)(c.url))
	if err != nil {
		client.Close() // answered is the client's until then
		if !answered && errors.Is(err, io.EOF) {
			return &noRTSP{err}
		}
		return err
	}
	media, mjpeg, err := motionJPEG(session)
	if err != nil {
		return err
	}
	if _, err := client.Setup(session.BaseURL, media, 0, 0); err != nil {
		return err
	}
	packets := make(chan *rtp.Packet, 64)
	client.OnPacketRTP(media, mjpeg, func(p *rtp.Packet) { // decoded elsewhere: nobody would catch a panic here
		select {
		case packets <- p:
		case <-ctx.Done():
		}
	})
	if _, err := client.Play(nil); err != nil {
		return err
	}
	ended := make(chan error, 1)
	waiting.Go(func() { ended <- client.Wait() })
	return assemble(ctx, packets, ended, out)
}

func (c *rtsp) client(protocol gortsplib.Protocol, answered *bool) *gortsplib.Client {
	return &gortsplib.Client{
		Scheme: c.url.Scheme, Host: c.url.Host, Protocol: &protocol,
		ReadTimeout: StallAfter, UserAgent: "Traycam",
		DialContext: func(ctx context.Context, network, address string) (net.Conn, error) {
			conn, err := new(net.Dialer).DialContext(ctx, network, address)
			if err != nil {
				return nil, &undialled{err}
			}
			return conn, nil
		},
		OnResponse: func(r *base.Response) {
			*answered = true
			// The library would send the password to wherever it is sent.
			if to, err := url.Parse(strings.Join(r.Header["Location"], "")); err != nil || !strings.EqualFold(to.Host, c.url.Host) {
				delete(r.Header, "Location")
			}
		},
		OnTransportSwitch: func(error) {},
		OnPacketsLost:     func(uint64) {},
		OnDecodeError:     func(error) {},
	}
}

// motionJPEG finds what we can play by ourselves.
func motionJPEG(session *description.Session) (*description.Media, *format.MJPEG, error) {
	var mjpeg *format.MJPEG
	if media := session.FindFormat(&mjpeg); media != nil {
		return media, mjpeg, nil
	}
	var others []string
	for _, media := range session.Medias {
		for _, f := range media.Formats {
			if media.Type == description.MediaTypeVideo {
				return nil, nil, &otherVideo{codec: codecName(f)}
			}
			others = append(others, codecName(f))
		}
	}
	return nil, nil, &noVideo{codecs: strings.Join(others, ", ")}
}

// codecName is what people call a codec. What the library does not know goes by
// the name that the camera gives it.
func codecName(f format.Format) string {
	switch f := f.(type) {
	case *format.H264:
		return "H.264"
	case *format.H265:
		return "H.265"
	case *format.Generic:
		name, _, _ := strings.Cut(f.RTPMap(), "/")
		return cmp.Or(name, "video")
	}
	return f.Codec()
}

// assemble makes pictures of packets until the connection has ended, or none has
// come for StallAfter.
func assemble(ctx context.Context, packets <-chan *rtp.Packet, ended <-chan error, out *Output) error {
	timer := time.NewTimer(StallAfter)
	defer timer.Stop()
	var pictures rtpPictures
	for {
		select {
		case p := <-packets:
			data, lost := pictures.add(p)
			if lost {
				out.Lost(1, 0)
			}
			if data == nil {
				continue
			}
			image, err := jpeg.Parse(data)
			if err != nil {
				out.Lost(1, 0)
				continue
			}
			pictures.whole++
			timer.Reset(StallAfter)
			out.Frame(image, time.Now())
			out.Format("Motion JPEG over RTSP")
		case err := <-ended:
			return err
		case <-timer.C:
			return &silence{pictures.packets, pictures.whole}
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// problem explains why the camera was not played, or no longer.
func (c *rtsp) problem(err error) error {
	p := &Problem{Err: fmt.Errorf("rtsp camera %s: %w", c.address, err)}
	p.Reason.Address = c.address
	answer, answered := errors.AsType[liberrors.ErrClientBadStatusCode](err)
	none, noVideo := errors.AsType[*noVideo](err)
	quiet, silent := errors.AsType[*silence](err)
	_, notRTSP := errors.AsType[*noRTSP](err)
	dial, undialled := errors.AsType[*undialled](err)
	switch {
	case undialled:
		return dialProblem(c.address, dial.err)
	case answered && answer.Code == base.StatusUnauthorized && c.url.User == nil:
		p.Reason.Sentence = "The camera at %s wants a user name and a password. Put them before its address: rtsp://USER:PASSWORD@…"
	case answered && (answer.Code == base.StatusUnauthorized || answer.Code == base.StatusForbidden):
		p.Reason.Sentence = "The camera at %s does not take this user name and password. Are both spelt rightly?"
	case answered && answer.Code == base.StatusNotFound:
		p.Reason.Sentence = "The camera at %s has nothing at this path. Its manual says what comes after the host."
	case answered && (answer.Code == base.StatusNotEnoughBandwidth || answer.Code == base.StatusServiceUnavailable):
		p.Reason.Sentence = "The camera at %s is busy, perhaps with somebody else, since many cameras allow one viewer: it answered “%v”."
		p.Reason.Detail = fmt.Sprint(int(answer.Code), " ", answer.Message)
	case answered && answer.Code >= 300 && answer.Code < 400:
		p.Reason.Sentence = "The camera at %s sends Traycam to another address. Use that one instead."
	case answered:
		p.Reason.Sentence = "The camera at %s refuses to send its picture: it answered “%v”."
		p.Reason.Detail = fmt.Sprint(int(answer.Code), " ", answer.Message)
	case noVideo:
		p.Reason.Sentence = "The camera at %s sends no video, only “%v”. Is it the right path?"
		p.Reason.Detail = none.codecs
	case silent && quiet.packets > 0 && quiet.pictures == 0:
		p.Reason.Sentence = "The pictures from %s cannot be put together. Over RTSP they may have 2040 pixels a side: choose a smaller size, or H.264."
	case silent && quiet.pictures > 0, errors.Is(err, liberrors.ErrClientTCPTimeout{}):
		p.Reason.Sentence = "The camera at %s is still connected but has stopped sending pictures."
	case silent, errors.Is(err, liberrors.ErrClientUDPTimeout{}):
		p.Reason.Sentence = "The camera at %s is connected but sends nothing. Does it have to be started?"
	case notRTSP, errors.Is(err, liberrors.ErrClientRequestTimedOut{}):
		p.Reason.Sentence = "What is at %s takes the connection but does not answer as an RTSP camera. Is the port right? Most use 554."
	case errors.Is(err, io.EOF):
		p.Reason.Sentence = "The camera at %s ended the connection."
	default:
		p.Reason.Sentence = "The connection to the camera at %s broke off."
	}
	p.Stalled = silent || errors.Is(err, liberrors.ErrClientTCPTimeout{}) || errors.Is(err, liberrors.ErrClientUDPTimeout{})
	return p
}
