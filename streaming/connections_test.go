package streaming

import (
	"log/slog"
	"net/netip"
	"testing"

	"traycam/streaming/viewer"
)

func TestConnectionsAreBounded(t *testing.T) {
	for descriptors, want := range map[uint64]int{0: 10_000, 20: 1, 64: 32, 1024: 768, 4096: 3072, 1 << 20: 10_000} {
		if c := newConnections(slog.New(slog.DiscardHandler), descriptors); c.most != want {
			t.Errorf("of %d descriptors %d are for viewers, want %d", descriptors, c.most, want)
		}
	}
	c := newConnections(slog.New(slog.DiscardHandler), 128) // 96 places, 72 of them for the network
	from := func(address string) netip.Prefix { return viewer.OneClient(netip.MustParseAddr(address)) }
	var leaves []func()
	fill := func(who netip.Prefix) (n int) {
		for {
			leave, ok := c.enter(who)
			if !ok {
				return n
			}
			leaves = append(leaves, leave)
			n++
		}
	}
	one, other := from("10.0.0.1"), from("10.0.0.2")
	if n := fill(one); n != 48 {
		t.Errorf("one address gets %d places", n)
	}
	if n := fill(other); n != 24 {
		t.Errorf("the network gets %d more", n)
	}
	if n := fill(netip.Prefix{}); n != 24 {
		t.Errorf("this computer gets %d more", n)
	}
	for _, leave := range leaves {
		leave()
		leave() // closed twice
	}
	if c.all != 0 || c.network != 0 || len(c.from) != 0 {
		t.Errorf("left are %d, %d, %v", c.all, c.network, c.from)
	}
	// A neighbour in the same /64 is the same client.
	fill(from("fd00::1"))
	if n := fill(from("fd00::2")); n != 0 {
		t.Errorf("the same network gets %d places more", n)
	}
}
