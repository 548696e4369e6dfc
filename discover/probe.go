package discover

import (
	"bytes"
	"crypto/rand"
	"encoding/xml"
	"fmt"
	"io"
	"net"
	"net/netip"
	"net/url"
	"slices"
	"strings"
)

// everyDevice is where WS-Discovery listens (1.1, 2.4).
var everyDevice = &net.UDPAddr{IP: net.IPv4(239, 255, 255, 250), Port: 3702}

// probes are what ONVIF devices answer to (Core Specification, 7.3.2): some know
// only the one, and types beside each other would have to match both.
var probes = []string{"dn:NetworkVideoTransmitter", "tds:Device"}

const probeFormat = `<?xml version="1.0" encoding="UTF-8"?>
<s:Envelope xmlns:s="http://www.w3.org/2003/05/soap-envelope" xmlns:a="http://schemas.xmlsoap.org/ws/2004/08/addressing" ` +
	`xmlns:d="http://schemas.xmlsoap.org/ws/2005/04/discovery" xmlns:dn="http://www.onvif.org/ver10/network/wsdl" ` +
	`xmlns:tds="http://www.onvif.org/ver10/device/wsdl"><s:Header>` +
	`<a:Action s:mustUnderstand="1">http://schemas.xmlsoap.org/ws/2005/04/discovery/Probe</a:Action>` +
	`<a:MessageID>urn:uuid:%s</a:MessageID>` +
	`<a:ReplyTo><a:Address>http://schemas.xmlsoap.org/ws/2004/08/addressing/role/anonymous</a:Address></a:ReplyTo>` +
	`<a:To s:mustUnderstand="1">urn:schemas-xmlsoap-org:ws:2005:04:discovery</a:To></s:Header>` +
	`<s:Body><d:Probe><d:Types>%s</d:Types></d:Probe></s:Body></s:Envelope>`

// askONVIF sends the probes, and once again half a second later, as SOAP-over-UDP wants.
func askONVIF(k *socket, tick int) {
	if tick > 1 {
		return
	}
	for _, types := range probes {
		k.conn.WriteToUDP(fmt.Appendf(nil, probeFormat, newUUID(), types), everyDevice) // who cannot send finds nothing
	}
}

func newUUID() string {
	var b [16]byte
	rand.Read(b[:])
	b[6], b[8] = b[6]&0x0f|0x40, b[8]&0x3f|0x80 // RFC 9562, 5.4
	return fmt.Sprintf("%x-%x-%x-%x-%x", b[:4], b[4:6], b[6:8], b[8:10], b[10:])
}

// Bounds of an answer to a probe.
const (
	maxMatches = 16 // a recorder answers for its cameras
	maxURL     = 2000
)

// parseProbeMatches reads the answer to a probe. Elements are known by their local
// names, since makers differ in the rest.
//
// Whatever address the answer tells, it becomes that of who answered: else a
// stranger's packet could make Traycam ask, and sign for, any host. It also mends
// cameras that tell 0.0.0.0 or the address they had yesterday.
func parseProbeMatches(data []byte, from netip.Addr) []Found {
	var envelope struct {
		Matches []struct {
			Scopes string
			XAddrs string
		} `xml:"Body>ProbeMatches>ProbeMatch"`
	}
	if decodeXML(bytes.NewReader(data), &envelope) != nil {
		return nil
	}
	var all []Found
	for _, match := range envelope.Matches[:min(len(envelope.Matches), maxMatches)] {
		u := bestXAddr(strings.Fields(match.XAddrs), from)
		if u == nil {
			continue
		}
		f := Found{Name: nameIn(strings.Fields(match.Scopes)), Host: from.String(), ONVIF: true, URL: u.String()}
		if !slices.Contains(all, f) {
			all = append(all, f)
		}
	}
	return all
}

// bestXAddr is where to ask a device, on the host that answered: the address that
// names that host, else any; unencrypted before encrypted, which few cameras do well.
func bestXAddr(addresses []string, from netip.Addr) *url.URL {
	var best *url.URL
	least := 0
	for _, raw := range addresses {
		u, err := url.Parse(raw)
		if err != nil || len(raw) > maxURL || u.Scheme != "http" && u.Scheme != "https" || u.Hostname() == "" {
			continue
		}
		cost := 1
		if u.Hostname() != from.String() {
			cost += 2
		}
		if u.Scheme == "https" {
			cost++
		}
		if best == nil || cost < least {
			best, least = u, cost
		}
	}
	if best != nil {
		best = at(from.String(), best)
	}
	return best
}

// at is u on another host, and without what may carry a password.
func at(host string, u *url.URL) *url.URL {
	out := *u
	out.User, out.Fragment, out.RawFragment = nil, "", ""
	port := u.Port()
	out.Host = host
	if strings.Contains(host, ":") {
		out.Host = "[" + host + "]"
	}
	if port != "" {
		out.Host += ":" + port
	}
	return &out
}

// portOf is the port that an address leads to.
func portOf(address string) string {
	u, err := url.Parse(address)
	if err != nil {
		return ""
	}
	if p := u.Port(); p != "" {
		return p
	}
	return map[string]string{"http": "80", "https": "443", "rtsp": "554"}[u.Scheme]
}

// nameIn is what scopes such as onvif://www.onvif.org/name/Door%20Cam tell.
func nameIn(scopes []string) string {
	value := func(keys ...string) string {
		for _, scope := range scopes {
			_, rest, _ := strings.Cut(scope, "://")
			_, rest, _ = strings.Cut(rest, "/")
			key, said, _ := strings.Cut(rest, "/")
			if slices.ContainsFunc(keys, func(k string) bool { return strings.EqualFold(k, key) }) && said != "" {
				if plain, err := url.PathUnescape(said); err == nil {
					said = plain
				}
				return shown(said)
			}
		}
		return ""
	}
	name, hardware := value("name"), value("hardware", "model")
	if strings.Contains(strings.ToLower(name), strings.ToLower(hardware)) {
		return name
	}
	return strings.TrimSpace(name + " " + hardware)
}

// decodeXML reads what devices send: of any encoding, and not always well-formed.
func decodeXML(r io.Reader, into any) error {
	d := xml.NewDecoder(r)
	d.Strict = false
	d.CharsetReader = func(_ string, in io.Reader) (io.Reader, error) { return in, nil }
	return d.Decode(into)
}
