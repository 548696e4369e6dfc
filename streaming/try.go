package streaming

import (
	"context"
	"iter"
	"log/slog"
	"time"

	"traycam/streaming/camera"
	"traycam/streaming/frame"
)

// Trial is what was seen of a camera that is being tried.
type Trial struct {
	CameraStatus
	// Frame is its newest picture, nil while there is none.
	Frame *frame.Frame
}

// trialEvery is how often a trial is looked at.
const trialEvery = 200 * time.Millisecond

// Try takes a camera in that need not be one of the cameras, and yields how it
// goes, five times a second, until ctx is done. Where the camera of that ID is
// there already, it is let go meanwhile: many cameras allow one connection, and
// a port can be listened on once. Where a camera with that very address is taken
// in already, it is that one that is looked at.
func (s *Server) Try(ctx context.Context, c Camera) iter.Seq[Trial] {
	return func(yield func(Trial) bool) {
		p, giveBack := s.borrow(c)
		defer giveBack()
		tick := time.NewTicker(trialEvery)
		defer tick.Stop()
		for yield(p.trial(c.Turn)) {
			select {
			case <-tick.C:
			case <-ctx.Done():
				return
			}
		}
	}
}

// trial is how the camera is now, shown as turn says.
func (p *pipeline) trial(turn frame.Turn) Trial {
	t := Trial{p.snapshot(), p.Newest()}
	if t.Frame != nil && t.Frame.Turn() != turn {
		t.Frame = t.Frame.Turned(turn)
		t.Width, t.Height = t.Frame.Width, t.Frame.Height
	}
	return t
}

// borrow gives a pipeline that takes c in, until giveBack is called.
func (s *Server) borrow(c Camera) (p *pipeline, giveBack func()) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.running && c.MaxFPS == 0 {
		for _, p := range s.pipelines {
			if p.camera.URL == c.URL && p.camera.Enabled && p.lent == 0 {
				return p, func() {}
			}
		}
	}
	old := s.pipelines[c.ID]
	if old != nil {
		old.pull()
		old.lent++
		if old.end != nil && old.camera.Enabled {
			old.setStatus(camera.Status{State: camera.Connecting, Reason: camera.Reason{Sentence: "This camera is being tested."}})
		}
	}
	c.Enabled = true
	p = newPipeline(c, &watched{}, slog.New(s.opt.Log.Handler()).With("trial", true), func() {})
	p.start()
	return p, func() {
		p.stop()
		if old == nil {
			return
		}
		s.mu.Lock()
		defer s.mu.Unlock()
		if old.lent--; old.lent == 0 && old.end != nil {
			old.plug()
		}
	}
}
