package discover

import (
	"context"
	"errors"
	"net/url"
	"slices"
	"strings"
	"time"

	"traycam/sentence"
)

// Stream is a way in which an ONVIF camera gives its picture: one of its profiles.
type Stream struct {
	Name          string
	Width, Height int    // 0: not known
	Codec         string // "JPEG", "H264", "H265" …; empty: not known
	URL           string // rtsp:, without a password; may be empty
	Snapshot      string // http:, a still picture, without a password; may be empty
}

// ErrPassword is what [Streams] returns, perhaps wrapped, where another user name and
// password would help.
var ErrPassword = errors.New("password")

// Bounds of what a camera may tell.
const (
	maxProfiles = 32
	askFor      = 20 * time.Second
)

// Streams asks an ONVIF camera that [Look] found for its streams. What it tells of other
// hosts is taken to be about itself: behind address translation cameras tell
// addresses that lead nowhere, and the password is for no other host.
// Errors are sentences for people.
func Streams(ctx context.Context, f Found, user, password string) ([]Stream, error) {
	ctx, cancel := context.WithTimeout(ctx, askFor)
	defer cancel()
	c, err := newClient(f, user, password)
	if err != nil {
		return nil, err
	}
	defer c.close()
	if err := c.setClock(ctx); err != nil {
		return nil, err
	}
	media, err := c.mediaService(ctx)
	if err != nil {
		return nil, err
	}
	profiles, err := c.call(ctx, media, `<GetProfiles xmlns="`+mediaSpace+`"/>`)
	if err != nil {
		return nil, err
	}
	var all []Stream
	for _, p := range profiles.Profiles[:min(len(profiles.Profiles), maxProfiles)] {
		s, err := c.stream(ctx, media, p)
		if err != nil && ctx.Err() != nil && len(all) > 0 {
			break // a slow recorder: what it has told is better than nothing
		}
		if err != nil {
			return nil, err
		}
		if s.URL != "" || s.Snapshot != "" {
			all = append(all, s)
		}
	}
	if len(all) == 0 {
		return nil, sentence.Errorf("The camera at %s tells no stream. Its web page may say its address.", c.name())
	}
	slices.SortStableFunc(all, func(a, b Stream) int { return a.rank() - b.rank() })
	return all, nil
}

// rank puts first what needs no other program.
func (s Stream) rank() int {
	if s.Codec == "JPEG" && s.URL != "" {
		return 0
	}
	return 1
}

// setClock takes the camera's clock for what is signed: cameras refuse what is not of
// their own minute. One that asks for a password even for that, or tells no time, is
// taken to be right.
func (c *client) setClock(ctx context.Context) error {
	bare := *c
	bare.user, bare.password = "", ""
	a, err := bare.call(ctx, c.device, `<GetSystemDateAndTime xmlns="`+deviceSpace+`"/>`)
	if _, refused := errors.AsType[*refusal](err); refused {
		return nil
	}
	if err != nil {
		return err
	}
	if t := a.Clock.time(); !t.IsZero() {
		c.ahead = time.Until(t)
	}
	return nil
}

// mediaService is where the camera tells its profiles: by its own word, else by ONVIF's
// newer question, else where it usually is.
func (c *client) mediaService(ctx context.Context) (*url.URL, error) {
	told := func(raw string) *url.URL {
		u := c.here(raw)
		if u == nil || u.Scheme != "http" && u.Scheme != "https" {
			return nil
		}
		return u
	}
	a, err := c.call(ctx, c.device, `<GetCapabilities xmlns="`+deviceSpace+`"><Category>Media</Category></GetCapabilities>`)
	if u := told(a.Media); err == nil && u != nil {
		return u, nil
	}
	if r, refused := errors.AsType[*refusal](err); err != nil && (!refused || r.password) {
		return nil, err
	}
	a, err = c.call(ctx, c.device, `<GetServices xmlns="`+deviceSpace+`"><IncludeCapability>false</IncludeCapability></GetServices>`)
	for _, s := range a.Services {
		if u := told(s.XAddr); err == nil && s.Namespace == mediaSpace && u != nil {
			return u, nil
		}
	}
	if r, refused := errors.AsType[*refusal](err); err != nil && (!refused || r.password) {
		return nil, err
	}
	return c.device, nil
}

// stream asks for the addresses of a profile. That one of them cannot be had is no
// error, unless it is for the password: some cameras hang up on what they do not know.
func (c *client) stream(ctx context.Context, media *url.URL, p profile) (Stream, error) {
	s := Stream{Name: shown(p.Name), Width: p.Encoder.Width, Height: p.Encoder.Height, Codec: strings.ToUpper(shown(p.Encoder.Encoding))}
	token := escaped(p.Token)
	if s.Name == "" {
		s.Name = shown(p.Token)
	}
	if s.Width <= 0 || s.Height <= 0 || s.Width > 1<<16 || s.Height > 1<<16 {
		s.Width, s.Height = 0, 0
	}
	for _, q := range []struct {
		body    string
		into    *string
		schemes []string
	}{
		{`<GetStreamUri xmlns="` + mediaSpace + `"><StreamSetup><Stream xmlns="` + schemaSpace + `">RTP-Unicast</Stream>` +
			`<Transport xmlns="` + schemaSpace + `"><Protocol>RTSP</Protocol></Transport></StreamSetup>` +
			`<ProfileToken>` + token + `</ProfileToken></GetStreamUri>`, &s.URL, []string{"rtsp"}},
		{
			`<GetSnapshotUri xmlns="` + mediaSpace + `"><ProfileToken>` + token + `</ProfileToken></GetSnapshotUri>`,
			&s.Snapshot,
			[]string{"http", "https"},
		},
	} {
		a, err := c.call(ctx, media, q.body)
		if r, refused := errors.AsType[*refusal](err); refused && r.password || ctx.Err() != nil {
			return s, err
		}
		if u := c.here(a.StreamURI + a.SnapshotURI); err == nil && u != nil && slices.Contains(q.schemes, u.Scheme) {
			*q.into = u.String()
		}
	}
	return s, nil
}

// here is an address that the camera tells, on the host that answered.
func (c *client) here(raw string) *url.URL {
	raw = strings.TrimSpace(raw)
	u, err := url.Parse(raw)
	if err != nil || len(raw) > maxURL || u.Hostname() == "" {
		return nil
	}
	return at(c.host, u)
}
