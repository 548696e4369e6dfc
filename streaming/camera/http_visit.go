package camera

import (
	"context"
	"crypto/sha256"
	"errors"
	"io"
	"net/url"
	"os"
	"strings"
	"time"

	"traycam/streaming/jpeg"
)

const (
	mostRedirects = 5
	// Some cameras neither say how long a still picture is nor hang up after it:
	// what sends nothing for this long after a whole picture was a still one.
	lastByte = 2 * time.Second
	// Simple cameras serve nobody else while a connection is open: with more time
	// than this between still pictures it is not kept.
	longestRest = 5 * time.Second
	// Some cameras say that the picture is unchanged when it is not: every tenth
	// time the picture itself is asked for.
	trusted = 10
)

const (
	statusUnauthorized = 401
	statusNotModified  = 304
)

// visit is what one run has found out about a web camera.
type visit struct {
	*webCamera
	out  *Output
	at   *url.URL // where its picture is, after redirects
	conn *webConn // kept from the last answer; nil: none
	auth *login   // nil: it has not asked

	// Of stills.
	still          bool
	seen           [sha256.Size]byte // the last picture
	etag, modified string            // of the last picture
	unchanged      int               // answers in a row that it is unchanged
	lies           bool              // the picture changed and its ETag or date did not
}

// fetch asks for the picture, through redirects and questions for a password.
// The answer is 2xx or that the picture is unchanged; its body is to be read.
func (v *visit) fetch(ctx context.Context) (*answer, error) {
	redirects, refusals := 0, 0
	for {
		a, err := v.exchange(ctx)
		if err != nil {
			return nil, err
		}
		switch {
		case a.code == statusNotModified && v.still || a.code/100 == 2:
			if v.auth != nil {
				v.auth.worked = true
			}
			return a, nil
		case a.code == statusUnauthorized:
			refusals++
			err = v.authorize(a, refusals)
		case a.isRedirect():
			redirects++
			err = v.follow(a, redirects)
		default:
			err = v.refused(a)
		}
		v.hangUp()
		if err != nil {
			return nil, err
		}
	}
}

// exchange sends one request and reads the head of its answer.
func (v *visit) exchange(ctx context.Context) (*answer, error) {
	kept := v.conn != nil
	if !kept {
		conn, err := dialWeb(ctx, v.at, v.pin)
		if err != nil {
			return nil, err
		}
		v.conn = conn
	}
	err := v.conn.SetDeadline(time.Now().Add(v.patience()))
	if err == nil {
		// A camera that does not wait for the request may have hung up on it
		// already; what it sent can be read all the same.
		_, _ = io.WriteString(v.conn, v.request())
		var a *answer
		if a, err = readAnswer(v.conn.r); err == nil {
			return a, nil
		}
	}
	v.hangUp()
	if kept && ctx.Err() == nil && !errors.Is(err, os.ErrDeadlineExceeded) && !errors.Is(err, errNotHTTP) {
		return v.exchange(ctx) // it hung up in between, as it may
	}
	return nil, answerProblem(hostPort(v.at), err)
}

// patience is how long a picture may take. Stills that are asked for seldom
// come from cameras that are slow, but a minute is enough for any.
func (v *visit) patience() time.Duration {
	if !v.still {
		return StallAfter
	}
	return max(StallAfter, min(3*v.interval, time.Minute))
}

// grace is how long more may come after a whole picture.
func (v *visit) grace() time.Duration {
	if !v.still {
		return lastByte
	}
	return min(v.interval, lastByte)
}

func (v *visit) request() string {
	var b strings.Builder
	uri := requestURI(v.at)
	b.WriteString("GET " + uri + " HTTP/1.1\r\nHost: " + hostHeader(v.at) + "\r\nUser-Agent: Traycam\r\nAccept: */*\r\n")
	if v.auth != nil && v.isHome() {
		b.WriteString("Authorization: " + v.auth.header(uri) + "\r\n")
	}
	if !v.lies && v.unchanged < trusted {
		if v.etag != "" {
			b.WriteString("If-None-Match: " + v.etag + "\r\n")
		}
		if v.modified != "" {
			b.WriteString("If-Modified-Since: " + v.modified + "\r\n")
		}
	}
	if v.still && v.interval <= longestRest {
		b.WriteString("Connection: keep-alive\r\n\r\n")
	} else {
		b.WriteString("Connection: close\r\n\r\n")
	}
	return b.String()
}

// isHome tells whether v is where the address of the camera says, so that the
// password may go there.
func (v *visit) isHome() bool { return sameHost(v.at, v.url) }

// authorize takes up the question for a password that a answers with; it is the
// nth in a row.
func (v *visit) authorize(a *answer, nth int) error {
	challenges := parseChallenges(a.header["Www-Authenticate"])
	best, ok := strongest(challenges)
	switch {
	case !v.isHome():
		p := v.problem("The camera's address leads on to %s, which wants a user name and a password. Use that address itself, with them.", "")
		p.Reason.Withheld = "another one"
		return p
	case v.user == nil:
		return v.problem("The camera at %s wants a user name and a password. Put them into its address, as in http://USER:PASSWORD@HOST/.", "")
	case len(challenges) == 0:
		return v.problem("The camera at %s wants a password, but does not say in which way. Is it the right path?", "")
	case !ok:
		return v.problem("The camera at %s asks for the password in a way that Traycam does not know: “%v”. Can it be set to Digest or Basic?", v.clean(schemes(challenges)))
	}
	if v.auth != nil {
		outdated := best.isDigest() && (best.isStale() || v.auth.worked) && nth <= 2
		if !outdated {
			return v.problem("The camera at %s does not accept this user name and password. Are they right?", "")
		}
	}
	password, _ := v.user.Password()
	v.auth = &login{user: v.user.Username(), password: password, challenge: best}
	return nil
}

// follow goes where a redirect leads; it is the nth in a row.
func (v *visit) follow(a *answer, nth int) error {
	if nth > mostRedirects {
		return v.problem("The camera's address leads on again and again, last to %s. Open it in a browser and use the address where it ends.", "")
	}
	location := a.header.Get("Location")
	to, err := v.at.Parse(location)
	switch {
	case location == "" || err != nil || to.Hostname() == "":
		return v.problem("The camera at %s says that its picture has moved, but not where: it answered “%v”. Is the path right?", v.clean(a.status))
	case to.Scheme != "http" && to.Scheme != "https":
		return v.problem("The camera at %s says that its picture is at an address of another kind, “%v”. Use that address itself.", v.clean(to.Scheme+":"))
	case v.user != nil && v.at.Scheme == "https" && to.Scheme == "http":
		return v.problem("The camera at %s leads on to a connection that is not encrypted, where the password could be read. Use that address itself, if that does not matter.", "")
	}
	to.User, to.Fragment, to.RawFragment = nil, "", ""
	v.at = to
	v.etag, v.modified = "", ""
	return nil
}

// picture passes on an image, unless it is a still that was seen already.
func (v *visit) picture(a *answer, image jpeg.Image) {
	sum := sha256.Sum256(image.Data)
	etag, modified := a.header.Get("Etag"), a.header.Get("Last-Modified")
	isNew := !v.still || sum != v.seen
	if v.still && isNew && v.unchanged > 0 && etag == v.etag && modified == v.modified {
		v.lies = true
	}
	v.seen, v.etag, v.modified, v.unchanged = sum, etag, modified, 0
	if isNew {
		v.out.Frame(image, time.Now())
	}
}

// rest keeps the connection for the next request, if a allows it.
func (v *visit) rest(a *answer) {
	unread := a.r.Buffered() > len("\r\n") // which may stand behind the last chunk
	if v.interval > longestRest || unread || !a.keepsAlive() {
		v.hangUp()
	}
}

func (v *visit) hangUp() {
	if v.conn != nil {
		v.conn.Close()
		v.conn = nil
	}
}
