package app

import (
	"errors"
	"net"
	"os"
	"slices"
	"strings"

	"github.com/pion/mdns/v2"
	"golang.org/x/net/dns/dnsmessage"
	"golang.org/x/net/ipv4"
)

// ShareByName tells the network, while cameras are shared, that this computer is
// to be found as NAME.local (multicast DNS, RFC 6762), and saves. Errors are sentences.
func (a *App) ShareByName(on bool) error {
	return a.change(func(config *Config) error {
		config.Share.MDNS = on
		return nil
	})
}

// announcement is what the network is told. Comparable.
type announcement struct {
	host string // "traycam.local"; empty: nothing
	port int
	// listed is whether it stands in lists of web pages too. A link is a secret, so
	// who has none would find only that there is no page.
	listed     bool
	interfaces string // names, with commas
}

// announcer tells the network an announcement for as long as it is not closed.
type announcer struct {
	announcement
	conn *mdns.Conn
}

// holdName makes the network be told what it should be. Called by Run alone.
func (a *App) holdName() {
	a.mu.Lock()
	var want announcement
	if share := a.config.Share; share.MDNS && a.listening != nil && len(a.places) > 0 {
		var through []string
		for _, p := range a.places {
			if p.Address.Is4() && !slices.Contains(through, p.Interface) {
				through = append(through, p.Interface)
			}
		}
		slices.Sort(through)
		if len(through) > 0 {
			want = announcement{localName(), a.listening.port, share.Mode == "open", strings.Join(through, ",")}
		}
	}
	a.mu.Unlock()
	if a.announcer.announcement == want {
		return
	}
	a.announcer.close()
	a.server.CallIt(want.host)
	if want.host != "" {
		if err := a.announcer.open(want); err != nil {
			a.opt.Log.Warn("the network is not told this computer's name", "err", err)
		} else {
			a.opt.Log.Info("the network is told this computer's name", "name", want.host)
		}
	}
	a.mu.Lock()
	a.named = ""
	if a.announcer.conn != nil {
		a.named = want.host
	}
	a.mu.Unlock()
	poke(a.changed)
}

func (n *announcer) close() {
	if n.conn != nil {
		n.conn.Close() // waits
	}
	*n = announcer{}
}

// open fails for good: what failed is tried again when something has changed.
func (n *announcer) open(what announcement) error {
	n.announcement = what
	var through []net.Interface
	for _, name := range strings.Split(what.interfaces, ",") {
		if i, err := net.InterfaceByName(name); err == nil && i.Flags&net.FlagMulticast != 0 {
			through = append(through, *i)
		}
	}
	if len(through) == 0 {
		return errors.New("no network takes multicast")
	}
	// Go shares the port with the system's own responder.
	socket, err := net.ListenUDP("udp4", &net.UDPAddr{IP: net.IPv4(224, 0, 0, 251), Port: 5353})
	if err != nil {
		return err
	}
	options := []mdns.ServerOption{
		mdns.WithLocalNames(what.host), mdns.WithInterfaces(through...), mdns.WithCacheRefresh(false),
		// No IPv6: the library would give link-local addresses, where nothing answers.
		mdns.WithRecordTypes(dnsmessage.TypeA, dnsmessage.TypePTR, dnsmessage.TypeSRV, dnsmessage.TypeTXT),
	}
	if what.listed {
		options = append(options, mdns.WithService(mdns.ServiceInstance{
			Instance: "Traycam on " + strings.TrimSuffix(what.host, ".local"), Service: "_http._tcp", Host: what.host + ".", Port: uint16(what.port),
		}))
	}
	if n.conn, err = mdns.NewServer(ipv4.NewPacketConn(socket), nil, options...); err != nil {
		n.conn = nil
		socket.Close()
	}
	return err
}

// localName is this computer's own name, or traycam.local where that is no name
// for a network.
func localName() string {
	name, _ := os.Hostname()
	return localNameOf(name)
}

func localNameOf(hostname string) string {
	name, _, _ := strings.Cut(strings.ToLower(hostname), ".")
	if name == "" || name == "localhost" || len(name) > 63 || strings.Trim(name, "abcdefghijklmnopqrstuvwxyz0123456789-") != "" ||
		strings.Trim(name, "-") != name {
		name = "traycam"
	}
	return name + ".local"
}
