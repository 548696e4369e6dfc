package camera

import (
	"context"
	"crypto/subtle"
	"errors"
	"io"
	"net/url"
	"strings"
	"sync"
	"time"

	"traycam/sentence"
	"traycam/streaming/jpeg"
)

const (
	mostPosts = 120 // a second
	// mostBodies is how many bodies may be read at once: each may hold the largest picture.
	mostBodies = 4
	// mostUseless is how much a body may send without a whole picture.
	mostUseless = jpeg.DefaultMaxBytes + 1<<20
	// longestUseless is how long a body may send without a whole picture. One that
	// trickles keeps others out.
	longestUseless = time.Minute
	leastKey       = 8 // characters
)

// Why a body was not taken, or not to its end.
var (
	ErrPushStopped = errors.New("the camera is not being taken in")
	ErrTooMany     = errors.New("too many posts at once, or in one second")
	ErrSecondBody  = errors.New("another endless body is being taken in")
	ErrNoPicture   = errors.New("no JPEG picture in the body")
	ErrTooLarge    = errors.New("the picture is too large")
	ErrTooSlow     = errors.New("no whole picture in a minute")
)

// Push is push: — programs post its pictures, through [Push.Take].
type Push struct {
	key string // "": none

	mu sync.Mutex
	// Guarded by mu.
	ctx     context.Context // of Run
	out     *Output         // nil while it does not run
	recent  [mostPosts]time.Time
	oldest  int  // in recent
	bodies  int  // that are being read
	endless bool // one of them is
	last    time.Time

	reading sync.WaitGroup // Take, while Run runs
}

func openPush(u *url.URL) (Source, error) {
	if u.Host != "" || u.Path != "" || u.Opaque != "" || u.User != nil {
		return nil, sentence.Errorf("the address of a camera whose pictures are posted is only push: or push:?key=SECRET")
	}
	if _, err := url.ParseQuery(u.RawQuery); err != nil {
		return nil, errPushKey()
	}
	query, err := parseQuery(u, "key")
	if err != nil {
		return nil, err
	}
	key := query.Get("key")
	if query.Has("key") && (len(key) < leastKey || len(query["key"]) > 1 || strings.ContainsFunc(key, isNoKey)) {
		return nil, errPushKey()
	}
	return &Push{key: key}, nil
}

// errPushKey does not show the key.
func errPushKey() error {
	return sentence.Errorf("the key after push:?key= must have 8 or more of the letters a–z and A–Z, digits, - and _")
}

func isNoKey(c rune) bool {
	return (c < 'a' || c > 'z') && (c < 'A' || c > 'Z') && (c < '0' || c > '9') && c != '-' && c != '_'
}

// Opens tells whether key is the camera's own. Its time tells nothing of the key.
func (p *Push) Opens(key string) bool {
	return p.key != "" && subtle.ConstantTimeCompare([]byte(key), []byte(p.key)) == 1
}

// Run says how the camera is while [Push.Take] takes its pictures in.
func (p *Push) Run(ctx context.Context, out *Output) error {
	ctx, cancel := context.WithCancel(ctx)
	out.Waiting(Reason{})
	p.mu.Lock()
	p.ctx, p.out, p.last = ctx, out, time.Time{}
	p.mu.Unlock()
	defer func() {
		p.mu.Lock()
		p.out = nil // none begins from here on
		p.mu.Unlock()
		cancel()
		p.reading.Wait()
	}()
	wait := StallAfter
	for {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(wait):
			wait = p.watch()
		}
	}
}

// watch looks for silence, and returns when to look again.
func (p *Push) watch() time.Duration {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.last.IsZero() {
		return StallAfter / 10
	}
	if left := StallAfter - time.Since(p.last); left > 0 {
		return left
	}
	p.last = time.Time{}
	p.out.Waiting(Reason{Sentence: "No picture has been posted for 10 seconds."})
	return StallAfter / 10
}

// Take takes the pictures of one body in, until it ends. Closing body must end a
// Read of it. Endless is for one that may have no end, of which there is one at a
// time. The error, if not the body's own, is one of the above. Any number may call it.
func (p *Push) Take(body io.ReadCloser, endless bool) error {
	ctx, out, err := p.enter(endless)
	if err != nil {
		return err
	}
	defer p.leave(endless)
	defer context.AfterFunc(ctx, func() { body.Close() })()
	err = guard(func() error { return p.read(body, out) })
	switch {
	case errors.Is(err, io.EOF):
		return nil
	case ctx.Err() != nil:
		return ErrPushStopped
	}
	if panicked, ok := errors.AsType[*Problem](err); ok {
		out.sink.Log(panicked)
		out.Waiting(panicked.Reason)
	}
	return err
}

func (p *Push) enter(endless bool) (context.Context, *Output, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	now := time.Now()
	switch {
	case p.out == nil:
		return nil, nil, ErrPushStopped
	case now.Sub(p.recent[p.oldest]) < time.Second, p.bodies >= mostBodies:
		return nil, nil, ErrTooMany
	case endless && p.endless:
		return nil, nil, ErrSecondBody
	}
	p.recent[p.oldest] = now
	p.oldest = (p.oldest + 1) % mostPosts
	p.bodies++
	p.endless = p.endless || endless
	p.reading.Add(1)
	return p.ctx, p.out, nil
}

func (p *Push) leave(endless bool) {
	p.mu.Lock()
	p.bodies--
	if endless {
		p.endless = false
	}
	p.mu.Unlock()
	p.reading.Done()
}

// read passes the pictures of a body on. Its error is io.EOF after a body with a picture.
func (p *Push) read(body io.Reader, out *Output) error {
	limited := &useful{r: body, since: time.Now()}
	r := jpeg.NewReader(limited, 0)
	var lost tally
	for {
		image, err := r.Next()
		now := r.Stats()
		p.pass(image, err, func() { lost.tell(out, now) }, out)
		if err == nil {
			limited.useless, limited.since = 0, time.Now()
			continue
		}
		_, status := errors.AsType[*jpeg.StatusError](err)
		ended := errors.Is(err, io.EOF)
		switch useless := status || errors.Is(err, ErrTooLarge); {
		case !ended && !useless, ended && now.Images > 0:
			return err
		case now.TooLarge > 0:
			return ErrTooLarge
		default:
			return &noPicture{what: r.Sniff()}
		}
	}
}

// pass passes image on, unless err says that there is none, and tells what was lost.
func (p *Push) pass(image jpeg.Image, err error, tell func(), out *Output) {
	p.mu.Lock()
	defer p.mu.Unlock() // after a panic too: it is caught
	if err == nil {
		p.last = time.Now()
		out.Frame(image, p.last)
		out.Format("posted pictures")
	}
	tell()
}

// noPicture is ErrNoPicture with what came instead, in words, if that can be told.
type noPicture struct{ what string }

func (e *noPicture) Error() string {
	if e.what == "" {
		return ErrNoPicture.Error()
	}
	return ErrNoPicture.Error() + ": it looks like " + e.what
}

func (e *noPicture) Is(target error) bool { return target == ErrNoPicture }

// useful is a body that ends when it has sent too much, or for too long, without a picture.
type useful struct {
	r       io.Reader
	useless int       // bytes since the last picture
	since   time.Time // the last picture
}

func (u *useful) Read(b []byte) (int, error) {
	if u.useless > mostUseless {
		return 0, ErrTooLarge
	}
	if time.Since(u.since) > longestUseless {
		return 0, ErrTooSlow
	}
	n, err := u.r.Read(b)
	u.useless += n
	return n, err
}
