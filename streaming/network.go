package streaming

import (
	"context"
	"net"
	"sync"
	"time"

	"traycam/streaming/viewer"
)

// Access says who may watch from the network. The zero value: nobody.
type Access = viewer.Access

// Link lets in who has its token, to some cameras or all.
type Link = viewer.Link

// What the page /share shows, and who knows it.
type (
	Sharing    = viewer.Sharing
	SharePage  = viewer.SharePage
	SharedLink = viewer.SharedLink
	Snippet    = viewer.Snippet
)

// Share says who may watch from the network from now on; at first nobody. Who
// may no longer watch, or not the same, is cut off; where Open changes, whoever
// watches from the network. It waits for nobody.
func (s *Server) Share(access Access) {
	s.sharing.Lock()
	defer s.sharing.Unlock()
	before := s.access
	if access.Equal(before) {
		return
	}
	s.access = access
	// In this order: what comes in between finds the new access.
	s.viewers.Share(access)
	now := time.Now()
	s.visits.end(func(v *visit) bool { return !before.Keeps(access, v.base, now) })
	s.awaitExpiry()
}

// CallIt says by what name, such as "traycam.local", the network finds this
// computer, beside those that it knows of itself; empty: by no other.
func (s *Server) CallIt(name string) { s.viewers.CallIt(name) }

// clockEvery is how often links that expire are looked at: the computer's clock
// may be set, and timers stand still while it sleeps.
const clockEvery = 5 * time.Second

// awaitExpiry sets the timer for the link that expires next. s.sharing is held.
func (s *Server) awaitExpiry() {
	if s.expiry != nil {
		s.expiry.Stop()
	}
	wait := time.Duration(-1)
	for _, l := range s.access.Links {
		if left := time.Until(l.Expires); left > 0 && (wait < 0 || left < wait) {
			wait = left
		}
	}
	if wait >= 0 {
		s.expiry = time.AfterFunc(min(wait, clockEvery), s.endExpired)
	}
}

// endExpired cuts off who came by links that have expired.
func (s *Server) endExpired() {
	s.sharing.Lock()
	defer s.sharing.Unlock()
	now := time.Now()
	s.visits.end(func(v *visit) bool {
		_, lets := s.access.Lets(v.base, now)
		return v.base != "" && !lets
	})
	s.awaitExpiry()
}

// ServeNetwork answers HTTP on ln, which is on the network, as far as Share lets
// viewers in. When ctx is done it ends what is still open, streams too.
func (s *Server) ServeNetwork(ctx context.Context, ln *net.TCPListener) error {
	defer s.visits.end(func(v *visit) bool { return v.came == ln })
	bounded := s.bounded(ln, true)
	defer bounded.refusing.Wait()
	return s.serve(ctx, visitListener{bounded, &s.visits}, s.viewers.Network())
}

// visits are the connections from the network. net/http forgets those that
// carry streams, hence they are kept here.
type visits struct {
	mu  sync.Mutex
	all map[*visit]struct{} // Guarded by mu.
}

// visit is one connection; the rest of TCPConn's methods shine through.
type visit struct {
	*connection
	visits *visits
	came   net.Listener
	base   string // where its last request came in; empty: none did. Guarded by visits.mu.
}

// CameBy notes where a request came in.
func (v *visit) CameBy(base string) {
	v.visits.mu.Lock()
	defer v.visits.mu.Unlock()
	v.base = base
}

// Close may be called more than once.
func (v *visit) Close() error {
	v.visits.mu.Lock()
	delete(v.visits.all, v)
	v.visits.mu.Unlock()
	return v.connection.Close()
}

// end closes the connections that are to end. v.mu is held while they are asked for.
func (v *visits) end(ends func(*visit) bool) {
	v.mu.Lock()
	var ending []*visit
	for one := range v.all {
		if ends(one) {
			ending = append(ending, one)
		}
	}
	v.mu.Unlock()
	for _, one := range ending {
		one.Close()
	}
}

type visitListener struct {
	boundedListener
	visits *visits
}

func (l visitListener) Accept() (net.Conn, error) {
	conn, err := l.accept()
	if err != nil {
		return nil, err
	}
	one := &visit{connection: conn, visits: l.visits, came: l.Listener}
	l.visits.mu.Lock()
	defer l.visits.mu.Unlock()
	if l.visits.all == nil {
		l.visits.all = map[*visit]struct{}{}
	}
	l.visits.all[one] = struct{}{}
	return one, nil
}
