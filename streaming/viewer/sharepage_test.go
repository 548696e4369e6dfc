package viewer_test

import (
	"io"
	"log/slog"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"
	"time"

	"traycam/streaming/viewer"
)

const sharedURL = "http://192.0.2.1:8090/v/" + token + "/"

func (r *rig) SharePage(camera string) viewer.SharePage {
	return viewer.SharePage{
		Mode:      "link",
		Addresses: []viewer.SharedLink{{URL: sharedURL, Name: "eth0"}, {URL: "http://[2001:db8::1]:8090/v/" + token + "/", Name: "wlan<0>"}},
		Named:     []viewer.SharedLink{{URL: "http://192.0.2.1:8090/v/hers/", Name: "<b>Grandma</b>", Until: time.Date(2030, 12, 24, 18, 0, 0, 0, time.Local)}},
		Snippets:  []viewer.Snippet{{Name: "HTML", Text: `<img src="` + camera + `">`}},
	}
}

// newShareRig is a rig that has the page /share.
func newShareRig(t *testing.T) *rig {
	r := newRig(t)
	r.handler = viewer.New(viewer.Options{Cameras: r, Sharing: r, Log: slog.New(slog.DiscardHandler)})
	server := httptest.NewServer(r.handler)
	t.Cleanup(server.Close)
	r.url = server.URL
	return r
}

func TestSharePage(t *testing.T) {
	r := newShareRig(t)
	response := r.do("GET", "/share?camera=back")
	b, _ := io.ReadAll(response.Body)
	page := string(b)
	for _, want := range []string{
		`<code id="link">` + sharedURL + `</code>`, "[2001:db8::1]", "wlan&lt;0&gt;", "&lt;b&gt;Grandma&lt;/b&gt;, until 24 December 2030, 18:00",
		"&lt;img src=&#34;back&#34;&gt;", "Front &lt;door&gt;", `href="/share?camera=back" aria-current="true"`,
	} {
		if !strings.Contains(page, want) {
			t.Errorf("no %s in\n%s", want, page)
		}
	}
	if n := strings.Count(page, "<svg"); n != 2 {
		t.Errorf("%d codes", n)
	}
	h := response.Header
	if !strings.HasPrefix(h.Get("Content-Security-Policy"), "default-src 'none'; script-src 'self'; style-src 'self';") ||
		h.Get("Referrer-Policy") != "no-referrer" || h.Get("Cache-Control") != "no-store" || h.Get("Cross-Origin-Resource-Policy") != "same-origin" {
		t.Errorf("headers %v", h)
	}
	if inline := regexp.MustCompile(`(?i)\son\w+=|<script>|\sstyle=|<style|(src|href)="(https?:|//)`).FindString(page); inline != "" {
		t.Errorf("the policy forbids %q", inline)
	}
	for path, want := range map[string]int{
		"/share": 200, "/share/share.css": 200, "/share/share.js": 200, "/share/share.html": 404, "/share/": 404, "/share/nothing.js": 404, "/share?camera=nothing": 404,
	} {
		if got := r.do("GET", path).StatusCode; got != want {
			t.Errorf("%s: %d, want %d", path, got, want)
		}
	}
	if got := r.do("POST", "/share").StatusCode; got != 405 {
		t.Errorf("POST: %d", got)
	}
}

// The links are for who sits at this computer, and for no page of a stranger's.
func TestSharePageIsForThisComputer(t *testing.T) {
	r := newShareRig(t)
	for _, header := range [][2]string{{"X-Forwarded-For", "127.0.0.1"}, {"Forwarded", "for=127.0.0.1"}, {"X-Real-Ip", "127.0.0.1"}, {"Via", "1.1 proxy"}} {
		if got := r.do("GET", "/share", header[0], header[1]).StatusCode; got != 404 {
			t.Errorf("through a proxy with %s: %d", header[0], got)
		}
	}
	if got := r.do("GET", "/share", "Host", "evil.example").StatusCode; got != 403 {
		t.Errorf("by a stranger's name: %d", got)
	}
	for _, access := range []viewer.Access{{Open: true}, {Token: token}} {
		n, name := newNetworkRig(t, access)
		for _, path := range []string{"/share", "/share/share.js", "/v/" + token + "/share", "/v/" + token + "/share/share.js"} {
			if got := n.do("GET", path, "Host", name).StatusCode; got != 404 {
				t.Errorf("%+v: %s from the network: %d", access, path, got)
			}
		}
	}
	if got := newRig(t).do("GET", "/share").StatusCode; got != 404 {
		t.Errorf("where nobody knows the links: %d", got)
	}
}
