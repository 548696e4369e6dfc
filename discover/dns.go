package discover

import (
	"encoding/binary"
	"net/netip"
)

// The types of DNS records that matter (RFC 1035, 3.2.2; RFC 3596; RFC 2782).
const (
	typeA    = 1
	typePTR  = 12
	typeTXT  = 16
	typeAAAA = 28
	typeSRV  = 33
)

const (
	headerSize = 12
	maxRecords = 500 // in a packet
	maxLabels  = 127
	classIN    = 1
)

// record is one of an answer. Which fields are set depends on kind.
type record struct {
	name    []string
	kind    uint16
	target  []string // PTR, SRV
	port    uint16   // SRV
	texts   []string // TXT
	address netip.Addr
}

// question asks for one thing; nil where the name cannot be asked for.
func question(labels []string, kind uint16) []byte {
	q := make([]byte, headerSize)
	q[5] = 1 // one question
	for _, l := range labels {
		if l == "" || len(l) > 63 {
			return nil
		}
		q = append(q, byte(len(l)))
		q = append(q, l...)
	}
	if len(q)-headerSize > 254 {
		return nil
	}
	q = append(q, 0)
	q = binary.BigEndian.AppendUint16(q, kind)
	return binary.BigEndian.AppendUint16(q, classIN)
}

// parseAnswers reads a multicast DNS answer, as far as it makes sense. Not with
// x/net's dnsmessage: it refuses names with a dot in a label, and people call
// their printers and cameras "Door 1.2".
func parseAnswers(p []byte) (all []record) {
	if len(p) < headerSize || p[2]&0x80 == 0 { // a question
		return nil
	}
	count := func(at int) int { return int(binary.BigEndian.Uint16(p[at:])) }
	at := headerSize
	for range count(4) {
		_, after, ok := readName(p, at)
		if !ok || after+4 > len(p) {
			return nil
		}
		at = after + 4
	}
	for range min(count(6)+count(8)+count(10), maxRecords) {
		name, after, ok := readName(p, at)
		if !ok || after+10 > len(p) {
			return all
		}
		r := record{name: name, kind: binary.BigEndian.Uint16(p[after:])}
		begin := after + 10
		at = begin + count(after+8)
		if at > len(p) {
			return all
		}
		if r.read(p, begin, at) {
			all = append(all, r)
		}
	}
	return all
}

// read takes what stands in p[at:end], which names may point out of.
func (r *record) read(p []byte, at, end int) (ok bool) {
	data := p[at:end]
	switch r.kind {
	case typeA, typeAAAA:
		r.address, ok = netip.AddrFromSlice(data)
		r.address = r.address.Unmap()
	case typePTR:
		r.target, _, ok = readName(p, at)
	case typeSRV:
		if len(data) < 7 {
			return false
		}
		r.port = binary.BigEndian.Uint16(data[4:])
		r.target, _, ok = readName(p, at+6)
	case typeTXT:
		for len(data) > 0 {
			n := int(data[0])
			if n+1 > len(data) {
				break
			}
			r.texts, data = append(r.texts, string(data[1:n+1])), data[n+1:]
		}
		ok = true
	}
	return ok
}

// readName reads the name at p[at:], and tells where what follows begins. Pointers
// lead back only (RFC 1035, 4.1.4), so none leads in a circle.
func readName(p []byte, at int) (labels []string, after int, ok bool) {
	size, before := 0, at
	for after = -1; at < len(p); {
		n := int(p[at])
		switch {
		case n == 0:
			if after < 0 {
				after = at + 1
			}
			return labels, after, true
		case n < 64:
			if size += n + 1; at+1+n > len(p) || size > 254 || len(labels) == maxLabels {
				return nil, 0, false
			}
			labels = append(labels, string(p[at+1:at+1+n]))
			at += n + 1
		case n >= 0xc0 && at+1 < len(p):
			to := (n&0x3f)<<8 | int(p[at+1])
			if to >= before {
				return nil, 0, false
			}
			if after < 0 {
				after = at + 2
			}
			at, before = to, to
		default:
			return nil, 0, false
		}
	}
	return nil, 0, false
}
