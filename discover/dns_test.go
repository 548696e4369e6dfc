package discover

import (
	"encoding/binary"
	"net/netip"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// label writes labels as a DNS name.
func label(labels ...string) (b []byte) {
	for _, l := range labels {
		b = append(append(b, byte(len(l))), l...)
	}
	return append(b, 0)
}

func resource(name []byte, kind uint16, data []byte) []byte {
	b := binary.BigEndian.AppendUint16(slices.Clone(name), kind)
	b = append(b, 0x80, classIN, 0, 0, 0, 10) // with the cache-flush bit
	b = binary.BigEndian.AppendUint16(b, uint16(len(data)))
	return append(b, data...)
}

func answer(resources ...[]byte) []byte {
	b := make([]byte, headerSize)
	b[2] = 0x84
	b[7] = byte(len(resources))
	return append(b, slices.Concat(resources...)...)
}

// announcement is all about one service.
func announcement(instance, service, host, port, address, path string) []byte {
	n, _ := strconv.Atoi(port)
	target := append([]byte{0, 0, 0, 0}, binary.BigEndian.AppendUint16(nil, uint16(n))...)
	full, at := label(instance, service, "_tcp", "local"), label(host, "local")
	txt := append([]byte{byte(len("path=" + path))}, "path="+path...)
	a := netip.MustParseAddr(address)
	kind := uint16(typeA)
	if a.Is6() {
		kind = typeAAAA
	}
	return answer(
		resource(label(service, "_tcp", "local"), typePTR, full),
		resource(full, typeSRV, append(target, at...)),
		resource(full, typeTXT, txt),
		resource(at, kind, a.AsSlice()))
}

// silentRecords ask nobody for what is missing.
func silentRecords() *records {
	r := newRecords()
	for i := range 3 * maxFound {
		r.asked[strconv.Itoa(i)] = true
	}
	return r
}

func TestRecords(t *testing.T) {
	k := &socket{network: netip.MustParsePrefix("10.0.0.1/24")}
	for _, test := range []struct {
		name   string
		packet []byte
		want   string
	}{
		{"a web page", announcement("Door 1.2", "_http", "door", "8080", "10.0.0.7", "/video"), "Door 1.2 http://10.0.0.7:8080/video"},
		{"the usual port", announcement("Door", "_HTTP", "door", "80", "10.0.0.7", ""), "Door http://10.0.0.7/"},
		{"RTSP", announcement("Door", "_rtsp", "door", "554", "10.0.0.7", "live?a=b"), "Door rtsp://10.0.0.7/live?a=b"},
		{"private IPv6", announcement("Door", "_rtsp", "door", "8554", "fd00::7", ""), "Door rtsp://[fd00::7]:8554/"},
		{"a path that is none", announcement("Door", "_http", "door", "80", "10.0.0.7", "%zz"), "Door http://10.0.0.7/"},
		{"a path that would be another host", announcement("Door", "_http", "door", "80", "10.0.0.7", "@bank.example"), "Door http://10.0.0.7/@bank.example"},
		{"the internet", announcement("Door", "_http", "door", "80", "8.8.8.8", ""), ""},
		{"this computer", announcement("Door", "_http", "door", "80", "127.0.0.1", ""), ""},
		{"link-local IPv6", announcement("Door", "_http", "door", "80", "fe80::1", ""), ""},
		{"another service", announcement("Door", "_ssh", "door", "22", "10.0.0.7", ""), ""},
		{"no port", announcement("Door", "_http", "door", "0", "10.0.0.7", ""), ""},
		{"a question", make([]byte, 12), ""},
	} {
		for i := range test.packet {
			parseAnswers(test.packet[:i]) // cut short: no panic
		}
		r := silentRecords()
		r.take(packet{k, netip.MustParseAddr("10.0.0.9"), test.packet})
		got := ""
		for _, f := range r.found() {
			got += f.Name + " " + f.URL
		}
		if got != test.want {
			t.Errorf("%s: %q, want %q", test.name, got, test.want)
		}
	}
}

func TestNames(t *testing.T) {
	long := label(slices.Repeat([]string{strings.Repeat("a", 60)}, 5)...)
	for _, test := range []struct {
		name  string
		p     []byte
		at    int
		want  string
		after int // -1: it is wrong
	}{
		{"plain", label("a", "b"), 0, "a b", 5},
		{"compressed", append(label("b"), 1, 'a', 0xc0, 0), 3, "a b", 7},
		{"to itself", []byte{0xc0, 0}, 0, "", -1},
		{"in a circle", []byte{1, 'a', 0xc0, 0}, 2, "", -1},
		{"forward", []byte{0xc0, 2, 0}, 0, "", -1},
		{"cut short", []byte{5, 'a'}, 0, "", -1},
		{"no end", []byte{1, 'a'}, 0, "", -1},
		{"too long", long, 0, "", -1},
		{"an old kind of label", []byte{0x41, 1, 0}, 0, "", -1},
	} {
		labels, after, ok := readName(test.p, test.at)
		if !ok {
			after = -1
		}
		if got := strings.Join(labels, " "); got != test.want || after != test.after {
			t.Errorf("%s: %q to %d, want %q to %d", test.name, got, after, test.want, test.after)
		}
	}
}

// What was read can be asked for again, and what is found is fit for a form.
func FuzzAnswers(f *testing.F) {
	f.Add(announcement("Door 1.2", "_http", "door", "8080", "10.0.0.7", "/video"))
	f.Add(announcement("Door", "_rtsp", "door", "554", "fd00::7", "live"))
	f.Add(append(answer(), 0xc0, 0xc))
	f.Fuzz(func(t *testing.T, p []byte) {
		for _, a := range parseAnswers(p) {
			if q := question(a.name, a.kind); q != nil {
				if labels, _, ok := readName(q, headerSize); !ok || !slices.Equal(labels, a.name) {
					t.Fatalf("%q became %q", a.name, labels)
				}
			}
		}
		r := silentRecords()
		k := &socket{network: netip.MustParsePrefix("10.0.0.1/24")}
		r.take(packet{k, netip.MustParseAddr("10.0.0.9"), p})
		for _, d := range r.found() {
			if d.Host == "" || strings.ContainsAny(d.Name+d.URL, "\n\x00") || !strings.HasPrefix(d.URL, "http://") && !strings.HasPrefix(d.URL, "rtsp://") {
				t.Fatalf("%+v", d)
			}
		}
	})
}
