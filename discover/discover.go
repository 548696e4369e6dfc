// Package discover finds cameras in the network, by asking everybody at once: for
// ONVIF cameras by WS-Discovery, for others by multicast DNS. It never goes
// through addresses or ports. An ONVIF camera then tells its streams.
package discover

import (
	"cmp"
	"context"
	"iter"
	"net"
	"net/netip"
	"slices"
	"strings"
	"sync"
	"time"
	"unicode"

	"golang.org/x/net/ipv4"
)

// Bounds of a search.
const (
	lookFor       = 5 * time.Second
	maxFound      = 200
	maxInterfaces = 16
	maxPackets    = 2000      // from a socket
	maxPacket     = 64 * 1024 // all that UDP can carry
)

// Found is something in the network that answered. Comparable.
type Found struct {
	Name string // what it calls itself; may be empty
	Host string // its address
	// ONVIF tells that URL is where [Streams] asks. Else URL is a camera's address,
	// rtsp: or http:, though much that has a web page is no camera.
	ONVIF bool
	URL   string
}

// Look asks the network, and yields all that has answered so far whenever there is
// more: ONVIF cameras first, web pages last. It ends by itself after 5 s, and when
// ctx is done. Not for use at once with itself.
func Look(ctx context.Context) iter.Seq[[]Found] {
	return func(yield func([]Found) bool) {
		ctx, cancel := context.WithTimeout(ctx, lookFor)
		defer cancel()
		s := &search{records: newRecords()}
		defer s.close()
		s.open(ctx)
		s.run(ctx, yield)
	}
}

// search is one Look. All but the sockets' readers is done by the goroutine that loops.
type search struct {
	sockets []*socket
	packets chan packet
	readers sync.WaitGroup
	onvif   []Found
	records *records
}

// socket asks one question kind on one interface. Answers come to it alone: it has a
// port of its own.
type socket struct {
	conn    *net.UDPConn
	network netip.Prefix // of the interface
	ask     func(s *socket, tick int)
	take    func(p packet) // an answer from a credible sender
}

type packet struct {
	socket *socket
	from   netip.Addr
	data   []byte
}

// open makes the sockets, and no goroutine that could make one: a test may have
// bound this thread to a network of its own.
func (s *search) open(ctx context.Context) {
	s.packets = make(chan packet)
	interfaces, err := net.Interfaces()
	if err != nil {
		return
	}
	for _, i := range interfaces {
		const want, never = net.FlagUp | net.FlagMulticast, net.FlagLoopback
		if i.Flags&want != want || i.Flags&never != 0 || len(s.sockets) >= 2*maxInterfaces {
			continue
		}
		network, ok := ipv4Of(i)
		if !ok {
			continue
		}
		s.listen(ctx, i, network, &socket{ask: askONVIF, take: s.takeONVIF})
		s.listen(ctx, i, network, &socket{ask: s.records.ask, take: s.takeRecords})
	}
}

// ipv4Of is an interface's address with its network.
func ipv4Of(i net.Interface) (netip.Prefix, bool) {
	addresses, err := i.Addrs()
	if err != nil {
		return netip.Prefix{}, false // gone since it was listed
	}
	for _, a := range addresses {
		if p, err := netip.ParsePrefix(a.String()); err == nil && p.Addr().Is4() {
			return p, true
		}
	}
	return netip.Prefix{}, false
}

func (s *search) listen(ctx context.Context, i net.Interface, network netip.Prefix, k *socket) {
	conn, err := net.ListenUDP("udp4", net.UDPAddrFromAddrPort(netip.AddrPortFrom(network.Addr(), 0)))
	if err != nil {
		return
	}
	// The address alone does not decide the way that multicast takes.
	if err := ipv4.NewPacketConn(conn).SetMulticastInterface(&i); err != nil {
		conn.Close()
		return
	}
	k.conn, k.network = conn, network
	s.sockets = append(s.sockets, k)
	s.readers.Go(func() {
		buffer := make([]byte, maxPacket)
		for range maxPackets {
			n, from, err := conn.ReadFromUDPAddrPort(buffer)
			if err != nil {
				return
			}
			select {
			case s.packets <- packet{k, from.Addr().Unmap(), slices.Clone(buffer[:n])}:
			case <-ctx.Done():
				return
			}
		}
	})
}

func (s *search) close() {
	for _, k := range s.sockets {
		k.conn.Close()
	}
	s.readers.Wait()
}

// run asks again now and then, since packets are lost, and shows what is new.
func (s *search) run(ctx context.Context, yield func([]Found) bool) {
	if len(s.sockets) == 0 {
		return
	}
	tick := time.NewTicker(500 * time.Millisecond)
	defer tick.Stop()
	var shown []Found
	for n := 0; ; {
		for _, k := range s.sockets {
			k.ask(k, n)
		}
		for asked := n; asked == n; {
			select {
			case p := <-s.packets:
				if p.socket.believes(p.from) {
					p.socket.take(p)
				}
			case <-tick.C:
				n++
			case <-ctx.Done():
				return
			}
			if now := s.found(); !slices.Equal(now, shown) {
				if shown = now; !yield(slices.Clone(now)) {
					return
				}
			}
		}
	}
}

// believes tells whether an answer may come from there: from this network, or one
// that the internet does not reach. Multicast goes no further, so others were not asked.
func (k *socket) believes(a netip.Addr) bool {
	return a.IsValid() && !a.IsUnspecified() && !a.IsLoopback() && !a.IsMulticast() &&
		(k.network.Contains(a) || a.IsPrivate() || a.IsLinkLocalUnicast())
}

func (s *search) takeONVIF(p packet) {
	for _, f := range parseProbeMatches(p.data, p.from) {
		known := func(other Found) bool { return other.URL == f.URL }
		if len(s.onvif) < maxFound && !slices.ContainsFunc(s.onvif, known) {
			s.onvif = append(s.onvif, f)
		}
	}
}

func (s *search) takeRecords(p packet) { s.records.take(p) }

// found is the list: one entry for each device, as far as its address tells.
func (s *search) found() []Found {
	all := slices.Clone(s.onvif)
	for _, f := range s.records.found() {
		if !slices.ContainsFunc(s.onvif, func(o Found) bool { return sameDevice(o, f) }) {
			all = append(all, f)
		}
	}
	slices.SortStableFunc(all, func(a, b Found) int {
		return cmp.Or(a.rank()-b.rank(), cmp.Compare(strings.ToLower(a.Name), strings.ToLower(b.Name)), cmp.Compare(a.URL, b.URL))
	})
	return all[:min(len(all), maxFound)]
}

func (f Found) rank() int {
	switch {
	case f.ONVIF:
		return 0
	case strings.HasPrefix(f.URL, "rtsp:"):
		return 1
	}
	return 2
}

// sameDevice tells whether what was found by name is what an ONVIF camera tells better:
// its RTSP, or its own web page. A web page on another port may be another program's.
func sameDevice(onvif, f Found) bool {
	if onvif.Host != f.Host {
		return false
	}
	port := portOf(f.URL)
	return f.rank() == 1 || port == "80" || port == portOf(onvif.URL)
}

// shown is what a device calls itself, fit for a list.
func shown(name string) string {
	name = strings.Map(func(c rune) rune {
		if !unicode.IsPrint(c) {
			return ' '
		}
		return c
	}, strings.ToValidUTF8(name, "?"))
	name = strings.Join(strings.Fields(name), " ")
	if long := []rune(name); len(long) > 80 {
		name = string(long[:80]) + "…"
	}
	return name
}
