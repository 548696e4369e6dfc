package viewer_test

import (
	"bytes"
	"log/slog"
	"net/http"
	"strings"
	"sync"
	"testing"

	"traycam/faults"
)

// noted is a log that a test reads.
type noted struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (n *noted) Write(b []byte) (int, error) {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.text.Write(b)
}

func (n *noted) String() string {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.text.String()
}

// A picture that makes Traycam panic ends its camera for the page, and nothing else.
func TestFaultMistakeWithOneViewer(t *testing.T) {
	log := new(noted)
	r := newRigLogging(t, slog.New(slog.NewTextHandler(log, nil)))
	r.front.show("front")
	r.back.show("back")
	p, other := r.page(), r.page()
	p.say(`{"watch":[{"camera":"front","number":1},{"camera":"back","number":2}]}`)
	p.next()
	p.next()
	other.say(`{"watch":[{"camera":"back","number":1}]}`)
	other.next()
	stream := r.do("GET", "/cameras/back/stream.mjpg")
	defer stream.Body.Close()

	r.front.hub.Publish(nil) // nothing can be done with it
	if got := p.hearRefused(); *got.Refused != 1 || !strings.Contains(got.Why, "mistake") {
		t.Errorf("%+v", got)
	}
	p.painted(2, 0)
	other.painted(1, 0)
	r.back.show("anew")
	if got := p.next(); got.number != 2 || got.jpeg != "anew" {
		t.Errorf("the page's other camera: %+v", got)
	}
	if got := other.next(); got.jpeg != "anew" {
		t.Errorf("the other page: %+v", got)
	}
	if stream.StatusCode != http.StatusOK {
		t.Error(stream.Status)
	}
	await(t, "the front camera to have no viewer", func() bool { return r.front.viewers.Load() == 0 })
	if !strings.Contains(log.String(), "offer") || !strings.Contains(log.String(), "websocket.go") {
		t.Errorf("the log has no stack:\n%s", log)
	}
	faults.Held(t, "a mistake with one viewer", "1 camera of 1 page ended and was told; its other camera, another page and a stream went on")
}
