package camera

import (
	"context"
	"fmt"
	"math/rand/v2"
	"runtime/debug"
	"sync"
	"time"

	"traycam/streaming/frame"
	"traycam/streaming/jpeg"
)

// Back-off between tries.
const (
	firstWait = 500 * time.Millisecond
	longWait  = 30 * time.Second
)

// Sink is where a supervised camera's doings go. Frame and Lost are called from
// one goroutine at a time; Status from any, also one at a time.
type Sink struct {
	// Frame gets each whole picture, unnumbered. It must not block.
	Frame func(*frame.Frame)
	// Turn tells how the next picture is to be shown. May be nil: as it comes.
	Turn func() frame.Turn
	// Status gets the status whenever it changes.
	Status func(Status)
	// Lost gets what happened to pictures on the way in since its last call.
	Lost func(dropped, repaired uint64)
	// Format gets in words how the pictures come, whenever that changes. May be nil.
	Format func(name string)
	// Log gets technical errors: the owner of the camera logs them.
	Log func(err error)
}

// Supervise runs src and runs it again whenever it ends, waiting ever longer
// from 0.5 s to 30 s, until ctx is done. The wait starts over after a frame, not
// after a connect. It returns when src has ended.
func Supervise(ctx context.Context, src Source, sink Sink) {
	out := &Output{sink: sink}
	defer out.set(Status{State: Off})
	wait := firstWait
	for ctx.Err() == nil {
		out.set(Status{State: Connecting})
		before := out.frames
		err := guard(func() error { return src.Run(ctx, out) })
		if ctx.Err() != nil {
			return
		}
		sink.Log(err)
		if out.frames != before {
			wait = firstWait
		}
		pause := wait*3/4 + rand.N(wait/2) // #nosec G404 -- so that cameras that fell together do not rise together
		wait = min(wait*2, longWait)
		out.fail(err, time.Now().Add(pause))
		select {
		case <-time.After(pause):
		case <-ctx.Done():
		}
	}
}

// Mistake is the reason of a camera that a panic ended.
var Mistake = Reason{Sentence: "Traycam made a mistake with this camera and starts it again. Please report it, with the log."}

// guard turns a panic at a camera's edge into an error that ends that camera's try alone.
func guard(f func() error) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = &Problem{
				Reason: Mistake,
				Err:    fmt.Errorf("panic: %v\n%s", p, debug.Stack()),
			}
		}
	}()
	if err = f(); err == nil {
		err = &Problem{Reason: Reason{Sentence: "The camera ended."}}
	}
	return err
}

// Output is what a [Source] has for saying what happens.
type Output struct {
	sink Sink

	// Owned by the goroutine that takes the camera's pictures in.
	frames uint64
	format string

	mu     sync.Mutex
	status Status // Guarded by mu.
}

// Frame passes on a whole picture; the camera is live from then on. It copies image.
func (o *Output) Frame(image jpeg.Image, at time.Time) {
	o.frames++
	var turn frame.Turn
	if o.sink.Turn != nil {
		turn = o.sink.Turn()
	}
	o.sink.Frame(frame.NewTurned(image.Data, image.Width, image.Height, at, turn))
	o.live() // after the frame, so that a live camera's newest picture is never one from before
}

// live marks the camera live, and keeps the notice that stands in a live status.
func (o *Output) live() {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.status.State != Live {
		o.setLocked(Status{State: Live})
	}
}

// Waiting says that nobody is connected; why may be empty.
func (o *Output) Waiting(why Reason) { o.set(Status{State: Waiting, Reason: why}) }

// Connected says that the camera is there and a picture may come.
func (o *Output) Connected() { o.set(Status{State: Connecting}) }

// Stalled says that the camera was let go because it sent no whole picture,
// where it is the camera that has to connect again.
func (o *Output) Stalled(why Reason) { o.set(Status{State: Stalled, Reason: why}) }

// Notice adds a sentence to the state that the camera is in.
func (o *Output) Notice(why Reason) {
	o.mu.Lock()
	defer o.mu.Unlock()
	status := o.status
	status.Reason = why
	o.setLocked(status)
}

// Lost adds to what was thrown away and what was repaired on the way in.
func (o *Output) Lost(dropped, repaired uint64) {
	if dropped > 0 || repaired > 0 {
		o.sink.Lost(dropped, repaired)
	}
}

// Format says in words how the pictures come, such as "multipart".
func (o *Output) Format(name string) {
	if o.sink.Format != nil && name != o.format {
		o.sink.Format(name)
	}
	o.format = name
}

// fail is the end of a try.
func (o *Output) fail(err error, next time.Time) {
	status := Status{State: Retrying, Reason: reasonFor(err), NextTry: next}
	if p, ok := err.(*Problem); ok && p.Stalled {
		status.State = Stalled
	}
	o.set(status)
}

func (o *Output) set(s Status) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.setLocked(s)
}

func (o *Output) setLocked(s Status) {
	if s != o.status {
		o.status = s
		o.sink.Status(s)
	}
}
