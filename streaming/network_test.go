package streaming_test

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"testing"
	"time"

	"github.com/coder/websocket"

	"traycam/streaming"
)

// network is r's server as the network reaches it.
func (r *rig) network() (address string, end func()) {
	r.t.Helper()
	ln, err := net.ListenTCP("tcp", &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1)})
	if err != nil {
		r.t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	served := make(chan error)
	go func() { served <- r.ServeNetwork(ctx, ln) }()
	end = func() {
		cancel()
		if err := <-served; err != nil {
			r.t.Error(err)
		}
		served = nil
	}
	r.t.Cleanup(func() {
		if served != nil {
			end()
		}
	})
	return ln.Addr().String(), end
}

// watch watches camera one over the network, by a connection of its own.
func (r *rig) watch(address, base string) (status int, stream io.Reader) {
	r.t.Helper()
	name, err := os.Hostname()
	if err != nil {
		r.t.Skip("this computer has no name:", err)
	}
	conn, err := net.Dial("tcp", address)
	if err != nil {
		r.t.Fatal(err)
	}
	r.t.Cleanup(func() { conn.Close() })
	fmt.Fprintf(conn, "GET %scameras/one/stream.mjpg HTTP/1.1\r\nHost: %s\r\n\r\n", base, name)
	in := bufio.NewReader(conn)
	response, err := http.ReadResponse(in, nil)
	if err != nil {
		r.t.Fatal(err)
	}
	return response.StatusCode, response.Body
}

// mustEnd waits for a stream's end, which must come within a second.
func mustEnd(t *testing.T, stream io.Reader) {
	t.Helper()
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		io.Copy(io.Discard, stream)
	}()
	select {
	case <-ended:
	case <-time.After(time.Second):
		t.Fatal("the stream goes on")
	}
}

func TestNetworkIsCutOff(t *testing.T) {
	r := newRig(t)
	r.Configure([]streaming.Camera{{ID: "one", Name: "One", URL: "test:?size=160x120", Enabled: true}}, 0)
	r.Start()
	local := r.get("/cameras/one/stream.mjpg").Body
	address, end := r.network()
	if status, _ := r.watch(address, "/"); status != 404 {
		t.Errorf("before anybody was let in: %d", status)
	}
	r.Share(streaming.Access{Token: "first"})
	_, stream := r.watch(address, "/v/first/")
	part(t, stream)
	r.Share(streaming.Access{Token: "first"}) // nothing new
	part(t, stream)
	part(t, stream)
	for _, access := range []streaming.Access{{Token: "second"}, {Token: "second", Open: true}, {}, {Token: "first"}} {
		r.Share(access)
		mustEnd(t, stream)
		if status, _ := r.watch(address, "/v/first/"); status != 404 && access.Token != "first" {
			t.Errorf("%+v: the first link: %d", access, status)
		}
		if access.Token != "" {
			_, stream = r.watch(address, "/v/"+access.Token+"/")
			part(t, stream)
		}
	}
	// The end of one listener ends its streams and no others.
	other, _ := r.network()
	_, elsewhere := r.watch(other, "/v/first/")
	end()
	mustEnd(t, stream)
	part(t, elsewhere)
	part(t, elsewhere)
	part(t, local)
	r.await("the streams that are left", func([]streaming.CameraStatus) bool { return len(r.Watching()) == 2 })
	if got := r.Watching(); got[0].Camera != "one" || !got[0].Local || got[1].Since.Before(got[0].Since) {
		t.Errorf("watching: %+v", got)
	}
}

// What one link loses, its visitors lose within a second, and nobody else does.
func TestLinksAreCutOffAlone(t *testing.T) {
	r := newRig(t)
	r.Configure([]streaming.Camera{{ID: "one", Name: "One", URL: "test:?size=160x120", Enabled: true}}, 0)
	r.Start()
	address, _ := r.network()
	grandma := streaming.Link{Token: "grandmas", Name: "Grandma", Cameras: []string{"one"}}
	neighbour := streaming.Link{Token: "neighbours", Name: "Neighbour"}
	share := func(token string, links ...streaming.Link) {
		r.Share(streaming.Access{Token: token, Links: links})
	}
	watch := func(token string) io.Reader {
		t.Helper()
		status, stream := r.watch(address, "/v/"+token+"/")
		if status != 200 {
			t.Fatalf("%s: %d", token, status)
		}
		part(t, stream)
		return stream
	}
	mustMove := func(streams ...io.Reader) {
		t.Helper()
		for _, s := range streams {
			part(t, s)
			part(t, s)
		}
	}
	share("main", grandma, neighbour)
	forAll, hers, theirs := watch("main"), watch("grandmas"), watch("neighbours")
	r.await("their number", func([]streaming.CameraStatus) bool {
		n := r.LinkViewers()
		return n["grandmas"] == 1 && n["neighbours"] == 1 && len(n) == 2
	})
	if w := r.Watching(); len(w) != 3 || w[0].Link != "" || w[1].Link != "Grandma" || w[2].Link != "Neighbour" {
		t.Errorf("watching: %+v", w)
	}

	share("main", neighbour)
	mustEnd(t, hers)
	if status, _ := r.watch(address, "/v/grandmas/"); status != 404 {
		t.Errorf("the link that was removed: %d", status)
	}
	share("main", neighbour, grandma) // another order is no change for them
	mustMove(forAll, theirs)
	hers = watch("grandmas")
	share("other", neighbour, grandma)
	mustEnd(t, forAll)
	mustMove(hers, theirs)

	// Less to see is another thing to see.
	grandma.Cameras = []string{"two"}
	share("other", neighbour, grandma)
	mustEnd(t, hers)
	mustMove(theirs)
	grandma.Cameras = nil
	share("other", neighbour, grandma)

	hers = watch("grandmas")
	const left = 1500 * time.Millisecond
	grandma.Expires = time.Now().Add(left)
	share("other", neighbour, grandma)
	mustEnd(t, hers) // it has another end now, so it has to be asked for again
	hers = watch("grandmas")
	began := grandma.Expires.Add(-left)
	io.Copy(io.Discard, hers)
	if lasted := time.Since(began); lasted < left || lasted > left+time.Second {
		t.Errorf("a link for %v lasted %v", left, lasted)
	}
	if status, _ := r.watch(address, "/v/grandmas/"); status != 404 {
		t.Errorf("the link that has expired: %d", status)
	}
	mustMove(theirs)
	r.Share(streaming.Access{})
	mustEnd(t, theirs)
}

// A page that came by a link is cut off with it, though it watches nothing.
func TestNetworkPagesAreCutOff(t *testing.T) {
	name, err := os.Hostname()
	if err != nil {
		t.Skip("this computer has no name:", err)
	}
	r := newRig(t)
	r.Configure([]streaming.Camera{{ID: "one", Name: "One", URL: "test:?size=160x120", Enabled: true}}, 0)
	r.Start()
	address, _ := r.network()
	r.Share(streaming.Access{Token: "first"})
	var pages []*websocket.Conn
	for range 2 {
		conn, _, err := websocket.Dial(t.Context(), "ws://"+address+"/v/first/ws", &websocket.DialOptions{Host: name})
		if err != nil {
			t.Fatal(err)
		}
		defer conn.CloseNow()
		pages = append(pages, conn)
	}
	if err := pages[0].Write(t.Context(), websocket.MessageText, []byte(`{"watch":[{"camera":"one","number":1}]}`)); err != nil {
		t.Fatal(err)
	}
	r.await("a viewer", func([]streaming.CameraStatus) bool { return len(r.Watching()) == 1 })
	r.Share(streaming.Access{Token: "second"})
	ctx, cancel := context.WithTimeout(t.Context(), time.Second)
	defer cancel()
	for _, page := range pages {
		for err = nil; err == nil; {
			_, _, err = page.Read(ctx)
		}
		if ctx.Err() != nil {
			t.Fatal("a page goes on")
		}
	}
	r.await("nobody to watch", func([]streaming.CameraStatus) bool { return len(r.Watching()) == 0 })
}
