// Package hub hands the newest value to any number of watchers.
//
// A value that a watcher had no time for is gone: a stale picture is worthless,
// so the publisher never waits and nothing queues.
package hub

import (
	"context"
	"iter"
	"sync"
)

// Hub keeps the newest value and wakes its watchers. The zero value is ready.
// All methods may be called at once.
type Hub[T any] struct {
	mu sync.Mutex
	// Guarded by mu.
	value    T
	version  uint64 // counts Publish calls; 0: nothing published yet
	watchers []*watcher
}

type watcher struct {
	wake chan struct{} // holds at most one: "there may be a newer value"
	at   int           // index in Hub.watchers; guarded by Hub.mu
}

// Publish makes v the newest value and wakes every watcher. It never blocks on
// a watcher and allocates nothing.
func (h *Hub[T]) Publish(v T) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.value = v
	h.version++
	for _, w := range h.watchers {
		select {
		case w.wake <- struct{}{}:
		default: // it has not yet seen the last wake-up: it will find v
		}
	}
}

// Latest returns the newest value, and false where none was published yet.
func (h *Hub[T]) Latest() (T, bool) {
	v, version := h.newest()
	return v, version > 0
}

// Watchers counts the loops over [Hub.Watch] that are running now.
func (h *Hub[T]) Watchers() int {
	h.mu.Lock()
	defer h.mu.Unlock()
	return len(h.watchers)
}

// Watch yields the newest value, if there is one, and then newer ones as they
// are published, leaving out those that the loop was too slow for. It ends when
// ctx is done or the loop is left; watching lasts exactly as long as the loop.
func (h *Hub[T]) Watch(ctx context.Context) iter.Seq[T] {
	return func(yield func(T) bool) {
		w := h.join()
		defer h.leave(w)
		var seen uint64
		for ctx.Err() == nil {
			if v, version := h.newest(); version != seen {
				seen = version
				if !yield(v) {
					return
				}
				continue
			}
			select {
			case <-w.wake:
			case <-ctx.Done():
			}
		}
	}
}

func (h *Hub[T]) newest() (T, uint64) {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.value, h.version
}

func (h *Hub[T]) join() *watcher {
	w := &watcher{wake: make(chan struct{}, 1)}
	h.mu.Lock()
	defer h.mu.Unlock()
	w.at = len(h.watchers)
	h.watchers = append(h.watchers, w)
	return w
}

func (h *Hub[T]) leave(w *watcher) {
	h.mu.Lock()
	defer h.mu.Unlock()
	last := len(h.watchers) - 1
	h.watchers[w.at] = h.watchers[last]
	h.watchers[w.at].at = w.at
	h.watchers[last] = nil
	h.watchers = h.watchers[:last]
}
