package camera_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/goleak"

	"traycam/faults"
	"traycam/streaming/camera"
	"traycam/streaming/frame"
	"traycam/streaming/jpeg"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// sourceFunc is a camera that a test makes up.
type sourceFunc func(ctx context.Context, out *camera.Output) error

func (f sourceFunc) Run(ctx context.Context, out *camera.Output) error { return f(ctx, out) }

// seen is a Sink that notes the states in their order.
type seen struct {
	states []string
	last   camera.Status
	frames int
}

func (s *seen) sink() camera.Sink {
	return camera.Sink{
		Frame:  func(*frame.Frame) { s.frames++ },
		Status: func(status camera.Status) { s.states = append(s.states, status.State.String()); s.last = status },
		Lost:   func(dropped, repaired uint64) {},
		Log:    func(error) {},
	}
}

func TestSuperviseWaitsLongerAndLonger(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), 5*time.Minute)
		defer cancel()
		var tries []time.Time
		camera.Supervise(ctx, sourceFunc(func(context.Context, *camera.Output) error {
			tries = append(tries, time.Now())
			return errors.New("no")
		}), new(seen).sink())
		want := 500 * time.Millisecond
		for i := 1; i < len(tries); i++ {
			if got := tries[i].Sub(tries[i-1]); got < want*3/4 || got > want*5/4 {
				t.Errorf("try %d came after %v, want about %v", i+1, got, want)
			}
			want = min(2*want, 30*time.Second)
		}
		if len(tries) < 12 {
			t.Errorf("%d tries in 5 minutes", len(tries))
		}
	})
}

func TestSuperviseStartsOverAfterAFrame(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		tries := 0
		var ended, again time.Time
		camera.Supervise(ctx, sourceFunc(func(_ context.Context, out *camera.Output) error {
			switch tries++; tries {
			case 5:
				out.Connected()
				out.Frame(jpeg.Image{Data: []byte("picture"), Width: 1, Height: 1}, time.Now())
				ended = time.Now()
			case 6:
				again = time.Now()
			}
			return errors.New("no")
		}), new(seen).sink())
		if wait := again.Sub(ended); wait > 700*time.Millisecond {
			t.Errorf("the try after a frame came after %v", wait)
		}
	})
}

func TestSuperviseTellsStates(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		s := new(seen)
		try := 0
		camera.Supervise(ctx, sourceFunc(func(ctx context.Context, out *camera.Output) error {
			switch try++; try {
			case 1:
				out.Frame(jpeg.Image{Data: []byte("picture")}, time.Now())
				return &camera.Problem{Reason: camera.Reason{Sentence: "Nobody at %s.", Address: "10.0.0.7"}}
			case 2:
				return &camera.Problem{Stalled: true, Reason: camera.Reason{Sentence: "It is silent."}}
			case 3:
				panic("a bug")
			}
			if s.frames != 1 {
				t.Errorf("%d frames", s.frames)
			}
			cancel()
			return ctx.Err()
		}), s.sink())
		got := strings.Join(s.states, " ")
		want := "connecting live retrying connecting stalled connecting retrying connecting off"
		if got != want {
			t.Errorf("states\n%s, want\n%s", got, want)
		}
	})
}

func TestFaultAPanicIsTheCamerasReason(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
		defer cancel()
		var reason string
		var logged error
		sink := new(seen).sink()
		sink.Status = func(s camera.Status) { reason += s.Reason.String() }
		sink.Log = func(err error) { logged = err }
		camera.Supervise(ctx, sourceFunc(func(context.Context, *camera.Output) error { panic("a bug") }), sink)
		if !strings.Contains(reason, "Traycam made a mistake") || strings.Contains(reason, "a bug") {
			t.Errorf("people read %q", reason)
		}
		if logged == nil || !strings.Contains(logged.Error(), "a bug") || !strings.Contains(logged.Error(), "supervise_test.go") {
			t.Errorf("the log has %v", logged)
		}
		faults.Held(t, "a mistake with one camera", "people read: %s", reason)
	})
}

func TestReasonKeepsTheAddressFromViewers(t *testing.T) {
	for _, c := range []struct{ sentence, whole, public string }{
		{"The camera at %s ended the connection.", "The camera at 10.0.0.7:8888 ended the connection.", "The camera ended the connection."},
		{"Nobody listens on %s.", "Nobody listens on 10.0.0.7:8888.", "Nobody listens on the camera's address."},
		{"It is off.", "It is off.", "It is off."},
	} {
		r := camera.Reason{Sentence: c.sentence, Address: "10.0.0.7:8888"}
		if r.String() != c.whole || r.Public() != c.public {
			t.Errorf("%q: %q, public %q", c.sentence, r, r.Public())
		}
	}
}
