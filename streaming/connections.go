package streaming

import (
	"io"
	"log/slog"
	"net"
	"net/netip"
	"sync"
	"time"

	"traycam/streaming/viewer"
)

const (
	// mostConnections is how many there may be at once, whatever they ask for.
	mostConnections = 10_000
	// mostFromOne is how many of them one address in the network may have, with
	// IPv6 a /64. More than this many viewers come through a proxy on this computer.
	mostFromOne = 1000
	// leastReserve is how many file descriptors are left at least for cameras and files.
	leastReserve = 32
	// mostRefusals is how many of those who are refused may still be listened to.
	mostRefusals = 4
)

// connections are all of viewers. Without a bound, who opens very many would take
// the file descriptors that cameras need to come back. May be used at once.
type connections struct {
	log  *slog.Logger
	most int

	refusals chan struct{} // holds one for each that is being refused

	mu sync.Mutex
	// Guarded by mu.
	all, network int
	from         map[netip.Prefix]int // in the network
	complained   time.Time
}

// newConnections leaves of the file descriptors that the process may have (0: no
// limit is known) a quarter for the rest of the program.
func newConnections(log *slog.Logger, descriptors uint64) *connections {
	most := uint64(mostConnections)
	if descriptors > 0 {
		reserve := max(descriptors/4, leastReserve)
		most = min(most, max(descriptors, reserve+1)-reserve)
	}
	return &connections{
		log: log, most: int(most), from: map[netip.Prefix]int{},
		refusals: make(chan struct{}, mostRefusals),
	}
}

// enter counts a connection in until leave is called. The network gets three
// quarters of the places, and an address in it half of them at most: viewers on this computer,
// and from other addresses, are to find one.
func (c *connections) enter(from netip.Prefix) (leave func(), ok bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	network := from.IsValid()
	if c.all >= c.most || network && (c.network >= c.most*3/4 || c.from[from] >= min(mostFromOne, max(c.most/2, 1))) {
		return nil, false
	}
	c.all++
	if network {
		c.network++
		c.from[from]++
	}
	return sync.OnceFunc(func() {
		c.mu.Lock()
		defer c.mu.Unlock()
		c.all--
		if !network {
			return
		}
		c.network--
		if c.from[from]--; c.from[from] == 0 {
			delete(c.from, from)
		}
	}), true
}

const refusal = "HTTP/1.1 503 Service Unavailable\r\nContent-Type: text/plain; charset=utf-8\r\nX-Content-Type-Options: nosniff\r\n" +
	"Cache-Control: no-store\r\nRetry-After: 5\r\nContent-Length: 51\r\nConnection: close\r\n\r\n" +
	"Too many connections are open. Try again in a bit.\n"

// refuse says so, without waiting: to a connection that is new, a short answer always
// fits. Closing it before the request was read may take the answer back, so a few are listened to.
func (c *connections) refuse(conn *net.TCPConn, refusing *sync.WaitGroup) {
	c.complain(conn)
	conn.SetDeadline(time.Now().Add(time.Second))
	io.WriteString(conn, refusal)
	select {
	case c.refusals <- struct{}{}:
	default:
		conn.Close()
		return
	}
	refusing.Go(func() {
		defer func() { <-c.refusals }()
		defer conn.Close()
		conn.CloseWrite()
		io.Copy(io.Discard, io.LimitReader(conn, 64<<10))
	})
}

// complain tells the log once a minute.
func (c *connections) complain(conn net.Conn) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if time.Since(c.complained) < time.Minute && !c.complained.IsZero() {
		return
	}
	c.complained = time.Now()
	c.log.Warn("new connections are refused", "open", c.all, "most", c.most, "from", conn.RemoteAddr())
}

// connection is one that has a place; the rest of TCPConn's methods shine through.
type connection struct {
	*net.TCPConn
	leave func()
}

// Close may be called more than once.
func (c *connection) Close() error {
	defer c.leave()
	return c.TCPConn.Close()
}

// boundedListener accepts connections that have a place.
type boundedListener struct {
	net.Listener // of TCP
	connections  *connections
	network      bool
	refusing     *sync.WaitGroup // those who are told that there is no place
}

func (s *Server) bounded(ln net.Listener, network bool) boundedListener {
	return boundedListener{ln, s.connections, network, new(sync.WaitGroup)}
}

func (l boundedListener) Accept() (net.Conn, error) {
	conn, err := l.accept()
	if err != nil {
		return nil, err // not a nil *connection
	}
	return conn, nil
}

func (l boundedListener) accept() (*connection, error) {
	for {
		accepted, err := l.Listener.Accept()
		if err != nil {
			return nil, err
		}
		conn := accepted.(*net.TCPConn)
		from := netip.Prefix{}
		if l.network {
			from = viewer.OneClient(conn.RemoteAddr().(*net.TCPAddr).AddrPort().Addr())
		}
		if leave, ok := l.connections.enter(from); ok {
			return &connection{conn, leave}, nil
		}
		l.connections.refuse(conn, l.refusing)
	}
}
