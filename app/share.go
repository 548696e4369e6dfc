package app

import (
	"crypto/rand"
	"net"
	"strconv"
	"strings"

	"traycam/sentence"
	"traycam/streaming"
)

// ShareStatus is who can watch from the network, and who watches.
type ShareStatus struct {
	// Mode is "off": this computer only, "link": who has the link, or "open".
	Mode string
	// Reason is why the network cannot watch although it should: a sentence with
	// a next step, else nil.
	Reason error
	// Addresses are what to hand over, the best first.
	Addresses []Address
	// Watching are the streams that are being watched now, on this computer too;
	// longest first, at most 200.
	Watching []Watcher
}

// Address is one way to the viewer page from the network.
type Address struct {
	URL       string // "http://192.168.1.20:8090/v/TOKEN/"; without the token in mode "open"
	Interface string // "Wi-Fi", "eth0"
	Best      bool   // the first one
}

// Watcher is one stream that is being watched.
type Watcher = streaming.Watcher

// Share makes mode the way of sharing and saves. Who watches from the network is
// cut off; viewers on this computer notice nothing. Errors are sentences.
func (a *App) Share(mode string) error {
	return a.change(func(config *Config) error {
		config.Share.Mode = mode
		if mode != "off" && config.Share.Token == "" {
			config.Share.Token = newToken()
		}
		if wrong := config.Check(); wrong != nil {
			return wrong.Say
		}
		return nil
	})
}

// NewLink makes the link a new one and saves. The old one ends, and the streams
// of those who came by it. Errors are sentences.
func (a *App) NewLink() error {
	return a.change(func(config *Config) error {
		config.Share.Token = newToken()
		return nil
	})
}

// LookForNetworks looks at once for addresses that this computer has got or lost,
// which otherwise is seen within seconds.
func (a *App) LookForNetworks() { poke(a.work) }

// newToken has no less than 128 random bits, and no letter that a chat program
// would leave out of a link.
func newToken() string { return strings.ToLower(rand.Text()) }

// minToken is the least length of a token that a person made up.
const minToken = 16

// isToken tells whether a token is long enough and fits into a path as it is.
func isToken(s string) bool {
	const letters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_"
	return len(s) >= minToken && strings.Trim(s, letters) == ""
}

// access is what a share means to the server.
func (s Share) access() streaming.Access {
	access := streaming.Access{Open: s.Mode == "open"}
	if s.Mode != "off" && isToken(s.Token) {
		access.Token = s.Token
	}
	return access
}

// letIn tells the server who may watch, at once: Run may be waiting for a
// camera. a.mu is held, or a is not shared yet.
func (a *App) letIn() { a.server.Share(a.config.Share.access()) }

// shareStatus is what a view may show. a.mu is held, or a is not shared yet.
func (a *App) shareStatus() ShareStatus {
	access := a.config.Share.access()
	s := ShareStatus{Mode: a.config.Share.Mode, Watching: a.server.Watching()}
	if s.Mode == "off" {
		return s
	}
	s.Reason = a.unshared
	if a.listening == nil || access == (streaming.Access{}) {
		return s
	}
	path := "/"
	if !access.Open {
		path = "/v/" + access.Token + "/"
	}
	for i, p := range a.places {
		host := net.JoinHostPort(p.Address.String(), strconv.Itoa(a.listening.port))
		s.Addresses = append(s.Addresses, Address{URL: "http://" + host + path, Interface: p.Interface, Best: i == 0})
	}
	return s
}

var (
	errNoNetwork  = sentence.Errorf("this computer is in no network. Connect it, and others can watch")
	errNoPort     = sentence.Errorf("others can watch when Traycam has got its port on this computer")
	errUnfitToken = sentence.Errorf("the token in the config file is no good for a link: it takes %d or more letters, digits, '-' or '_'. Make a new link", minToken)
)
