package discover

import (
	"maps"
	"net"
	"net/netip"
	"net/url"
	"slices"
	"strconv"
	"strings"
)

// everyResponder is where multicast DNS listens (RFC 6762, 3).
var everyResponder = &net.UDPAddr{IP: net.IPv4(224, 0, 0, 251), Port: 5353}

// services are what is asked for, and the scheme that it speaks.
var services = map[string]string{"_http._tcp": "http", "_rtsp._tcp": "rtsp"}

// records are what responders told, about maxFound services at most. A name's key is
// its labels in small letters.
type records struct {
	instances map[string]instance
	places    map[string]srv
	paths     map[string]string
	addresses map[string][]netip.Addr
	asked     map[string]bool // follow-up questions
}

// instance is a service that somebody offers.
type instance struct {
	labels []string
	scheme string
}

type srv struct {
	host []string
	port uint16
	from netip.Addr // who told it
}

func newRecords() *records {
	return &records{map[string]instance{}, map[string]srv{}, map[string]string{}, map[string][]netip.Addr{}, map[string]bool{}}
}

func keyOf(labels []string) string { return strings.ToLower(strings.Join(labels, "\x00")) }

// ask asks who offers the services, at first, and 1 and 3 s later (RFC 6762, 5.2).
// The port that is asked from is not 5353, so answers come to it alone (6.7). One
// question to a packet, without the QU bit: Chromium's responder drops others.
func (r *records) ask(k *socket, tick int) {
	if tick != 0 && tick != 2 && tick != 6 {
		return
	}
	for service := range services {
		k.question(append(strings.Split(service, "."), "local"), typePTR)
	}
}

func (k *socket) question(labels []string, kind uint16) {
	if q := question(labels, kind); q != nil {
		k.conn.WriteToUDP(q, everyResponder)
	}
}

// take keeps what a packet tells about services, and asks for what it leaves out.
func (r *records) take(p packet) {
	answers := parseAnswers(p.data)
	for _, a := range answers {
		if scheme := serviceOf(a.name); a.kind == typePTR && scheme != "" && len(a.name) == 3 && len(a.target) == 4 && serviceOf(a.target[1:]) == scheme {
			keep(r.instances, keyOf(a.target), instance{a.target, scheme})
		}
	}
	// In any order: what an instance is about may stand before it.
	for _, a := range answers {
		key := keyOf(a.name)
		if _, wanted := r.instances[key]; !wanted {
			continue
		}
		switch a.kind {
		case typeSRV:
			keep(r.places, key, srv{a.target, a.port, p.from})
		case typeTXT:
			if path := pathIn(a.texts); path != "" {
				keep(r.paths, key, path)
			}
		}
	}
	for _, a := range answers {
		if a.kind == typeA || a.kind == typeAAAA {
			r.takeAddress(p.socket, keyOf(a.name), a.address)
		}
	}
	r.askForMore(p.socket)
}

// takeAddress believes of a host what could be its address here: nothing that
// answers can point Traycam at the internet, or at this computer's own loopback.
// Of IPv6 only what is private: a link-local address cannot stand in a link.
func (r *records) takeAddress(k *socket, host string, a netip.Addr) {
	if !k.believes(a) || a.Is6() && !a.IsPrivate() || !r.isHost(host) {
		return
	}
	if known := r.addresses[host]; len(known) < 8 && !slices.Contains(known, a) {
		keep(r.addresses, host, append(known, a))
	}
}

func (r *records) isHost(key string) bool {
	for _, s := range r.places {
		if keyOf(s.host) == key {
			return true
		}
	}
	return false
}

func (r *records) askForMore(k *socket) {
	for _, i := range r.instances {
		key := keyOf(i.labels)
		s, known := r.places[key]
		switch {
		case !known:
			r.askOnce(k, i.labels, typeSRV)
			r.askOnce(k, i.labels, typeTXT)
		case len(r.addresses[keyOf(s.host)]) == 0:
			r.askOnce(k, s.host, typeA)
		}
	}
}

func (r *records) askOnce(k *socket, labels []string, kind uint16) {
	key := keyOf(labels) + strconv.Itoa(int(kind))
	if !r.asked[key] && len(r.asked) < 3*maxFound {
		r.asked[key] = true
		k.question(labels, kind)
	}
}

// keep sets m[key], unless that would make m too large.
func keep[V any](m map[string]V, key string, v V) {
	if _, known := m[key]; known || len(m) < maxFound {
		m[key] = v
	}
}

// serviceOf is the scheme of a name such as _http._tcp.local, empty for others.
func serviceOf(labels []string) string {
	if len(labels) != 3 || !strings.EqualFold(labels[2], "local") {
		return ""
	}
	return services[strings.ToLower(labels[0]+"."+labels[1])]
}

// pathIn is the path among a service's texts (RFC 6763, 6.3; DNS-SD's page and path keys).
func pathIn(texts []string) string {
	for _, text := range texts {
		key, value, _ := strings.Cut(text, "=")
		if strings.EqualFold(key, "path") && value != "" && len(value) < maxURL {
			return "/" + strings.TrimLeft(value, "/")
		}
	}
	return ""
}

// found is what can be connected to.
func (r *records) found() (all []Found) {
	for _, key := range slices.Sorted(maps.Keys(r.instances)) {
		s, known := r.places[key]
		if !known || s.port == 0 {
			continue
		}
		host, known := best(r.addresses[keyOf(s.host)], s.from)
		if !known {
			continue
		}
		i := r.instances[key]
		address := i.scheme + "://" + netip.AddrPortFrom(host, s.port).String()
		if standard := portOf(i.scheme + "://x"); strconv.Itoa(int(s.port)) == standard {
			address = strings.TrimSuffix(address, ":"+standard)
		}
		u, err := url.Parse(address + r.paths[key])
		if err != nil {
			u, err = url.Parse(address)
		}
		if err != nil {
			continue
		}
		u.User, u.Fragment, u.RawFragment = nil, "", ""
		if u.Path == "" {
			u.Path = "/"
		}
		f := Found{Name: shown(i.labels[0]), Host: host.String(), URL: u.String()}
		if !slices.ContainsFunc(all, func(o Found) bool { return o.URL == f.URL }) {
			all = append(all, f)
		}
	}
	return all
}

// best is the address to use: who told it, where that is one of them, else IPv4 first.
func best(addresses []netip.Addr, from netip.Addr) (netip.Addr, bool) {
	if slices.Contains(addresses, from) {
		return from, true
	}
	for _, a := range addresses {
		if a.Is4() {
			return a, true
		}
	}
	if len(addresses) > 0 {
		return addresses[0], true
	}
	return netip.Addr{}, false
}
