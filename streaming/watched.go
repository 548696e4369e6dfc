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
	Link    string // the name of the link that it came by; empty: another way, or the link for everybody
	Since   time.Time

	token string // of that link
}

// maxWatchers is how many are told of: more than anybody reads.
const maxWatchers = 200

// Watching is who watches now, at most 200, longest first. Not to be modified.
func (s *Server) Watching() []Watcher { return s.watched.now() }

// LinkViewers counts the streams that are being watched by each link, by its token.
func (s *Server) LinkViewers() map[string]int { return s.watched.byLink() }

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

func (w *watched) byLink() map[string]int {
	w.mu.Lock()
	defer w.mu.Unlock()
	count := map[string]int{}
	for _, one := range w.all {
		if one.token != "" {
			count[one.token]++
		}
	}
	return count
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
