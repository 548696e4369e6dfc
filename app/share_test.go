package app_test

import (
	"io"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"traycam/app"
	"traycam/sentence"
)

// ownAddress is an IPv4 address of this computer that is not loopback.
func ownAddress(t *testing.T) string {
	t.Helper()
	all, err := net.InterfaceAddrs()
	if err != nil {
		t.Fatal(err)
	}
	for _, a := range all {
		p, err := netip.ParsePrefix(a.String())
		if err == nil && p.Addr().Is4() && !p.Addr().IsLoopback() && !p.Addr().IsLinkLocalUnicast() {
			return p.Addr().String()
		}
	}
	t.Skip("this computer is in no network")
	return ""
}

// shared is the address that is handed over, on host.
func (r *rig) shared(mode, host string) *url.URL {
	r.t.Helper()
	var at *url.URL
	r.await("an address in mode "+mode, func(s app.Snapshot) bool {
		at = addressOn(s, host)
		return s.Share.Mode == mode && at != nil && s.Share.Reason == nil
	})
	return at
}

func addressOn(s app.Snapshot, host string) *url.URL {
	for _, a := range s.Share.Addresses {
		if u, err := url.Parse(a.URL); err == nil && u.Hostname() == host {
			return u
		}
	}
	return nil
}

// status is what is answered at an address, 0 where nobody answers.
func status(address string) int {
	client := http.Client{Timeout: 10 * time.Second, Transport: &http.Transport{DisableKeepAlives: true}}
	response, err := client.Get(address)
	if err != nil {
		return 0
	}
	response.Body.Close()
	return response.StatusCode
}

// watchStream watches camera one from the page at address. ended is closed when
// the stream is; more waits for further bytes.
func watchStream(t *testing.T, address string) (more func(), ended chan struct{}) {
	t.Helper()
	transport := &http.Transport{DisableKeepAlives: true}
	response, err := (&http.Client{Transport: transport}).Get(address + "cameras/one/stream.mjpg")
	if err != nil || response.StatusCode != http.StatusOK {
		t.Fatal(address, response, err)
	}
	came := make(chan struct{})
	ended = make(chan struct{})
	stop := make(chan struct{})
	go func() {
		defer close(ended)
		b := make([]byte, 4096)
		for {
			if _, err := response.Body.Read(b); err != nil {
				return
			}
			select {
			case came <- struct{}{}:
			case <-stop:
				return
			default:
			}
		}
	}()
	t.Cleanup(func() { close(stop); response.Body.Close(); <-ended })
	return func() {
		t.Helper()
		for range 3 { // the first may have been on its way
			select {
			case <-came:
			case <-ended:
				t.Fatal("the stream has ended")
			case <-time.After(10 * time.Second):
				t.Fatal("the stream stands still")
			}
		}
	}, ended
}

func mustEndSoon(t *testing.T, what string, ended chan struct{}) {
	t.Helper()
	select {
	case <-ended:
	case <-time.After(time.Second):
		t.Errorf("%s: the stream from the network goes on", what)
	}
}

func TestShare(t *testing.T) {
	host := ownAddress(t)
	r := run(t, oneCamera)
	s := r.awaitLive("one")
	local, err := url.Parse(s.ViewerURL)
	if err != nil {
		t.Fatal(err)
	}
	root := "http://" + net.JoinHostPort(host, local.Port()) + "/"
	if s.Share.Mode != "off" || s.Share.Addresses != nil || s.Share.Reason != nil {
		t.Errorf("off: %+v", s.Share)
	}
	if conn, err := net.Dial("tcp", net.JoinHostPort(host, local.Port())); err == nil {
		conn.Close()
		t.Fatal("while sharing is off the network gets a connection")
	}
	more, localEnded := watchStream(t, s.ViewerURL)

	must(t, r.Share("link"))
	link := r.shared("link", host)
	token := strings.TrimSuffix(strings.TrimPrefix(link.Path, "/v/"), "/")
	if len(token) < 22 || link.Port() != local.Port() {
		t.Errorf("the link is %v", link)
	}
	if text, _ := os.ReadFile(r.file); !strings.Contains(string(text), token) {
		t.Errorf("the token is not in the file:\n%s", text)
	}
	for address, want := range map[string]int{link.String(): 200, link.String() + "state": 200, root: 404, root + "state": 404, root + "v/" + token + "x/": 404} {
		if got := status(address); got != want {
			t.Errorf("%s: %d, want %d", address, got, want)
		}
	}

	// A new link ends the old one.
	moreRemote, remoteEnded := watchStream(t, link.String())
	moreRemote()
	must(t, r.NewLink())
	mustEndSoon(t, "new link", remoteEnded)
	if got := status(link.String()); got != 404 {
		t.Errorf("the old link: %d", got)
	}
	again := addressOn(r.await("a new link", func(s app.Snapshot) bool { return addressOn(s, host).Path != link.Path }), host)
	if got := status(again.String()); got != 200 {
		t.Errorf("the new link: %d", got)
	}

	// So does another mode, and off.
	_, remoteEnded = watchStream(t, again.String())
	must(t, r.Share("open"))
	mustEndSoon(t, "open", remoteEnded)
	open := r.shared("open", host)
	if open.String() != root || status(root) != 200 || status(again.String()) != 200 {
		t.Errorf("open: %v, %d, with the link %d", open, status(root), status(again.String()))
	}
	_, remoteEnded = watchStream(t, root)
	must(t, r.Share("off"))
	mustEndSoon(t, "off", remoteEnded)
	r.await("nobody in the network to be answered", func(s app.Snapshot) bool { return s.Share.Addresses == nil && status(root) == 0 })

	// The same link comes back.
	must(t, r.Share("link"))
	if back := r.shared("link", host); back.Path != again.Path {
		t.Errorf("after off the link is %v, was %v", back, again)
	}
	more() // all the while
	select {
	case <-localEnded:
		t.Error("the stream on this computer has ended")
	default:
	}
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func TestWatching(t *testing.T) {
	host := ownAddress(t)
	r := run(t, "[share]\nmode = \"open\"\n"+oneCamera)
	r.awaitLive("one")
	began := time.Now()
	watchStream(t, r.ViewerURL())
	watchStream(t, r.shared("open", host).String())
	s := r.await("both", func(s app.Snapshot) bool { return len(s.Share.Watching) == 2 })
	first, second := s.Share.Watching[0], s.Share.Watching[1]
	if first.Address != "127.0.0.1" && first.Address != "::1" || !first.Local || first.Camera != "one" {
		t.Errorf("the first is %+v", first)
	}
	// It came by the network, but from this computer.
	if second.Address != host || !second.Local || second.Camera != "one" {
		t.Errorf("the second is %+v", second)
	}
	if first.Since.Before(began) || second.Since.Before(first.Since) {
		t.Errorf("since %v and %v, began %v", first.Since, second.Since, began)
	}
	r.Stop()
	r.await("nobody", func(s app.Snapshot) bool { return len(s.Share.Watching) == 0 })
}

// The mode may be written into the file by hand; the token is made then.
func TestShareByTheFile(t *testing.T) {
	host := ownAddress(t)
	r := run(t, oneCamera)
	r.awaitLive("one")
	r.write("[share]\nmode = \"link\"\n" + oneCamera)
	link := r.shared("link", host)
	if got := status(link.String()); got != 200 {
		t.Errorf("the link: %d", got)
	}
	_, ended := watchStream(t, link.String())
	const own = "a-token-of-my-own"
	r.write("[share]\nmode = \"link\"\ntoken = \"" + own + "\"\n" + oneCamera)
	link = addressOn(r.await("the other link", func(s app.Snapshot) bool { return addressOn(s, host).Path == "/v/"+own+"/" }), host)
	mustEndSoon(t, "another token in the file", ended)
	_, ended = watchStream(t, link.String())
	r.write("[share]\nmode = \"link\"\ntoken = \"short\"\n" + oneCamera)
	s := r.await("a reason", func(s app.Snapshot) bool { return s.Share.Reason != nil })
	if !strings.Contains(sentence.Of(s.Share.Reason), "16 or more letters") || s.Share.Addresses != nil {
		t.Errorf("%q, %v", s.Share.Reason, s.Share.Addresses)
	}
	mustEndSoon(t, "a token that is no good", ended)
	must(t, r.NewLink())
	link = r.shared("link", host)
	r.write(oneCamera)
	r.await("off", func(s app.Snapshot) bool { return s.Share.Mode == "off" && status(link.String()) == 0 })
}

func TestRefusedShare(t *testing.T) {
	r := run(t, oneCamera)
	if err := r.Share("everybody"); err == nil {
		t.Error("a mode was taken that there is not")
	}
	if s := r.awaitLive("one"); s.Share.Mode != "off" {
		t.Errorf("%+v", s.Share)
	}
}

// A port that somebody else has on the network address is told of, and taken when it is free.
func TestSharedPortInUse(t *testing.T) {
	host := ownAddress(t)
	r := run(t, oneCamera)
	local, _ := url.Parse(r.ViewerURL())
	other, err := net.Listen("tcp", net.JoinHostPort(host, local.Port()))
	if err != nil {
		t.Skip("the port is not free there:", err)
	}
	defer other.Close()
	must(t, r.Share("link"))
	s := r.await("a reason", func(s app.Snapshot) bool { return s.Share.Reason != nil || addressOn(s, host) != nil })
	if s.Share.Reason == nil {
		t.Skip("this computer has a better address than", host)
	}
	if !strings.Contains(sentence.Of(s.Share.Reason), "Another program uses port "+local.Port()) {
		t.Errorf("%q", sentence.Of(s.Share.Reason))
	}
	if got := status(s.ViewerURL); got != 200 {
		t.Errorf("on this computer: %d", got)
	}
	other.Close()
	r.shared("link", host)
}

// The page under a link has all its files there, and nothing points out of it.
func TestPageUnderALink(t *testing.T) {
	host := ownAddress(t)
	r := run(t, oneCamera)
	must(t, r.Share("link"))
	link := r.shared("link", host)
	client := http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	for _, at := range []string{"", "cameras/one", "?camera=one"} {
		response, err := client.Get(link.String() + at)
		if err != nil {
			t.Fatal(err)
		}
		b, _ := io.ReadAll(response.Body)
		response.Body.Close()
		page := string(b)
		if !strings.Contains(page, `<base href="`+link.Path+`">`) {
			t.Errorf("%s: the page is %s", at, page)
		}
		for _, match := range regexp.MustCompile(`(?:src|href)="([^"]+)"`).FindAllStringSubmatch(page, -1) {
			if to := match[1]; to != link.Path && (strings.HasPrefix(to, "/") || strings.Contains(to, ":")) {
				t.Errorf("%s: the page points to %s", at, to)
			}
		}
	}
	files, err := filepath.Glob("../assets/web/*.*s")
	if err != nil || len(files) == 0 {
		t.Fatal(files, err)
	}
	for _, file := range files {
		if got := status(link.String() + "assets/" + filepath.Base(file)); got != 200 {
			t.Errorf("%s: %d", file, got)
		}
		text, _ := os.ReadFile(file)
		if outside := regexp.MustCompile("(?:fetch\\(|src = |href = |import\\(|from |url\\()['\"`]/[^\n]*").Find(text); outside != nil {
			t.Errorf("%s: %s", file, outside)
		}
	}
}
