package app

import (
	"cmp"
	"net"
	"net/netip"
	"os"
	"slices"
	"strconv"
	"strings"
	"time"
)

// networkInterface is one way of this computer into a network.
type networkInterface struct {
	name      string
	isDefault bool // the default route goes by it
	addresses []netip.Addr
}

// place is an address at which the network reaches this computer.
type place struct {
	Address   netip.Addr
	Interface string
}

// hosts are this computer's addresses in the network, the likeliest first,
// looked for now and then. Not for use at once.
type hosts struct {
	at   time.Time
	list []string
}

func (h *hosts) now() []string {
	if time.Since(h.at) < lookEvery {
		return h.list
	}
	h.at, h.list = time.Now(), nil // a new slice: snapshots have the old one
	interfaces, err := networkInterfaces()
	if err != nil {
		return nil
	}
	for _, p := range rank(interfaces) {
		h.list = append(h.list, p.Address.String())
	}
	return h.list
}

// maxPlaces is how many addresses are opened: a host of containers has no end of them.
const maxPlaces = 64

// rank orders the addresses at which others reach this computer, best first: the
// default route's, then private IPv4, other IPv4, then IPv6; last what leads to
// containers, virtual machines and VPNs, even if the default route does, since
// who should watch is seldom there. Link-local IPv4 is for want of others;
// link-local IPv6 cannot be written into a link.
func rank(interfaces []networkInterface) []place {
	type candidate struct {
		place
		last      bool // virtual
		kind      int
		isDefault bool
	}
	var all, linkLocal []candidate
	seen := map[netip.Addr]bool{}
	for _, i := range interfaces {
		for _, address := range i.addresses {
			address = address.Unmap()
			if seen[address] || !address.IsValid() || address.Zone() != "" || address.IsLoopback() || address.IsUnspecified() || address.IsMulticast() {
				continue
			}
			seen[address] = true
			c := candidate{place{address, i.name}, isVirtual(i.name), kindOf(address), i.isDefault}
			switch {
			case !address.IsLinkLocalUnicast():
				all = append(all, c)
			case address.Is4():
				linkLocal = append(linkLocal, c)
			}
		}
	}
	if len(all) == 0 {
		all = linkLocal
	}
	first := func(yes bool) int {
		if yes {
			return 0
		}
		return 1
	}
	slices.SortStableFunc(all, func(a, b candidate) int {
		return cmp.Or(first(!a.last)-first(!b.last), first(a.isDefault && a.place.Address.Is4())-first(b.isDefault && b.place.Address.Is4()),
			a.kind-b.kind, first(a.isDefault)-first(b.isDefault))
	})
	// Where the default route is IPv6 alone, a private IPv4 address leads to some island.
	if at := slices.IndexFunc(all, func(c candidate) bool { return c.isDefault && !c.last }); at > 0 {
		best := all[at]
		all = slices.Insert(slices.Delete(all, at, at+1), 0, best)
	}
	var places []place
	for _, c := range all[:min(len(all), maxPlaces)] {
		places = append(places, c.place)
	}
	return places
}

// kindOf: the lower, the likelier it is that others reach it and can type it.
func kindOf(address netip.Addr) int {
	switch {
	case address.Is4() && address.IsPrivate():
		return 0
	case address.Is4():
		return 1
	case address.IsPrivate(): // unique local
		return 2
	}
	return 3
}

// virtual are the beginnings of the names of interfaces that lead to containers,
// virtual machines and VPNs, and of macOS' own for AirDrop; in lower case.
var virtual = []string{
	"docker", "br-", "veth", "virbr", "vmnet", "vboxnet", "tun", "tap", "wg", "zt", "tailscale", "utun", "awdl", "llw",
	"lxc", "lxd", "podman", "cni", "flannel", "cali",
	// Windows' names
	"vethernet", "vmware", "virtualbox", "zerotier", "wireguard", "openvpn",
}

func isVirtual(name string) bool {
	name = strings.ToLower(name)
	return slices.ContainsFunc(virtual, func(prefix string) bool { return strings.HasPrefix(name, prefix) })
}

// networkInterfaces are those that are up, without loopback.
func networkInterfaces() ([]networkInterface, error) {
	interfaces, err := net.Interfaces()
	if err != nil {
		return nil, err
	}
	routes, _ := os.ReadFile("/proc/net/route") // Linux alone has it
	byName := defaultRoute(string(routes))
	var byAddress []netip.Addr
	if byName == "" {
		byAddress = defaultAddresses()
	}
	var all []networkInterface
	for _, i := range interfaces {
		if i.Flags&net.FlagUp == 0 || i.Flags&net.FlagLoopback != 0 {
			continue
		}
		addresses, err := i.Addrs()
		if err != nil {
			continue // gone since it was listed
		}
		out := networkInterface{name: i.Name, isDefault: i.Name == byName}
		for _, a := range addresses {
			if prefix, err := netip.ParsePrefix(a.String()); err == nil {
				out.addresses = append(out.addresses, prefix.Addr().Unmap())
				out.isDefault = out.isDefault || slices.Contains(byAddress, prefix.Addr().Unmap())
			}
		}
		all = append(all, out)
	}
	return all, nil
}

// defaultRoute is the interface of the default route with the least metric in
// the text of /proc/net/route, empty where there is none.
func defaultRoute(routes string) string {
	const (
		name, destination, flags, metric, mask = 0, 1, 3, 6, 7
		up, reject                             = 0x1, 0x200
	)
	best, least := "", int64(-1)
	for line := range strings.Lines(routes) {
		f := strings.Fields(line)
		if len(f) <= mask || f[destination] != "00000000" || f[mask] != "00000000" {
			continue
		}
		set, _ := strconv.ParseUint(f[flags], 16, 32)
		m, err := strconv.ParseInt(f[metric], 10, 64)
		if err != nil || set&up == 0 || set&reject != 0 {
			continue
		}
		if least < 0 || m < least {
			best, least = f[name], m
		}
	}
	return best
}

// defaultAddresses are this computer's own addresses on the way to the rest of
// the world. No packet is sent: the places asked for are for documentation
// (RFC 5737, RFC 3849).
func defaultAddresses() []netip.Addr {
	var own []netip.Addr
	for _, far := range []string{"192.0.2.1:9", "[2001:db8::1]:9"} {
		conn, err := net.Dial("udp", far)
		if err != nil {
			continue
		}
		own = append(own, conn.LocalAddr().(*net.UDPAddr).AddrPort().Addr().Unmap())
		conn.Close()
	}
	return own
}
