package ui

import (
	"net/url"
	"slices"
	"strconv"
	"strings"

	"traycam/sentence"
)

// kind is what a person picks in the form: how pictures come from the camera.
type kind int

const (
	kindListen kind = iota // the camera connects to us
	kindDial               // we connect to the camera
	kindWeb                // http and https
	kindRTSP
	kindWebcam // of this computer
	kindPush   // programs post pictures to us
	kindTest   // the built-in test picture
	kindOther  // any other camera URL, as it is
)

// kindNames are what the form offers, and kindHints what it says about them.
func kindNames() []string {
	return []string{
		kindListen: tr("It connects to me"),
		kindDial:   tr("I connect to it"),
		kindWeb:    tr("A web address (http)"),
		kindRTSP:   tr("An RTSP address"),
		kindWebcam: tr("A webcam of this computer"),
		kindPush:   tr("A program posts to me"),
		kindTest:   tr("A test picture"),
		kindOther:  tr("Another address"),
	}
}

func (k kind) hint() string {
	switch k {
	case kindListen:
		return tr("The camera sends its pictures to a port of this computer, as ffmpeg, a Raspberry Pi or an ESP32 can.")
	case kindDial:
		return tr("The camera waits on a port, and Traycam fetches its pictures there.")
	case kindWeb:
		return tr("Most network cameras, phones and 3D printers: MJPEG or still pictures.")
	case kindRTSP:
		return tr("Surveillance cameras. Motion JPEG at once, other video where ffmpeg is installed.")
	case kindWebcam:
		return tr("A camera that is built in or plugged in here.")
	case kindPush:
		return tr("A program or device sends pictures to Traycam with HTTP POST.")
	case kindTest:
		return tr("A moving picture made by Traycam, to try things out.")
	}
	return tr("Any address that Traycam knows, as it is.")
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

	url            string // web, rtsp: without user and password
	user, password string // web, rtsp
	device         string // webcam; empty: the first one
	key            string // push; empty: from this computer only
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
	case kindWeb, kindRTSP:
		return a.urlWithUser()
	case kindWebcam:
		return "webcam:" + a.device
	case kindPush:
		if a.key == "" {
			return "push:"
		}
		return "push:?key=" + url.QueryEscape(a.key)
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

// urlWithUser is the address of a web or RTSP camera. What people leave out, the
// scheme, is added.
func (a address) urlWithUser() string {
	whole := a.url
	if whole != "" && !strings.Contains(whole, "://") {
		whole = map[kind]string{kindWeb: "http://", kindRTSP: "rtsp://"}[a.kind] + whole
	}
	if a.user == "" && a.password == "" {
		return whole
	}
	user := url.UserPassword(a.user, a.password)
	if a.password == "" {
		user = url.User(a.user)
	}
	scheme, rest, _ := strings.Cut(whole, "://")
	return scheme + "://" + user.String() + "@" + rest
}

// parseURL takes a web or RTSP address apart, whose text stays as it is but for
// user and password.
func parseURL(k kind, raw string, u *url.URL) address {
	a := address{kind: k, url: raw}
	if u.User == nil {
		return a
	}
	a.user = u.User.Username()
	a.password, _ = u.User.Password()
	scheme, rest, _ := strings.Cut(raw, "://")
	end := strings.IndexAny(rest, "/?#")
	if end < 0 {
		end = len(rest)
	}
	a.url = scheme + "://" + rest[strings.LastIndex(rest[:end], "@")+1:]
	return a
}

// parseAddress takes a camera URL apart. What the fields cannot hold without
// loss, such as an option of a newer Traycam, stays whole as kindOther.
func parseAddress(raw string) address {
	raw = strings.TrimSpace(raw)
	other := address{kind: kindOther, raw: raw}
	if device, found := strings.CutPrefix(raw, "webcam:"); found { // a name, which need be no URL
		return address{kind: kindWebcam, device: strings.TrimSpace(device)}
	}
	u, err := url.Parse(raw)
	switch {
	case err != nil:
		return other
	case (u.Scheme == "http" || u.Scheme == "https") && u.Host != "":
		return parseURL(kindWeb, raw, u)
	case u.Scheme == "rtsp" && u.Host != "":
		return parseURL(kindRTSP, raw, u)
	case u.User != nil || u.Fragment != "":
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
	case u.Scheme == "push" && u.Host == "" && path == "" && u.Opaque == "" && known("key"):
		return address{kind: kindPush, key: query.Get("key")}
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
		return tr("connects to port %s", a.port)
	case kindDial:
		return tr("we connect to %s", strings.TrimPrefix(a.URL(), "tcp://"))
	case kindWebcam:
		return tr("a webcam of this computer")
	case kindPush:
		return tr("a program posts pictures")
	case kindTest:
		return tr("test picture")
	}
	if strings.HasPrefix(a.raw, "ffmpeg:") { // what follows may hold a password, and be no URL
		return tr("through ffmpeg")
	}
	u, err := url.Parse(a.raw + a.url)
	switch {
	case err != nil:
		return tr("unknown address")
	case u.Scheme == "tcp" && u.Query().Has("listen"):
		return tr("connects to %s", u.Host)
	case a.kind == kindWeb, a.kind == kindRTSP, u.Host != "":
		return tr("we connect to %s", u.Host)
	case u.Scheme == "test":
		return tr("test picture")
	}
	return a.raw
}

// looksWhole tells whether text pasted into the host field is a whole camera
// URL or a host with its port, and takes it apart.
func looksWhole(text string) (address, bool) {
	text = strings.TrimSpace(text)
	if hasScheme(text) {
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

// hasScheme tells whether text begins as a camera URL does.
func hasScheme(text string) bool {
	text = strings.TrimSpace(text)
	known := []string{"tcp://", "http://", "https://", "rtsp://", "test:", "push:", "webcam:", "ffmpeg:"}
	return slices.ContainsFunc(known, func(scheme string) bool { return strings.HasPrefix(text, scheme) })
}

// hostOf is the host and port of an address, which may lack its scheme.
func hostOf(address string) string {
	if !strings.Contains(address, "://") {
		address = "any://" + address
	}
	u, err := url.Parse(address)
	if err != nil {
		return ""
	}
	return strings.ToLower(u.Host)
}

// portOf is the port of an address, empty where there is none.
func portOf(address string) string {
	u, err := url.Parse(address)
	if err != nil {
		return ""
	}
	return u.Port()
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
