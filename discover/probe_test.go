package discover

import (
	"net/netip"
	"slices"
	"strings"
	"testing"
)

// matches is an answer to a probe, as most makers' gSOAP writes it.
func matches(namespaces, open, inner, end string) string {
	return `<?xml version="1.0" encoding="UTF-8"?><` + open + `:Envelope xmlns:` + open + `="http://www.w3.org/2003/05/soap-envelope" ` + namespaces + `>` +
		`<` + open + `:Header/><` + open + `:Body>` + inner + end + `</` + open + `:Body></` + open + `:Envelope>`
}

var probeAnswers = []struct {
	name, from, answer string
	want               []Found
}{
	{
		"Hikvision: IPv6 beside, percent signs in the name", "192.168.1.64",
		matches(`xmlns:wsdd="http://schemas.xmlsoap.org/ws/2005/04/discovery"`, "env", `<wsdd:ProbeMatches><wsdd:ProbeMatch>`+
			`<wsdd:Types>dn:NetworkVideoTransmitter tds:Device</wsdd:Types><wsdd:Scopes>onvif://www.onvif.org/type/video_encoder `+
			`onvif://www.onvif.org/hardware/DS-2CD2143G0-I onvif://www.onvif.org/name/HIKVISION%20DS-2CD2143G0-I onvif://www.onvif.org/location/</wsdd:Scopes>`+
			`<wsdd:XAddrs>http://[fe80::c62f:90ff:feab:cdef]/onvif/device_service http://192.168.1.64/onvif/device_service</wsdd:XAddrs>`, `</wsdd:ProbeMatch></wsdd:ProbeMatches>`),
		[]Found{{"HIKVISION DS-2CD2143G0-I", "192.168.1.64", true, "http://192.168.1.64/onvif/device_service"}},
	},
	{
		"Dahua: another prefix, https beside", "10.0.0.31",
		matches(`xmlns:d="http://schemas.xmlsoap.org/ws/2005/04/discovery"`, "s", `<d:ProbeMatches><d:ProbeMatch>`+
			`<d:Scopes>onvif://www.onvif.org/name/Dahua onvif://www.onvif.org/hardware/IPC-HDW4433C-A</d:Scopes>`+
			`<d:XAddrs>https://10.0.0.31/onvif/device_service http://10.0.0.31/onvif/device_service</d:XAddrs>`, `</d:ProbeMatch></d:ProbeMatches>`),
		[]Found{{"Dahua IPC-HDW4433C-A", "10.0.0.31", true, "http://10.0.0.31/onvif/device_service"}},
	},
	{
		"TP-Link: a port of its own, spaces around", "10.0.0.32",
		matches(`xmlns:wsdd="http://schemas.xmlsoap.org/ws/2005/04/discovery"`, "SOAP-ENV", `<wsdd:ProbeMatches><wsdd:ProbeMatch>`+
			"<wsdd:Scopes>\n onvif://www.onvif.org/name/TP-IPC  onvif://www.onvif.org/hardware/MODEL </wsdd:Scopes>"+
			"<wsdd:XAddrs> http://10.0.0.32:2020/onvif/device_service\n</wsdd:XAddrs>", `</wsdd:ProbeMatch></wsdd:ProbeMatches>`),
		[]Found{{"TP-IPC MODEL", "10.0.0.32", true, "http://10.0.0.32:2020/onvif/device_service"}},
	},
	{
		"Reolink: port 8000", "10.0.0.33",
		matches(`xmlns:d="http://schemas.xmlsoap.org/ws/2005/04/discovery"`, "SOAP-ENV", `<d:ProbeMatches><d:ProbeMatch>`+
			`<d:Scopes>onvif://www.onvif.org/name/IPC-BO onvif://www.onvif.org/hardware/IPC_523128M8MP</d:Scopes>`+
			`<d:XAddrs>http://10.0.0.33:8000/onvif/device_service</d:XAddrs>`, `</d:ProbeMatch></d:ProbeMatches>`),
		[]Found{{"IPC-BO IPC_523128M8MP", "10.0.0.33", true, "http://10.0.0.33:8000/onvif/device_service"}},
	},
	{
		"no name: capitals, prefixes that nobody declared", "10.0.0.34",
		`<e:Envelope><e:Body><x:ProbeMatches><x:ProbeMatch><x:Scopes>onvif://www.onvif.org/Model/631GA onvif://www.onvif.org/Name/IPCAM</x:Scopes>` +
			`<x:XAddrs>http://10.0.0.34:80/onvif/device_service</x:XAddrs></x:ProbeMatch></x:ProbeMatches></e:Body></e:Envelope>`,
		[]Found{{"IPCAM 631GA", "10.0.0.34", true, "http://10.0.0.34:80/onvif/device_service"}},
	},
	{
		"a camera that does not know its address", "10.0.0.35",
		matches("", "s", `<ProbeMatches><ProbeMatch><XAddrs>http://0.0.0.0:8080/onvif/device_service</XAddrs>`, `</ProbeMatch></ProbeMatches>`),
		[]Found{{"", "10.0.0.35", true, "http://10.0.0.35:8080/onvif/device_service"}},
	},
	{
		"somebody who points at another host, and at a password", "10.0.0.36",
		matches("", "s", `<ProbeMatches><ProbeMatch><XAddrs>http://a:b@bank.example/onvif#x file:///etc/passwd</XAddrs>`, `</ProbeMatch></ProbeMatches>`),
		[]Found{{"", "10.0.0.36", true, "http://10.0.0.36/onvif"}},
	},
	{
		"a name to break lists with", "10.0.0.37",
		matches("", "s", `<ProbeMatches><ProbeMatch><Scopes>onvif://www.onvif.org/name/a%0ab%00`+strings.Repeat("x", 200)+`</Scopes><XAddrs>http://10.0.0.37/</XAddrs>`, `</ProbeMatch></ProbeMatches>`),
		[]Found{{"a b " + strings.Repeat("x", 76) + "…", "10.0.0.37", true, "http://10.0.0.37/"}},
	},
	{"a printer's Hello", "10.0.0.38", matches("", "s", `<Hello><XAddrs>http://10.0.0.38/</XAddrs>`, `</Hello>`), nil},
	{"no XML", "10.0.0.39", "HTTP/1.1 200 OK", nil},
	{"cut short", "10.0.0.39", `<e:Envelope><e:Body><x:ProbeMatches>`, nil},
}

func TestParseProbeMatches(t *testing.T) {
	for _, test := range probeAnswers {
		if got := parseProbeMatches([]byte(test.answer), netip.MustParseAddr(test.from)); !slices.Equal(got, test.want) {
			t.Errorf("%s: %+v, want %+v", test.name, got, test.want)
		}
	}
}

// Whatever is answered, it leads to who answered, and is of a size.
func FuzzProbeMatches(f *testing.F) {
	for _, test := range probeAnswers {
		f.Add([]byte(test.answer))
	}
	from := netip.MustParseAddr("10.0.0.9")
	f.Fuzz(func(t *testing.T, answer []byte) {
		found := parseProbeMatches(answer, from)
		if len(found) > maxMatches {
			t.Fatalf("%d were found", len(found))
		}
		for _, d := range found {
			c, err := newClient(d, "", "")
			if err != nil || c.device.Hostname() != "10.0.0.9" || c.device.User != nil || len([]rune(d.Name)) > 170 {
				t.Fatalf("%+v: %v", d, err)
			}
		}
	})
}

func TestBelieves(t *testing.T) {
	k := &socket{network: netip.MustParsePrefix("203.0.113.5/24")}
	for address, want := range map[string]bool{
		"203.0.113.77": true, "192.168.9.9": true, "169.254.3.4": true, "fd00::1": true,
		"203.0.114.1": false, "8.8.8.8": false, "127.0.0.1": false, "0.0.0.0": false, "239.255.255.250": false, "2001:db8::1": false,
	} {
		if got := k.believes(netip.MustParseAddr(address)); got != want {
			t.Errorf("%s: %v, want %v", address, got, want)
		}
	}
}

func TestOneEntryForADevice(t *testing.T) {
	s := &search{records: silentRecords()}
	s.onvif = []Found{{"Door", "10.0.0.7", true, "http://10.0.0.7:8000/onvif/device_service"}}
	for name, u := range map[string]string{"Door": "10.0.0.7 80 _http", "Door1": "10.0.0.7 554 _rtsp", "Door2": "10.0.0.7 8000 _http", "Printer": "10.0.0.7 5000 _http", "Yard": "10.0.0.8 554 _rtsp"} {
		f := strings.Fields(u)
		s.records.take(packet{&socket{network: netip.MustParsePrefix("10.0.0.1/24")}, netip.MustParseAddr(f[0]), announcement(name, f[2], name, f[1], f[0], "")})
	}
	var got []string
	for _, d := range s.found() {
		got = append(got, d.Name+" "+d.URL)
	}
	want := []string{"Door http://10.0.0.7:8000/onvif/device_service", "Yard rtsp://10.0.0.8/", "Printer http://10.0.0.7:5000/"}
	if !slices.Equal(got, want) {
		t.Errorf("%q\nwant %q", got, want)
	}
}
