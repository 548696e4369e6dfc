package app

import (
	"fmt"
	"net/netip"
	"strings"
	"testing"
)

func TestRank(t *testing.T) {
	for _, test := range []struct {
		name       string
		interfaces []string // "name address…", the default route's with a star
		want       string   // "address@name …"
	}{
		{
			"a laptop",
			[]string{"en5 10.0.0.1", "en0* fe80::1 fd00::5 2001:db8::5 192.168.1.20", "utun3 100.64.0.3"},
			"192.168.1.20@en0 10.0.0.1@en5 fd00::5@en0 2001:db8::5@en0 100.64.0.3@utun3",
		},
		{
			"containers come last",
			[]string{"docker0 172.17.0.1", "br-12ab 172.18.0.1", "veth3 10.9.0.1", "eth0 192.168.1.20", "virbr0 192.168.122.1"},
			"192.168.1.20@eth0 172.17.0.1@docker0 172.18.0.1@br-12ab 10.9.0.1@veth3 192.168.122.1@virbr0",
		},
		{
			"a bridge that a person made is none of containers",
			[]string{"docker0 172.17.0.1", "br0* 192.168.1.20"},
			"192.168.1.20@br0 172.17.0.1@docker0",
		},
		{
			"a VPN that takes the default route",
			[]string{"tun0* 10.8.0.2", "wlan0 192.168.1.20", "wg0 10.7.0.2"},
			"192.168.1.20@wlan0 10.8.0.2@tun0 10.7.0.2@wg0",
		},
		{"private before public", []string{"eth1 203.0.113.9", "eth2 10.1.1.1"}, "10.1.1.1@eth2 203.0.113.9@eth1"},
		{"the default route before private", []string{"eth2 10.1.1.1", "eth1* 203.0.113.9"}, "203.0.113.9@eth1 10.1.1.1@eth2"},
		{"the default route is IPv6 alone", []string{"eth1 10.1.1.1", "eth0* 2001:db8::5 fd00::5"}, "fd00::5@eth0 10.1.1.1@eth1 2001:db8::5@eth0"},
		{
			"Windows' names",
			[]string{"vEthernet (WSL) 172.20.0.1", "VMware Network Adapter VMnet8 192.168.9.1", "Wi-Fi* 192.168.1.20"},
			"192.168.1.20@Wi-Fi 172.20.0.1@vEthernet (WSL) 192.168.9.1@VMware Network Adapter VMnet8",
		},
		{"link-local is for want of others", []string{"eth0 169.254.7.7 fe80::1%eth0", "eth1 fe80::2"}, "169.254.7.7@eth0"},
		{"link-local is not beside others", []string{"eth0 169.254.7.7", "docker0 172.17.0.1"}, "172.17.0.1@docker0"},
		{"no network", []string{"lo 127.0.0.1 ::1", "eth0"}, ""},
		{"an address twice", []string{"eth0 10.0.0.2 ::ffff:10.0.0.2", "eth1 10.0.0.2"}, "10.0.0.2@eth0"},
	} {
		var interfaces []networkInterface
		for _, line := range test.interfaces {
			var i networkInterface
			var name []string
			for _, word := range strings.Fields(line) {
				if address, err := netip.ParseAddr(word); err == nil {
					i.addresses = append(i.addresses, address)
					continue
				}
				word, star := strings.CutSuffix(word, "*")
				i.isDefault = i.isDefault || star
				name = append(name, word)
			}
			i.name = strings.Join(name, " ")
			interfaces = append(interfaces, i)
		}
		var got []string
		for _, p := range rank(interfaces) {
			got = append(got, p.Address.String()+"@"+p.Interface)
		}
		if strings.Join(got, " ") != test.want {
			t.Errorf("%s: %s\nwant %s", test.name, strings.Join(got, " "), test.want)
		}
	}
}

func TestRankHasAnEnd(t *testing.T) {
	var many []networkInterface
	for n := range 1000 {
		many = append(many, networkInterface{name: fmt.Sprint("veth", n), addresses: []netip.Addr{netip.AddrFrom4([4]byte{10, 1, byte(n >> 8), byte(n)})}})
	}
	if got := len(rank(many)); got != maxPlaces {
		t.Errorf("%d places", got)
	}
}

func TestDefaultRoute(t *testing.T) {
	const head = "Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\t\tMTU\tWindow\tIRTT\n"
	for routes, want := range map[string]string{
		"":   "",
		head: "",
		head + "eth0\t0000A8C0\t00000000\t0001\t0\t0\t100\t00FFFFFF\t0\t0\t0\n": "",
		head + "wlan0\t00000000\t0101A8C0\t0003\t0\t0\t600\t00000000\t0\t0\t0\n" +
			"eth0\t00000000\t0101A8C0\t0003\t0\t0\t100\t00000000\t0\t0\t0\n" +
			"eth0\t0000A8C0\t00000000\t0001\t0\t0\t100\t00FFFFFF\t0\t0\t0\n": "eth0",
		head + "tun0\t00000000\t0100080A\t0003\t0\t0\t0\t00000080\t0\t0\t0\n" + // half of the world
			"wlan0\t00000000\t0101A8C0\t0003\t0\t0\t600\t00000000\t0\t0\t0\n": "wlan0",
		head + "eth0\t00000000\t0101A8C0\t0002\t0\t0\t0\t00000000\t0\t0\t0\n" + // down
			"lo\t00000000\t00000000\t0201\t0\t0\t0\t00000000\t0\t0\t0\n": "", // unreachable
	} {
		if got := defaultRoute(routes); got != want {
			t.Errorf("%q, want %q of\n%s", got, want, routes)
		}
	}
}
