package app

import (
	"cmp"
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
	// ByName is whether the network is to be told this computer's name.
	ByName bool
	// Addresses are what to hand over, the best first.
	Addresses []Address
	// Links are the named ones, in the order in which they were made, whatever Mode is.
	Links []LinkStatus
	// Watching are the streams that are being watched now, on this computer too;
	// longest first, at most 200.
	Watching []Watcher
}

// Address is one way to the viewer page from the network.
type Address struct {
	URL       string // "http://192.168.1.20:8090/v/TOKEN/"; without the token in mode "open"
	Interface string // "Wi-Fi", "eth0"; "mDNS": the address has this computer's name
}

// Watcher is one stream that is being watched.
type Watcher = streaming.Watcher

// Share makes mode the way of sharing and saves. Where that changes, who watches
// from the network is cut off; viewers on this computer notice nothing. Errors are sentences.
func (a *App) Share(mode string) error {
	return a.change(func(config *Config) error {
		config.Share.Mode = mode
		config.Share.giveTokens()
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
	if s.Mode == "off" {
		return streaming.Access{}
	}
	access := streaming.Access{Open: s.Mode == "open", Links: s.forServer()}
	if isToken(s.Token) {
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
	s := ShareStatus{Mode: a.config.Share.Mode, ByName: a.config.Share.MDNS, Watching: a.server.Watching()}
	if s.Mode != "off" {
		s.Reason = a.unshared
	}
	if a.listening == nil || s.Mode == "off" || !access.Open && access.Token == "" {
		s.Links = a.linkStatus("")
		return s
	}
	path := ""
	if !access.Open {
		path = linkPath(access.Token)
	}
	best := ""
	for _, p := range a.places {
		root := "http://" + net.JoinHostPort(p.Address.String(), strconv.Itoa(a.listening.port)) + "/"
		s.Addresses = append(s.Addresses, Address{URL: root + path, Interface: p.Interface})
		best = cmp.Or(best, root)
	}
	if a.named != "" && best != "" {
		s.Addresses = append(s.Addresses, Address{URL: "http://" + a.named + ":" + strconv.Itoa(a.listening.port) + "/" + path, Interface: "mDNS"})
	}
	s.Links = a.linkStatus(best)
	return s
}

var (
	errNoNetwork  = sentence.Errorf("this computer is in no network. Connect it, and others can watch")
	errNoPort     = sentence.Errorf("others can watch when Traycam has got its port on this computer")
	errUnfitToken = sentence.Errorf("the token in the config file is no good for a link: it takes %d or more letters, digits, '-' or '_'. Make a new link", minToken)
)
