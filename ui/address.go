package ui

import (
	"net/url"
	"strconv"
	"strings"

	"traycam/sentence"
)

// kind is what a person picks in the form: how pictures come from the camera.
type kind int

const (
	kindListen kind = iota // the camera connects to us
	kindDial               // we connect to the camera
	kindTest               // the built-in test picture
	kindOther              // any other camera URL, as it is
)

var kindNames = []string{
	kindListen: "It connects to me",
	kindDial:   "I connect to it",
	kindTest:   "Test picture",
	kindOther:  "Another address",
}

// address is a camera URL taken apart into the fields of the form.
type address struct {
	kind  kind
	host  string // dial
	port  string // listen, dial
	allow string // listen: CIDRs with commas, empty for everyone
	size  string // test: "1280x720", empty for the default
	fps   string // test: empty for the default
	raw   string // other
}

// URL puts the fields together, in the form that the camera kinds of app.CameraConfig take.
func (a address) URL() string {
	switch a.kind {
	case kindListen:
		u := "tcp://:" + a.port + "?listen"
		if allow := joinList(a.allow); allow != "" {
			u += "&allow=" + allow
		}
		return u
	case kindDial:
		host := a.host
		if strings.Contains(host, ":") && !strings.HasPrefix(host, "[") {
			host = "[" + host + "]" // IPv6
		}
		return "tcp://" + host + ":" + a.port
	case kindTest:
		var query []string
		if a.size != "" {
			query = append(query, "size="+a.size)
		}
		if a.fps != "" {
			query = append(query, "fps="+a.fps)
		}
		if len(query) == 0 {
			return "test:"
		}
		return "test:?" + strings.Join(query, "&")
	}
	return a.raw
}

// parseAddress takes a camera URL apart. What the fields cannot hold without
// loss, such as an option of a newer Traycam, stays whole as kindOther.
func parseAddress(raw string) address {
	raw = strings.TrimSpace(raw)
	other := address{kind: kindOther, raw: raw}
	u, err := url.Parse(raw)
	if err != nil || u.User != nil || u.Fragment != "" {
		return other
	}
	query, err := url.ParseQuery(u.RawQuery)
	if err != nil {
		return other
	}
	path := u.Path
	if path == "/" {
		path = ""
	}
	known := func(keys ...string) bool {
		seen := 0
		for _, k := range keys {
			if len(query[k]) > 1 {
				return false
			}
			seen += len(query[k])
		}
		return seen == len(query)
	}
	switch {
	case u.Scheme == "tcp" && path == "" && u.Hostname() == "" && query.Has("listen") && known("listen", "allow"):
		return address{kind: kindListen, port: u.Port(), allow: strings.ReplaceAll(query.Get("allow"), ",", ", ")}
	case u.Scheme == "tcp" && path == "" && u.Hostname() != "" && len(query) == 0:
		return address{kind: kindDial, host: u.Hostname(), port: u.Port()}
	case u.Scheme == "test" && u.Host == "" && path == "" && u.Opaque == "" && known("size", "fps"):
		return address{kind: kindTest, size: query.Get("size"), fps: query.Get("fps")}
	}
	return other
}

// describeAddress says in words what a camera URL means, without a password that it may hold.
func describeAddress(raw string) string {
	a := parseAddress(raw)
	switch a.kind {
	case kindListen:
		return "connects to port " + a.port
	case kindDial:
		return "we connect to " + strings.TrimPrefix(a.URL(), "tcp://")
	case kindTest:
		return "test picture"
	}
	u, err := url.Parse(a.raw)
	switch {
	case err != nil:
		return "unknown address"
	case u.Scheme == "push":
		return "a program sends pictures"
	case u.Scheme == "tcp" && u.Query().Has("listen"):
		return "connects to " + u.Host
	case u.Host != "":
		return "we connect to " + u.Host
	case u.Scheme == "test":
		return "test picture"
	}
	return a.raw
}

// looksWhole tells whether text pasted into the host field is a whole camera
// URL or a host with its port, and takes it apart.
func looksWhole(text string) (address, bool) {
	text = strings.TrimSpace(text)
	if strings.Contains(text, "://") || strings.HasPrefix(text, "test:") || strings.HasPrefix(text, "push:") {
		a := parseAddress(text)
		if scheme, rest, _ := strings.Cut(text, "://"); strings.Contains(text, "://") && (scheme == "" || rest == "") {
			return address{}, false // still being typed
		}
		return a, true
	}
	host, port, ok := cutLast(text, ":")
	if !ok || host == "" || (strings.Contains(host, ":") && !strings.HasPrefix(host, "[")) {
		return address{}, false // a bare host, or IPv6
	}
	if _, err := portNumber(port); err != nil || port == "" {
		return address{}, false
	}
	return address{kind: kindDial, host: strings.Trim(host, "[]"), port: port}, true
}

func cutLast(s, sep string) (before, after string, found bool) {
	i := strings.LastIndex(s, sep)
	if i < 0 {
		return s, "", false
	}
	return s[:i], s[i+len(sep):], true
}

// portNumber reads a port. Its errors are sentences for people.
func portNumber(s string) (int, error) {
	n, err := strconv.Atoi(strings.TrimSpace(s))
	switch {
	case strings.TrimSpace(s) == "":
		return 0, sentence.Errorf("Type the port, a number such as 9001.")
	case err != nil || n < 1 || n > 65535:
		return 0, sentence.Errorf("A port is a number from 1 to 65535.")
	}
	return n, nil
}

// joinList takes a list that people typed with commas or spaces to one with commas only.
func joinList(s string) string {
	return strings.Join(strings.FieldsFunc(s, func(r rune) bool { return r == ',' || r == ' ' || r == ';' }), ",")
}
