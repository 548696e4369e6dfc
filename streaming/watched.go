package streaming

import (
	"slices"
	"sync"
	"time"
)

// Watcher is one stream that is being watched.
type Watcher struct {
	Address string // the viewer's IP address
	Local   bool   // the viewer is on this computer
	Camera  string // ID
	Since   time.Time
}

// maxWatchers is how many are told of: more than anybody reads.
const maxWatchers = 200

// Watching is who watches now, at most 200, longest first. Not to be modified.
func (s *Server) Watching() []Watcher { return s.watched.now() }

// watched keeps who watches. May be used at once.
type watched struct {
	mu sync.Mutex
	// Guarded by mu.
	all  []*Watcher // longest first
	told []Watcher  // what now gives; nil: to be made anew
}

// add notes a watcher, from now on, until forget is called.
func (w *watched) add(one Watcher) (forget func()) {
	w.mu.Lock()
	defer w.mu.Unlock()
	one.Since = time.Now()
	w.all = append(w.all, &one)
	w.told = nil
	return func() {
		w.mu.Lock()
		defer w.mu.Unlock()
		at := slices.Index(w.all, &one)
		w.all = slices.Delete(w.all, at, at+1)
		w.told = nil
	}
}

func (w *watched) now() []Watcher {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.told == nil {
		for _, one := range w.all[:min(len(w.all), maxWatchers)] {
			w.told = append(w.told, *one)
		}
	}
	return w.told
}
