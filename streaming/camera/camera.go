package camera

import (
	"context"
	"net"
	"net/netip"
	"net/url"
	"strconv"
	"strings"
	"time"

	"traycam/sentence"
)

// StallAfter is how long a camera may stay connected without sending a whole
// picture before it counts as stalled and is let go.
const StallAfter = 10 * time.Second

// A Source is one kind of camera.
type Source interface {
	// Run takes pictures in and gives them to out, until ctx is done or the
	// camera fails. It returns when all that it started has ended. An error of
	// type *Problem tells people what is wrong. It may be called again.
	Run(ctx context.Context, out *Output) error
}

// Options are what some kinds of camera need besides their address.
type Options struct {
	Name   string // what the test picture shows
	FFmpeg string // where the program ffmpeg is; "": it is looked for
}

// Open makes the source that a camera URL names. It only reads the URL: nothing
// is dialled. Errors are sentences for people.
func Open(address string, opt Options) (Source, error) {
	switch kind, rest, _ := strings.Cut(strings.TrimSpace(address), ":"); kind { // what follows need be no URL
	case "ffmpeg":
		return openFFmpeg(rest, opt.FFmpeg)
	case "webcam":
		return openWebcam(rest, opt.FFmpeg)
	}
	u, err := url.Parse(strings.TrimSpace(address))
	if err != nil || u.Scheme == "" {
		return nil, sentence.Errorf("%q is not a camera address. Examples: tcp://10.0.0.7:8888 or tcp://:9001?listen", shown(address))
	}
	switch u.Scheme {
	case "tcp":
		return openTCP(u)
	case "test":
		return openTest(u, opt.Name)
	case "http", "https":
		return openWeb(u)
	case "push":
		return openPush(u)
	case "rtsp":
		return openRTSP(u, opt.FFmpeg)
	}
	return nil, sentence.Errorf("%q is not a kind of camera address. What works: http://, https://, rtsp://, tcp://HOST:PORT, tcp://:PORT?listen, push:, webcam:, ffmpeg: and test:", u.Scheme+":")
}

// shown is an address for an error: short, and without a password or key.
func shown(address string) string {
	if at := strings.LastIndexByte(address, '@'); at >= 0 {
		address = "…" + address[at:]
	}
	if before, _, found := strings.Cut(address, "key="); found {
		address = before + "key=…"
	}
	if len(address) > 80 {
		address = address[:80] + "…"
	}
	return strings.ToValidUTF8(address, "?")
}

func openTCP(u *url.URL) (Source, error) {
	query, err := parseQuery(u, "listen", "allow")
	if err != nil {
		return nil, err
	}
	port, err := strconv.Atoi(u.Port())
	if err != nil || port < 1 || port > 65535 {
		return nil, sentence.Errorf("the port is missing or not a number from 1 to 65535: %q", shown(u.Host))
	}
	if (u.Path != "" && u.Path != "/") || u.User != nil {
		return nil, sentence.Errorf("a tcp address is only tcp://HOST:PORT, with nothing before the host or after the port")
	}
	address := net.JoinHostPort(u.Hostname(), u.Port())
	if !query.Has("listen") {
		if u.Hostname() == "" {
			return nil, sentence.Errorf("type the camera's address before the port, or add ?listen for a camera that connects to this computer")
		}
		if query.Has("allow") {
			return nil, sentence.Errorf("allow= goes with ?listen only: it says who may connect")
		}
		return &dialer{address: address}, nil
	}
	l := &listener{address: address, port: port}
	for _, part := range strings.Split(query.Get("allow"), ",") {
		if part == "" {
			continue
		}
		network, err := parseNetwork(part)
		if err != nil {
			return nil, err
		}
		l.allow = append(l.allow, network)
	}
	return l, nil
}

// parseNetwork takes "10.0.0.0/8" or a single address.
func parseNetwork(s string) (netip.Prefix, error) {
	if a, err := netip.ParseAddr(s); err == nil && a.Zone() == "" {
		return netip.PrefixFrom(a, a.BitLen()), nil
	}
	p, err := netip.ParsePrefix(s)
	if err != nil {
		return p, sentence.Errorf("allow=%s is neither an address nor a network such as 192.168.1.0/24", shown(s))
	}
	return p.Masked(), nil
}

func openTest(u *url.URL, name string) (Source, error) {
	query, err := parseQuery(u, "size", "fps")
	if err != nil {
		return nil, err
	}
	t := &testPattern{name: name, width: 640, height: 360, fps: 15}
	if size := query.Get("size"); size != "" {
		w, h, found := strings.Cut(size, "x")
		var errW, errH error
		t.width, errW = strconv.Atoi(w)
		t.height, errH = strconv.Atoi(h)
		if !found || errW != nil || errH != nil || t.width < 160 || t.width > 3840 || t.height < 120 || t.height > 2160 {
			return nil, sentence.Errorf("size=%s is not a size from 160x120 to 3840x2160", shown(size))
		}
	}
	if fps := query.Get("fps"); fps != "" {
		t.fps, err = strconv.Atoi(fps)
		if err != nil || t.fps < 1 || t.fps > 60 {
			return nil, sentence.Errorf("fps=%s is not a whole number from 1 to 60", shown(fps))
		}
	}
	return t, nil
}

// parseQuery refuses keys that the kind of camera does not know: a typing error
// that is passed over in silence is hard to find.
func parseQuery(u *url.URL, known ...string) (url.Values, error) {
	query, err := url.ParseQuery(u.RawQuery)
	if err != nil {
		return nil, sentence.Errorf("what stands after the ? in the address cannot be read: %q", shown(u.RawQuery))
	}
	for key := range query {
		found := false
		for _, k := range known {
			found = found || k == key
		}
		if !found {
			return nil, sentence.Errorf("%q after the ? is not known for %s: addresses; known are %s", shown(key), u.Scheme, strings.Join(known, ", "))
		}
	}
	return query, nil
}
