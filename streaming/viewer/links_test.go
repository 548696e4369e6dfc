package viewer_test

import (
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"traycam/streaming/viewer"
)

// Who has a link for some cameras finds nothing else, anywhere.
func TestLinkForSomeCameras(t *testing.T) {
	const all, some, none = "link-for-all-cameras", "link-for-the-back-one", "link-for-what-is-gone"
	r, name := newNetworkRig(t, viewer.Access{Token: token, Links: []viewer.Link{
		{Token: all, Name: "All"}, {Token: some, Name: "Some", Cameras: []string{"back", "gone"}}, {Token: none, Cameras: []string{"gone"}},
	}})
	r.back.show("behind")
	for link, want := range map[string]map[string]int{
		all:  {"state": 200, "cameras/front/snapshot.jpg": 200, "cameras/back/snapshot.jpg": 200, "?action=snapshot_1": 200, "snapshot.jpg?camera=front": 200, "metrics": 404},
		some: {"state": 200, "cameras/front/snapshot.jpg": 404, "cameras/back/snapshot.jpg": 200, "?action=snapshot_1": 404, "snapshot.jpg?camera=front": 404, "metrics": 404, "cameras/front": 404, "cameras/back": 200, "cameras/front/stream.mjpg": 404, "?action=stream_1": 404, "mjpeg/?camera=front": 404, "healthz": 200},
		none: {"state": 200, "cameras/front/snapshot.jpg": 404, "snapshot.jpg": 404, "mjpeg/": 404, "?action=stream": 404},
	} {
		for path, status := range want {
			if response := r.do("GET", "/v/"+link+"/"+path, "Host", name); response.StatusCode != status {
				t.Errorf("%s: %s: %d, want %d", link, path, response.StatusCode, status)
			}
		}
	}
	answer := func(method, path string) string {
		response := r.do(method, "/v/"+some+"/"+path, "Host", name)
		body, _ := io.ReadAll(response.Body)
		response.Header.Del("Date")
		return fmt.Sprintf("%s %v %q", response.Status, response.Header, body)
	}
	for _, path := range []string{"", "/snapshot.jpg", "/stream.mjpg", "/frames"} {
		for _, method := range []string{"GET", "HEAD", "POST"} {
			hidden, unknown := answer(method, "cameras/front"+path), answer(method, "cameras/nothing"+path)
			if strings.ReplaceAll(hidden, "front", "nothing") != unknown {
				t.Errorf("%s of what is hidden: %s\nof what there is not: %s", method, hidden, unknown)
			}
		}
	}
	for _, path := range []string{"snapshot.jpg", "?action=snapshot", "?action=snapshot_0", "snapshot.jpg?camera=back"} {
		if got := answer("GET", path); !strings.Contains(got, "behind") {
			t.Errorf("%s is not the first one that may be seen: %s", path, got)
		}
	}
	for _, path := range []string{"", "cameras/front", "cameras/back", "nothing"} {
		if page := answer("GET", path); strings.Contains(page, "Front") {
			t.Errorf("%s tells of the other camera: %s", path, page)
		}
	}

	var joined []viewer.From
	r.front.viewers.Store(5)
	r.back.joined = func(from viewer.From) { joined = append(joined, from) }
	var state struct {
		Viewers int
		Cameras []struct{ ID string }
	}
	stream := r.do("GET", "/v/"+some+"/mjpeg/", "Host", name)
	nextPart(t, r.parts(stream))
	if err := json.NewDecoder(r.do("GET", "/v/"+some+"/state", "Host", name).Body).Decode(&state); err != nil || state.Viewers != 0 || len(state.Cameras) != 1 || state.Cameras[0].ID != "back" {
		t.Errorf("the state is %+v, %v", state, err)
	}
	if len(joined) != 1 || joined[0].Link.Name != "Some" || joined[0].Link.Token != some {
		t.Errorf("the camera was joined by %+v", joined)
	}
}

func TestLinkThatExpires(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := &rig{t: t}
		handler := viewer.New(viewer.Options{Cameras: r, Log: slog.New(slog.DiscardHandler)})
		const soon, later = "link-that-ends-soon", "link-that-ends-later"
		access := viewer.Access{Token: token, Links: []viewer.Link{
			{Token: soon, Expires: time.Now().Add(time.Minute)}, {Token: later, Expires: time.Now().Add(time.Hour)},
		}}
		handler.Share(access)
		status := func(token string) int { return ask(handler.Network(), "192.0.2.7:1000", "/v/"+token+"/favicon.ico") }
		time.Sleep(time.Minute - time.Nanosecond) // of the bubble's time
		if got := status(soon); got != http.StatusFound {
			t.Errorf("just before: %d", got)
		}
		time.Sleep(time.Nanosecond)
		if got := status(soon); got != 404 {
			t.Errorf("at its end: %d", got)
		}
		if got := status(later); got != http.StatusFound {
			t.Errorf("the other link: %d", got)
		}
		for base, want := range map[string]bool{"/v/" + soon + "/": false, "/v/" + later + "/": true, "/v/" + token + "/": true, "/": false} {
			if access.Keeps(access, base, time.Now()) != want {
				t.Errorf("%s is kept: %v", base, !want)
			}
		}
	})
}
