package app

import (
	"context"
	"net"
	"net/netip"
	"slices"
	"time"

	"traycam/sentence"
	"traycam/streaming/camera"
)

// lookEvery is how often addresses are looked for that this computer has got or lost.
const lookEvery = 5 * time.Second

// door is the port of the viewer page on one of this computer's addresses in the
// network. Not one for all addresses: some systems do not let that stand beside
// the port on loopback, which is to stay as it is.
type door struct {
	close func() // ends what came in through it, and waits
}

// holdDoors makes the doors that are open those that should be. Called by Run alone.
func (a *App) holdDoors(ctx context.Context) {
	places, port, reason := a.findPlaces()
	if a.sharing() {
		a.roaming.Reset(lookEvery)
	} else {
		a.roaming.Stop()
	}
	wanted := make([]netip.AddrPort, len(places))
	for i, p := range places {
		wanted[i] = netip.AddrPortFrom(p.Address, port)
	}
	a.closeDoors(wanted)
	var open []place
	for i, at := range wanted {
		if a.doors[at] == nil {
			if err := a.openDoor(ctx, at); err != nil {
				// The best address counts; the others are an addition.
				if i == 0 {
					reason = err
				}
				continue
			}
		}
		open = append(open, places[i])
	}
	a.mu.Lock()
	before := a.unshared
	same := slices.Equal(a.places, open) && sameWords(before, reason)
	a.places, a.unshared = open, reason
	a.mu.Unlock()
	a.holdName()
	if same {
		return
	}
	poke(a.changed)
	if reason != nil && !sameWords(before, reason) {
		a.opt.Log.Warn("the network cannot watch", "err", reason)
	}
}

func sameWords(a, b error) bool {
	return (a == nil) == (b == nil) && (a == nil || a.Error() == b.Error())
}

func (a *App) sharing() bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.config.Share.Mode != "off"
}

// findPlaces is where the network should reach the port, or why it cannot.
func (a *App) findPlaces() (_ []place, port uint16, reason error) {
	a.mu.Lock()
	share, l := a.config.Share, a.listening
	a.mu.Unlock()
	switch {
	case share.Mode == "off":
		return nil, 0, nil
	case share.lacksToken():
		if err := a.Share(share.Mode); err != nil {
			return nil, 0, sentence.Errorf("no link can be made: %w", err)
		}
	case share.Mode == "link" && !isToken(share.Token):
		return nil, 0, errUnfitToken
	}
	if l == nil {
		return nil, 0, errNoPort
	}
	interfaces, err := networkInterfaces()
	if err != nil {
		return nil, 0, sentence.Errorf("this computer's network addresses cannot be found: %w. Traycam tries again by itself", err)
	}
	places := rank(interfaces)
	if len(places) == 0 {
		return nil, 0, errNoNetwork
	}
	return places, uint16(l.port), nil
}

// openDoor begins to answer at an address of this computer. Called by Run alone.
func (a *App) openDoor(ctx context.Context, at netip.AddrPort) error {
	ln, err := net.ListenTCP("tcp", net.TCPAddrFromAddrPort(at))
	if camera.PortInUse(err) {
		return sentence.Errorf("another program uses port %d on this computer's address %s. Close that one, or choose another port in the settings", int(at.Port()), at.Addr().String())
	}
	if err != nil {
		return sentence.Errorf("the address %s of this computer cannot be opened: %w. Traycam tries again by itself", at.Addr().String(), err)
	}
	ctx, cancel := context.WithCancel(ctx)
	served := make(chan struct{})
	go func() {
		defer close(served)
		if err := a.server.ServeNetwork(ctx, ln); err != nil {
			a.opt.Log.Error("viewers in the network cannot be served", "address", at, "err", err)
		}
	}()
	if a.doors == nil {
		a.doors = map[netip.AddrPort]*door{}
	}
	a.doors[at] = &door{close: func() { cancel(); <-served }}
	a.opt.Log.Info("the network can watch", "address", at)
	return nil
}

// closeDoors closes all doors but those at wanted. Called by Run alone.
func (a *App) closeDoors(wanted []netip.AddrPort) {
	for at, d := range a.doors {
		if !slices.Contains(wanted, at) {
			d.close()
			delete(a.doors, at)
			a.opt.Log.Info("the network can no longer watch", "address", at)
		}
	}
}
