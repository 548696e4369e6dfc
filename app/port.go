package app

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"strconv"
	"sync"

	"traycam/sentence"
	"traycam/streaming/camera"
)

// Listen takes the port of the viewer page on this computer. From its return on
// connections are accepted; they are answered once Run runs.
// To be called before Run, not beside it.
func (a *App) Listen() error {
	a.mu.Lock()
	port := a.config.Port
	a.mu.Unlock()
	if a.opt.Port != nil {
		port = *a.opt.Port
	}
	l, err := listen(port)
	a.mu.Lock()
	defer a.mu.Unlock()
	poke(a.changed)
	if err != nil {
		a.streaming, a.reason = Failed, err
		return err
	}
	a.listening = l
	if a.streaming == Failed {
		a.streaming, a.reason = Stopped, nil
	}
	return nil
}

// ViewerURL is the page on this computer; empty before Listen took a port.
func (a *App) ViewerURL() string {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.listening == nil {
		return ""
	}
	return a.listening.url()
}

// holdPort makes the port that is held the config's, where that can be had, and
// tries again to hold one where that is wanted and none is held. Called by
// Run alone.
func (a *App) holdPort() {
	a.mu.Lock()
	lost := a.lost
	a.lost = false
	a.mu.Unlock()
	if lost {
		a.closePort() // and take it again, or say why not
	}
	a.mu.Lock()
	held, want, port := a.listening, a.want || a.streaming == Failed, a.config.Port
	a.mu.Unlock()
	switch {
	case held == nil:
		if want {
			a.Listen() // the Snapshot says why not
		}
	case a.opt.Port == nil && port != held.asked:
		l, err := listen(port)
		if err != nil {
			a.opt.Log.Error("port stays as it is", "err", err)
			a.setUnmoved(sentence.Errorf("the port stays as it is: %w", err))
			return
		}
		a.closePort()
		a.mu.Lock()
		a.listening = l
		a.mu.Unlock()
		a.setUnmoved(nil)
	default:
		a.setUnmoved(nil)
	}
}

func (a *App) setUnmoved(why error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.unmoved = why
}

// listening is the port of the viewer page: on IPv4 and, where there is IPv6, on
// that too, since localhost may mean either.
type listening struct {
	asked     int // what the config or the command line asked for; 0: any
	port      int
	listeners []net.Listener
	served    bool // Owned by Run.
	stop      func()
}

// listen takes port on the loopback addresses; 0 is any free one.
func listen(port int) (*listening, error) {
	first, err := net.Listen("tcp", net.JoinHostPort("127.0.0.1", strconv.Itoa(port)))
	if err != nil {
		return nil, portError(port, err)
	}
	l := &listening{asked: port, port: first.Addr().(*net.TCPAddr).Port, listeners: []net.Listener{first}}
	second, err := net.Listen("tcp", net.JoinHostPort("::1", strconv.Itoa(l.port)))
	switch {
	case err == nil:
		l.listeners = append(l.listeners, second)
	case camera.PortInUse(err) && port != 0: // a free port on one of the two is enough
		first.Close()
		return nil, portError(l.port, err)
	}
	return l, nil
}

func portError(port int, err error) error {
	switch {
	case camera.PortInUse(err):
		return sentence.Errorf("port %d is already used by another program, or Traycam runs already. Close that one, or choose another port in the settings", port)
	case errors.Is(err, fs.ErrPermission):
		return sentence.Errorf("this computer does not let programs use port %d. Choose one above 1023 in the settings", port)
	}
	return sentence.Errorf("port %d cannot be opened: %w. Choose another one in the settings", port, err)
}

func (l *listening) url() string { return fmt.Sprintf("http://localhost:%d/", l.port) }

// serve begins to answer on the port that Listen took. Called by Run alone.
func (a *App) serve(ctx context.Context) {
	a.mu.Lock()
	l := a.listening
	a.mu.Unlock()
	if l == nil || l.served {
		return
	}
	l.served = true
	ctx, cancel := context.WithCancel(ctx)
	var serving sync.WaitGroup
	for _, ln := range l.listeners {
		serving.Go(func() {
			if err := a.server.Serve(ctx, ln); err != nil {
				a.opt.Log.Error("the port was lost", "address", ln.Addr(), "err", err)
				a.mu.Lock()
				a.lost = a.listening == l
				a.mu.Unlock()
				poke(a.work)
			}
		})
	}
	l.stop = func() { cancel(); serving.Wait() }
	a.opt.Log.Info("viewers are served", "url", l.url())
}

func (a *App) closePort() {
	a.mu.Lock()
	l := a.listening
	a.listening = nil
	a.mu.Unlock()
	if l == nil {
		return
	}
	if l.served {
		l.stop()
		return
	}
	for _, ln := range l.listeners {
		ln.Close()
	}
}
