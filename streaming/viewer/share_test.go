package viewer_test

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"traycam/streaming/viewer"
)

const token = "abcdefghijklmnopqrstuvwxyz"

// newNetworkRig is a rig whose url is answered as the network is. Requests need
// the computer's name as Host: its loopback address is not one of the network.
func newNetworkRig(t *testing.T, access viewer.Access) (_ *rig, name string) {
	t.Helper()
	name, err := os.Hostname()
	if err != nil || name == "" {
		t.Skip("this computer has no name:", err)
	}
	r := newRig(t)
	r.front.show("picture")
	r.handler.Share(access)
	server := httptest.NewServer(r.handler.Network())
	t.Cleanup(server.Close)
	t.Cleanup(r.stop)
	r.url = server.URL
	return r, name
}

func TestNetwork(t *testing.T) {
	const link = "/v/" + token
	nobody, onlyLink, open, both := viewer.Access{}, viewer.Access{Token: token}, viewer.Access{Open: true}, viewer.Access{Open: true, Token: token}
	for _, c := range []struct {
		access       viewer.Access
		method, path string
		want         int
	}{
		{nobody, "GET", "/", 404},
		{nobody, "GET", "/state", 404},
		{nobody, "GET", "/v//", 404},
		{nobody, "GET", "/v//state", 404},
		{nobody, "GET", link + "/", 404},
		{onlyLink, "GET", link + "/", 200},
		{onlyLink, "HEAD", link + "/", 200},
		{onlyLink, "GET", link + "/?action=stream", 200},
		{onlyLink, "GET", link + "/state", 200},
		{onlyLink, "GET", link + "/healthz", 200},
		{onlyLink, "GET", link + "/cameras/front", 200},
		{onlyLink, "GET", link + "/cameras/front/stream.mjpg", 200},
		{onlyLink, "GET", link + "/mjpeg/", 200},
		{onlyLink, "GET", link + "/snapshot.jpg", 200},
		{onlyLink, "GET", link + "/assets/viewer.js", 200},
		{onlyLink, "GET", link + "/metrics", 404},
		{onlyLink, "GET", link + "/nothing", 404},
		{onlyLink, "GET", link + link + "/", 404},
		{onlyLink, "GET", link + "//", 404},
		{onlyLink, "GET", link + "/cameras/../state", 404},
		{onlyLink, "POST", link + "/", 405},
		{onlyLink, "POST", "/", 404},
		{onlyLink, "GET", "/", 404},
		{onlyLink, "GET", "/state", 404},
		{onlyLink, "GET", "/metrics", 404},
		{onlyLink, "GET", "/mjpeg/", 404},
		{onlyLink, "GET", "/v/", 404},
		{onlyLink, "GET", "/v", 404},
		{onlyLink, "GET", link + "x/", 404},
		{onlyLink, "GET", link[:len(link)-1] + "/", 404},
		{onlyLink, "GET", "/v/%61" + token[1:] + "/", 404}, // the same token, written in another way
		{onlyLink, "GET", "/v/" + strings.ToUpper(token) + "/", 404},
		{open, "GET", "/", 200},
		{open, "GET", "/mjpeg/", 200},
		{open, "GET", "/metrics", 404},
		{open, "GET", "/v//", 404},
		{open, "GET", link + "/", 404},
		{both, "GET", "/state", 200},
		{both, "GET", link + "/state", 200},
		{both, "GET", link + "x/state", 404},
		{both, "GET", link + "/metrics", 404},
		{both, "DELETE", "/", 405},
	} {
		r, name := newNetworkRig(t, c.access)
		response := r.do(c.method, c.path, "Host", name)
		if response.StatusCode != c.want {
			t.Errorf("%+v: %s %s: %d, want %d", c.access, c.method, c.path, response.StatusCode, c.want)
		}
		if response.Header.Get("Referrer-Policy") != "no-referrer" {
			t.Errorf("%s: headers %v", c.path, response.Header)
		}
	}
}

// Nothing tells a wrong link from a path that there is not.
func TestWrongLinkLooksUnknown(t *testing.T) {
	r, name := newNetworkRig(t, viewer.Access{Token: token})
	answer := func(path string) string {
		response := r.do("GET", path, "Host", name)
		body, _ := io.ReadAll(response.Body)
		response.Header.Del("Date")
		return fmt.Sprintf("%s %v %q", response.Status, response.Header, body)
	}
	want := answer("/nothing")
	for _, path := range []string{"/", "/metrics", "/v/", "/v/wrong", "/v/wrong/", "/v/wrong/state", "/v/" + token + "x/", "/v/" + token + "/nothing"} {
		if got := answer(path); got != want {
			t.Errorf("%s: %s\nwant %s", path, got, want)
		}
	}
	for n := range 20 { // refused for their number, in the end
		if got := answer(fmt.Sprint("/v/wrong", n, "/")); got != want {
			t.Errorf("wrong link %d: %s\nwant %s", n, got, want)
		}
	}
}

func TestLinkLeadsOn(t *testing.T) {
	r, name := newNetworkRig(t, viewer.Access{Token: token})
	for path, want := range map[string]string{
		"/v/" + token:                        "/v/" + token + "/",
		"/v/" + token + "?action=stream":     "/v/" + token + "/?action=stream",
		"/v/" + token + "/favicon.ico":       "/v/" + token + "/assets/favicon.svg",
		"/v/" + token + "/favicon.ico?x=//y": "/v/" + token + "/assets/favicon.svg",
	} {
		if response := r.do("GET", path, "Host", name); response.Header.Get("Location") != want {
			t.Errorf("%s: %s to %q, want %q", path, response.Status, response.Header.Get("Location"), want)
		}
	}
	response := r.do("GET", "/v/"+token+"/cameras/front", "Host", name)
	if page, _ := io.ReadAll(response.Body); !strings.HasPrefix(string(page), `<base href="/v/`+token+`/">`) {
		t.Errorf("the page is %s", page)
	}
}

func TestHostInTheNetwork(t *testing.T) {
	r, name := newNetworkRig(t, viewer.Access{Open: true})
	for host, want := range map[string]int{
		name: 200, strings.ToUpper(name) + ":8090": 200, name + ".": 200,
		"localhost": 403, "traycam.localhost": 403, "127.0.0.1": 403, "[::1]:8090": 403, "[::ffff:127.0.0.1]": 403,
		"evil.example": 403, name + ".evil.example": 403, "198.51.100.1": 403,
	} {
		if response := r.do("GET", "/state", "Host", host); response.StatusCode != want {
			t.Errorf("%s: %d, want %d", host, response.StatusCode, want)
		}
	}
}

func TestNameThatTheNetworkIsTold(t *testing.T) {
	r, _ := newNetworkRig(t, viewer.Access{Open: true})
	const name = "traycam-of-the-test.local"
	for _, called := range []string{"", name, ""} {
		want := 403
		if r.handler.CallIt(called); called != "" {
			want = 200
		}
		if got := r.do("GET", "/state", "Host", "Traycam-of-the-test.local:8090").StatusCode; got != want {
			t.Errorf("while it is called %q: %d, want %d", called, got, want)
		}
		if got := r.do("GET", "/state", "Host", "evil."+name).StatusCode; got != 403 {
			t.Errorf("another name: %d", got)
		}
	}
}

// ask sends a request from an address that a test makes up.
func ask(h http.Handler, from, path string) int {
	name, _ := os.Hostname()
	request := httptest.NewRequest("GET", "http://"+name+path, nil)
	request.RemoteAddr = from
	recorder := httptest.NewRecorder()
	h.ServeHTTP(recorder, request)
	return recorder.Code
}

func TestGuessesAreLimited(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := &rig{t: t}
		r.stream, r.stop = context.WithCancel(t.Context())
		defer r.stop()
		handler := viewer.New(viewer.Options{Cameras: r, Log: slog.New(slog.DiscardHandler)})
		handler.Share(viewer.Access{Token: token})
		network := handler.Network()
		const right = "/v/" + token + "/healthz"
		const guesser, other = "192.0.2.7:1000", "192.0.2.8:1000"
		for n := range 9 {
			ask(network, guesser, fmt.Sprint("/v/wrong", n, "/"))
		}
		if got := ask(network, guesser, right); got != 200 {
			t.Errorf("after 9 wrong links the right one: %d", got)
		}
		for range 20 { // what is no other guess
			ask(network, guesser, "/v/wrong0/state")
			ask(network, guesser, "/nothing")
		}
		if got := ask(network, guesser, right); got != 200 {
			t.Errorf("after an old page that asked again and again: %d", got)
		}
		ask(network, guesser, "/v/wrong9/")
		if got := ask(network, "192.0.2.7:2000", right); got != 404 {
			t.Errorf("after 10 wrong links the right one: %d", got)
		}
		if got := ask(network, other, right); got != 200 {
			t.Errorf("somebody else: %d", got)
		}
		time.Sleep(61 * time.Second) // of the bubble's time
		if got := ask(network, guesser, right); got != 200 {
			t.Errorf("a minute later: %d", got)
		}

		// With IPv6 one client has a whole /64 to ask from.
		for n := range 10 {
			ask(network, fmt.Sprintf("[2001:db8::%d]:1000", n+1), fmt.Sprint("/v/wrong", n, "/"))
		}
		if got := ask(network, "[2001:db8::ffff]:1000", right); got != 404 {
			t.Errorf("from the same /64: %d", got)
		}
		if got := ask(network, "[2001:db8:0:1::1]:1000", right); got != 200 {
			t.Errorf("from the next /64: %d", got)
		}
		// Ever more clients take no more room.
		for n := range 5000 {
			ask(network, fmt.Sprintf("10.0.%d.%d:1", n>>8, n&0xff), "/v/wrong/")
		}
		if got := handler.Guessers(); got > 1000 {
			t.Errorf("%d clients are remembered", got)
		}
	})
}
