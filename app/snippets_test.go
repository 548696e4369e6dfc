package app_test

import (
	"io"
	"net/http"
	"strings"
	"testing"

	"traycam/app"
)

func TestSnippets(t *testing.T) {
	const link = "http://192.0.2.1:8090/v/token/"
	names := map[string]bool{}
	for _, s := range app.Snippets(link, "front-door") {
		if names[s.Name] = true; !strings.Contains(s.Text, link+"cameras/front-door") || !strings.HasSuffix(s.Text, "\n") {
			t.Errorf("%s: %q", s.Name, s.Text)
		}
	}
	if len(names) < 9 {
		t.Errorf("%v", names)
	}
	for _, s := range app.Snippets(link, "") {
		if !strings.Contains(s.Text, link) || strings.Contains(s.Text, "cameras/") {
			t.Errorf("%s: %q", s.Name, s.Text)
		}
	}
}

func TestSharePage(t *testing.T) {
	host := ownAddress(t)
	r := run(t, oneCamera)
	r.awaitLive("one")
	page := func() string {
		t.Helper()
		response, err := http.Get(r.ViewerURL() + "share")
		if err != nil {
			t.Fatal(err)
		}
		defer response.Body.Close()
		b, err := io.ReadAll(response.Body)
		if err != nil || response.StatusCode != 200 {
			t.Fatal(response.Status, err)
		}
		return string(b)
	}
	if off := page(); !strings.Contains(off, "sharing is off") || !strings.Contains(off, r.ViewerURL()+"cameras/one/stream.mjpg") || strings.Contains(off, "<svg") {
		t.Errorf("while sharing is off:\n%s", off)
	}
	must(t, r.Share("link"))
	link := r.shared("link", host).String()
	if _, err := r.AddLink(app.Link{Name: "Grandma"}); err != nil {
		t.Fatal(err)
	}
	if on := page(); !strings.Contains(on, link) || !strings.Contains(on, "Grandma") || !strings.Contains(on, "v/") || strings.Count(on, "<svg") != 2 {
		t.Errorf("while it is on:\n%s", on)
	}
	if got := status(strings.TrimSuffix(link, "/") + "/share"); got != 404 {
		t.Errorf("/share from the network: %d", got)
	}
}
