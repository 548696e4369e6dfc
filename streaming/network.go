package streaming

import (
	"context"
	"net"
	"sync"

	"traycam/streaming/viewer"
)

// Access says who may watch from the network. The zero value: nobody.
type Access = viewer.Access

// Share says who may watch from the network from now on; at first nobody. Where
// that changes, whoever watches from there is cut off and has to ask again. It
// waits for nobody.
func (s *Server) Share(access Access) {
	s.sharing.Lock()
	defer s.sharing.Unlock()
	if access == s.access {
		return
	}
	s.access = access
	// In this order: what comes in between finds the new access.
	s.viewers.Share(access)
	s.visits.end(nil)
}

// ServeNetwork answers HTTP on ln, which is on the network, as far as Share lets
// viewers in. When ctx is done it ends what is still open, streams too.
func (s *Server) ServeNetwork(ctx context.Context, ln *net.TCPListener) error {
	defer s.visits.end(ln)
	return s.serve(ctx, visitListener{ln, &s.visits}, s.viewers.Network())
}

// visits are the connections from the network. net/http forgets those that
// carry streams, hence they are kept here.
type visits struct {
	mu  sync.Mutex
	all map[*visit]struct{} // Guarded by mu.
}

// visit is one connection; the rest of TCPConn's methods shine through.
type visit struct {
	*net.TCPConn
	visits *visits
	came   *net.TCPListener
}

// Close may be called more than once.
func (v *visit) Close() error {
	v.visits.mu.Lock()
	delete(v.visits.all, v)
	v.visits.mu.Unlock()
	return v.TCPConn.Close()
}

// end closes the connections that came in by one listener; nil: by any.
func (v *visits) end(came *net.TCPListener) {
	v.mu.Lock()
	var ending []*visit
	for one := range v.all {
		if came == nil || one.came == came {
			ending = append(ending, one)
		}
	}
	v.mu.Unlock()
	for _, one := range ending {
		one.Close()
	}
}

type visitListener struct {
	*net.TCPListener
	visits *visits
}

func (l visitListener) Accept() (net.Conn, error) {
	conn, err := l.AcceptTCP()
	if err != nil {
		return nil, err
	}
	one := &visit{TCPConn: conn, visits: l.visits, came: l.TCPListener}
	l.visits.mu.Lock()
	defer l.visits.mu.Unlock()
	if l.visits.all == nil {
		l.visits.all = map[*visit]struct{}{}
	}
	l.visits.all[one] = struct{}{}
	return one, nil
}
