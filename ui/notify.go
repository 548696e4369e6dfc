package ui

import (
	"time"

	"traycam/app"
	"traycam/streaming/camera"
)

// downFor is how long a camera must be down before that is told.
const downFor = 30 * time.Second

// notifier finds what is worth a notification in the snapshots that it sees, in
// the order in which they come. Not for use by several goroutines at once.
type notifier struct {
	send func(title, text string)

	viewers int
	failed  bool
	down    map[string]*downCamera
}

// downCamera is a camera that had pictures and has none.
type downCamera struct {
	since time.Time
	told  bool
}

func newNotifier(send func(title, text string)) *notifier {
	return &notifier{send: send, down: map[string]*downCamera{}}
}

// see compares a snapshot with those before.
func (n *notifier) see(s app.Snapshot, now time.Time) {
	if s.Settings.NotifyFirstViewer && n.viewers == 0 && s.Viewers > 0 {
		n.send(tr("Somebody is watching"), n.watched(s))
	}
	failed := s.Streaming == app.Failed
	if s.Settings.NotifyProblems && failed && !n.failed && s.Reason != nil {
		n.send(tr("Traycam does not stream"), inWords(s.Reason))
	}
	n.viewers, n.failed = s.Viewers, failed
	n.seeCameras(s, now)
}

// watched names the first camera that has a viewer.
func (n *notifier) watched(s app.Snapshot) string {
	for _, c := range s.Cameras {
		if c.Viewers > 0 {
			return c.Name
		}
	}
	return ""
}

func (n *notifier) seeCameras(s app.Snapshot, now time.Time) {
	kept := map[string]*downCamera{}
	for _, c := range s.Cameras {
		down := n.down[c.ID]
		if s.Streaming != app.Running || !c.Enabled || c.State == camera.Off || c.Frames == 0 {
			continue
		}
		if c.State == camera.Live {
			if down != nil && down.told && s.Settings.NotifyProblems {
				n.send(tr("%s is back", c.Name), tr("The camera sends pictures again."))
			}
			continue
		}
		if down == nil {
			down = &downCamera{since: now}
		}
		kept[c.ID] = down
		if !down.told && now.Sub(down.since) >= downFor {
			down.told = true
			if s.Settings.NotifyProblems {
				n.send(tr("%s is down", c.Name), cameraSentence(c.Status, c.URL))
			}
		}
	}
	n.down = kept
}
