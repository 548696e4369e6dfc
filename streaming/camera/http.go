package camera

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"net/url"
	"strconv"
	"strings"
	"time"
	"unicode"

	"traycam/sentence"
	"traycam/streaming/jpeg"
)

const (
	firstInterval = time.Second // where the address names none
	shortInterval = 100 * time.Millisecond
	longInterval  = time.Hour

	overMultipart = "multipart over HTTP"
)

// webCamera is http:// and https://: we ask, and the camera answers with an
// endless stream, or with one picture, which is then asked for again and again.
type webCamera struct {
	url      *url.URL      // without user, password and fragment
	user     *url.Userinfo // nil: none was given
	interval time.Duration // from one still picture to the next
	pin      []byte        // SHA-256 of the certificate that is trusted; nil: as usual
}

func openWeb(u *url.URL) (Source, error) {
	if u.Hostname() == "" {
		return nil, sentence.Errorf("the camera's address is missing. Example: %s://10.0.0.7/video", u.Scheme)
	}
	if u.Port() != "" {
		if port, err := strconv.Atoi(u.Port()); err != nil || port < 1 || port > 65535 {
			return nil, sentence.Errorf("the port is not a number from 1 to 65535: %q", shown(u.Host))
		}
	}
	if u.User != nil {
		password, _ := u.User.Password()
		if strings.ContainsFunc(u.User.Username()+password, unicode.IsControl) {
			return nil, sentence.Errorf("the user name or the password holds a character that cannot be typed")
		}
	}
	c := &webCamera{user: u.User, interval: firstInterval}
	if err := c.options(u); err != nil {
		return nil, err
	}
	bare := *u
	bare.User, bare.Fragment, bare.RawFragment = nil, "", ""
	c.url = &bare
	return c, nil
}

// options takes what stands after the # in the address.
func (c *webCamera) options(u *url.URL) error {
	if strings.Contains(u.Fragment, "@") {
		return sentence.Errorf("a # in a password has to be written as %%23 in the address")
	}
	options, err := url.ParseQuery(u.EscapedFragment())
	if err != nil {
		return sentence.Errorf("what stands after the # in the address cannot be read: %q", shown(u.Fragment))
	}
	for key := range options {
		value := options.Get(key)
		switch key {
		case "interval":
			c.interval, err = time.ParseDuration(value)
			if err != nil || c.interval < shortInterval || c.interval > longInterval {
				return sentence.Errorf("interval=%s is not a time from 100ms to 1h. Example: #interval=2s", shown(value))
			}
		case "pin":
			digits, named := strings.CutPrefix(value, "sha256:")
			c.pin, err = hex.DecodeString(strings.ReplaceAll(digits, ":", ""))
			if !named || err != nil || len(c.pin) != sha256.Size {
				return sentence.Errorf("pin=%s is not sha256: and the 64 digits of a certificate's fingerprint", shown(value))
			}
		default:
			return sentence.Errorf("%q after the # is not known for %s: addresses; known are interval and pin", shown(key), u.Scheme)
		}
	}
	return nil
}

func (c *webCamera) Run(ctx context.Context, out *Output) error {
	v := &visit{webCamera: c, out: out, at: c.url}
	defer v.hangUp()
	for {
		began := time.Now()
		a, err := v.fetch(ctx)
		if err == nil {
			err = v.take(a)
		}
		switch {
		case ctx.Err() != nil:
			return ctx.Err()
		case err != nil:
			return err
		}
		select {
		case <-time.After(time.Until(began.Add(c.interval))):
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// take takes in what an answer brings. A nil error means that it was a still
// picture, and the next may be asked for.
func (v *visit) take(a *answer) error {
	if a.code == statusNotModified {
		v.unchanged++
		v.rest(a)
		return nil
	}
	address := hostPort(v.at)
	b := newBody(a)
	in := &intake{conn: v.conn, r: jpeg.NewReader(b, 0), out: v.out}
	if a.multipart {
		return v.takeMultipart(a, in)
	}
	b.hopeless = func() bool { return in.r.Stats().Images == 0 && in.r.Sniff() != "" }
	image, err := in.next(v.patience())
	if err != nil {
		return v.notPicture(b, in.r, err)
	}
	v.picture(a, image)
	if in.r.Stats().Shape == jpeg.Multipart {
		v.out.Format(overMultipart)
		return in.stream(address, overMultipart, v.out.Frame)
	}
	b.whole = true
	image, err = in.next(v.grace())
	if err == nil { // a second one: it is a stream
		v.out.Frame(image, time.Now())
		v.out.Format("JPEGs over HTTP")
		return in.stream(address, "JPEGs over HTTP", v.out.Frame)
	}
	v.isStill()
	if b.complete() {
		v.rest(a)
	} else {
		v.hangUp()
	}
	return nil
}

// takeMultipart takes in what is said to be multipart, as some cameras say of a
// still picture.
func (v *visit) takeMultipart(a *answer, in *intake) error {
	address := hostPort(v.at)
	image, err := in.next(v.patience())
	if err != nil {
		return streamProblem(address, in.r, err)
	}
	v.picture(a, image)
	if in.r.Stats().Shape == jpeg.Bare {
		alone := a.length() == int64(in.r.Stats().Bytes)
		if !alone {
			image, err = in.next(StallAfter)
			alone = errors.Is(err, io.EOF)
		}
		switch {
		case alone:
			v.isStill()
			v.hangUp()
			return nil
		case err != nil:
			return streamProblem(address, in.r, err)
		}
		v.out.Frame(image, time.Now())
	}
	v.out.Format(overMultipart)
	return in.stream(address, overMultipart, v.out.Frame)
}

// isStill notes that the camera sends one picture for each request.
func (v *visit) isStill() {
	v.out.Format("still pictures over HTTP")
	v.still = true
}
