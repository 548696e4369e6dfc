package viewer

import (
	"hash/maphash"
	"net/netip"
	"slices"
	"sync"
	"time"
)

const (
	maxGuesses  = 10 // wrong tokens of one client in guessWindow
	guessWindow = time.Minute
	maxGuessers = 1000 // clients that are remembered
)

// guesses counts the wrong tokens that clients try. May be used at once.
type guesses struct {
	mu sync.Mutex
	by map[netip.Prefix]*guesser // Guarded by mu.
}

// guesser is one client. The same wrong token counts once: a page with an old
// link that asks every second tries out nothing, and is not to lock its reader
// out of the new link.
type guesser struct {
	since time.Time // of the first of tried
	tried []uint64  // hashes, at most maxGuesses
}

var guessSeed = maphash.MakeSeed()

// tooMany tells whether a client has used up its guesses.
func (g *guesses) tooMany(from netip.Addr) bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	who := g.by[OneClient(from)]
	return who != nil && len(who.tried) >= maxGuesses && !who.over()
}

// wrong notes that a client tried token.
func (g *guesses) wrong(from netip.Addr, token string) {
	hash := maphash.String(guessSeed, token)
	key := OneClient(from)
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.by == nil {
		g.by = map[netip.Prefix]*guesser{}
	}
	who := g.by[key]
	switch {
	case who == nil || who.over():
		g.makeRoom()
		g.by[key] = &guesser{since: time.Now(), tried: []uint64{hash}}
	case len(who.tried) < maxGuesses && !slices.Contains(who.tried, hash):
		who.tried = append(who.tried, hash)
	}
}

func (w *guesser) over() bool { return time.Since(w.since) >= guessWindow }

// makeRoom forgets clients until one more fits. g.mu is held.
func (g *guesses) makeRoom() {
	if len(g.by) < maxGuessers {
		return
	}
	for key, who := range g.by {
		if who.over() {
			delete(g.by, key)
		}
	}
	for key := range g.by {
		if len(g.by) < maxGuessers {
			return
		}
		delete(g.by, key)
	}
}

// OneClient is who counts as one client: with IPv6 a whole /64, which is the
// least that a network gives to each.
func OneClient(from netip.Addr) netip.Prefix {
	from = from.Unmap().WithZone("")
	bits := from.BitLen()
	if from.Is6() {
		bits = 64
	}
	p, _ := from.Prefix(bits)
	return p
}
