//go:build linux

package e2e

import (
	"context"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
	"golang.org/x/sys/unix"
)

// host is a computer of its own as far as the network goes: a network namespace.
type host struct {
	t    *testing.T
	name string
	http http.Client
}

var hosts atomic.Int64 // that were ever made, in pairs

// twoHosts are joined by a cable: 10.77.0.1 and fd77::1 at one end, 10.77.0.2 and fd77::2 at the other.
func twoHosts(t *testing.T) (one, two *host) {
	t.Helper()
	if os.Geteuid() != 0 {
		t.Skip("network namespaces need root")
	}
	if _, err := exec.LookPath("ip"); err != nil {
		t.Skip("network namespaces need ip:", err)
	}
	number := hosts.Add(1)
	boot := func(which string) *host {
		h := &host{t: t, name: fmt.Sprintf("traycam-%d-%d-%s", os.Getpid(), number, which)}
		if out, err := exec.Command("ip", "netns", "add", h.name).CombinedOutput(); err != nil {
			t.Skipf("network namespaces cannot be made here: %v: %s", err, out)
		}
		t.Cleanup(func() { exec.Command("ip", "netns", "del", h.name).Run() })
		h.http = http.Client{
			Timeout:   20 * time.Second,
			Transport: &http.Transport{DisableKeepAlives: true, DialContext: h.dial},
			CheckRedirect: func(*http.Request, []*http.Request) error {
				return http.ErrUseLastResponse
			},
		}
		return h
	}
	one, two = boot("one"), boot("two")
	output(t, "ip", "link", "add", "eth0", "netns", one.name, "type", "veth", "peer", "name", "eth0", "netns", two.name)
	for i, h := range []*host{one, two} {
		h.ip("link", "set", "lo", "up")
		h.ip("link", "set", "eth0", "up")
		h.ip("address", "add", fmt.Sprintf("10.77.0.%d/24", i+1), "dev", "eth0")
		h.ip("address", "add", fmt.Sprintf("fd77::%d/64", i+1), "dev", "eth0", "nodad")
	}
	return one, two
}

func (h *host) ip(args ...string) {
	h.t.Helper()
	output(h.t, "ip", append([]string{"-n", h.name}, args...)...)
}

// dial connects from h.
func (h *host) dial(ctx context.Context, network, address string) (conn net.Conn, err error) {
	err = h.inside(func() (err error) {
		// One address, else net.Dial might take another thread.
		address = strings.Replace(address, "localhost:", "127.0.0.1:", 1)
		conn, err = new(net.Dialer).DialContext(ctx, network, address)
		return err
	})
	return conn, err
}

// inside makes sockets on h. They stay in the namespace of the thread that made them.
func (h *host) inside(makeSockets func() error) error {
	done := make(chan error)
	go func() {
		runtime.LockOSThread() // and never unlocked: the thread ends with the goroutine
		done <- func() error {
			f, err := os.Open("/run/netns/" + h.name)
			if err != nil {
				return err
			}
			defer f.Close()
			if err := unix.Setns(int(f.Fd()), unix.CLONE_NEWNET); err != nil {
				return err
			}
			return makeSockets()
		}()
	}()
	return <-done
}

// get asks from h. headers: Host, or nothing.
func (h *host) get(address, hostHeader string) (*http.Response, error) {
	request, err := http.NewRequestWithContext(h.t.Context(), "GET", address, nil)
	if err != nil {
		return nil, err
	}
	request.Host = hostHeader
	return h.http.Do(request)
}

// answer is everything that h can see of an answer but its date.
func (h *host) answer(address, hostHeader string) (status int, all string) {
	response, err := h.get(address, hostHeader)
	if err != nil {
		return 0, err.Error()
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	response.Header.Del("Date")
	return response.StatusCode, fmt.Sprintf("%s %v %q %v", response.Status, response.Header, body, err)
}

func (h *host) await(address string, want int) {
	h.t.Helper()
	got, all := 0, ""
	for deadline := time.Now().Add(20 * time.Second); time.Now().Before(deadline); time.Sleep(20 * time.Millisecond) {
		if got, all = h.answer(address, ""); got == want {
			return
		}
	}
	h.t.Fatalf("waited for %d at %s; the answer is %s", want, address, all)
}

// awaitDial connects as soon as somebody listens.
func (h *host) awaitDial(address string) net.Conn {
	h.t.Helper()
	var err error
	for deadline := time.Now().Add(20 * time.Second); time.Now().Before(deadline); time.Sleep(20 * time.Millisecond) {
		var conn net.Conn
		if conn, err = h.dial(h.t.Context(), "tcp", address); err == nil {
			return conn
		}
	}
	h.t.Fatal(err)
	return nil
}

func (h *host) mustBeUnreachable(address string) {
	h.t.Helper()
	if conn, err := h.dial(h.t.Context(), "tcp", address); !errors.Is(err, syscall.ECONNREFUSED) {
		h.t.Errorf("%s can be reached: %v, %v", address, conn, err)
	}
}

// watched is a stream of stamped pictures that somebody reads.
type watched struct {
	last, gaps atomic.Int64
	ended      chan struct{}
}

func (h *host) watch(address string) *watched {
	h.t.Helper()
	client := h.http
	client.Timeout = 0
	response, err := client.Get(address + "cameras/cam/stream.mjpg")
	if err != nil || response.StatusCode != http.StatusOK {
		h.t.Fatal(address, response, err)
	}
	w := &watched{ended: make(chan struct{})}
	go func() {
		defer close(w.ended)
		in := newParts(response.Body)
		var b []byte
		for {
			var err error
			if b, err = in.next(b); err != nil {
				return
			}
			n := int64(binary.BigEndian.Uint64(b[6:]))
			if last := w.last.Swap(n); last != 0 && n != last && n != last+1 {
				w.gaps.Add(1)
			}
		}
	}()
	h.t.Cleanup(func() { response.Body.Close(); <-w.ended })
	w.mustMove(h.t)
	return w
}

func (w *watched) mustMove(t *testing.T) {
	t.Helper()
	from := w.last.Load()
	for deadline := time.Now().Add(10 * time.Second); w.last.Load() < from+3; time.Sleep(5 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatal("the stream stands still")
		}
	}
}

func (w *watched) mustEnd(t *testing.T, why string) {
	t.Helper()
	began := time.Now()
	select {
	case <-w.ended:
		t.Logf("%s: the stream ended after %v", why, time.Since(began).Round(time.Millisecond))
	case <-time.After(time.Second):
		t.Errorf("%s: the stream goes on", why)
	}
}

// Another computer sees what sharing lets it see, and this one goes on undisturbed.
func TestShareOverANetwork(t *testing.T) {
	bin := needProgram(t, "TRAYCAM_HEADLESS_BIN")
	here, there := twoHosts(t)
	share := func(mode, token string) string {
		return fmt.Sprintf("[share]\nmode = %q\ntoken = %q\n\n[[cameras]]\nid = \"cam\"\nname = \"Cam\"\nurl = \"tcp://127.0.0.1:9001?listen\"\n", mode, token)
	}
	const first, second = "firstfirstfirstfirst12", "secondsecondsecond1234"
	p := &program{t: t, config: writeConfig(t, share("off", first)), exited: make(chan struct{})}
	p.cmd = exec.Command("ip", "netns", "exec", here.name, bin, "--port", "0", "--config", p.config)
	p.awaitAddress()
	change := func(mode, token string) {
		t.Helper()
		if err := os.WriteFile(p.config, []byte(share(mode, token)), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	here.await(p.url+"healthz", 200)
	stampedOver(t, here.awaitDial("127.0.0.1:9001"), 10)
	here.await(p.url+"snapshot.jpg", 200)
	local := here.watch(p.url)

	u, err := url.Parse(p.url)
	if err != nil {
		t.Fatal(err)
	}
	v4, v6 := net.JoinHostPort("10.77.0.1", u.Port()), net.JoinHostPort("fd77::1", u.Port())
	root := "http://" + v4 + "/"
	there.mustBeUnreachable(v4)
	there.mustBeUnreachable(v6)

	change("link", first)
	link := root + "v/" + first + "/"
	there.await(link, 200)
	there.await("http://"+v6+"/v/"+first+"/", 200)
	if out := output(t, "ip", "netns", "exec", there.name, "curl", "-sf", "-o", "/dev/null", "-w", "%{content_type}", link+"snapshot.jpg"); out != "image/jpeg" {
		t.Errorf("curl gets %q", out)
	}
	_, unknown := there.answer(root+"nothing", "")
	for _, path := range []string{"", "state", "metrics", "mjpeg/", "v/", "v/wrong", "v/wrong/", "v/" + first + "x/state", "v/" + first + "/metrics"} {
		if status, got := there.answer(root+path, ""); status != 404 || got != unknown {
			t.Errorf("/%s: %s, unlike an unknown path: %s", path, got, unknown)
		}
	}
	for name, want := range map[string]int{v4: 200, "10.77.0.1": 200, v6: 200, "evil.example": 403, "localhost": 403, "127.0.0.1": 403, "10.77.0.2": 403} {
		if got, all := there.answer(link+"state", name); got != want {
			t.Errorf("Host %s: %s", name, all)
		}
	}

	remote := there.watch(link)
	change("link", second)
	remote.mustEnd(t, "new link")
	link = root + "v/" + second + "/"
	there.await(link, 200)
	there.await(root+"v/"+first+"/", 404)

	remote = there.watch(link)
	change("off", second)
	remote.mustEnd(t, "off")
	there.await(root, 0)
	there.mustBeUnreachable(v4)

	change("open", second)
	there.await(root, 200)
	there.await(link, 200)
	there.await(root+"metrics", 404)
	here.await(p.url+"metrics", 200)
	remote = there.watch(root)
	// An address that comes and goes is followed, and the others stay.
	here.ip("address", "add", "10.77.0.9/24", "dev", "eth0")
	there.await("http://"+net.JoinHostPort("10.77.0.9", u.Port())+"/", 200)
	remote.mustMove(t)

	change("link", second)
	remote.mustEnd(t, "link after open")
	there.await(root, 404)
	for n := range 10 {
		there.answer(fmt.Sprint(root, "v/guess", n, "/"), "")
	}
	if got, all := there.answer(link, ""); got != 404 {
		t.Errorf("the right link after 10 guesses: %s", all)
	}
	here.await(link, 200) // from another address

	local.mustMove(t)
	if gaps := local.gaps.Load(); gaps != 0 {
		t.Errorf("the stream on this computer has %d gaps", gaps)
	}
	response, err := here.get(p.url+"state", "")
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	var s state
	if err := json.NewDecoder(response.Body).Decode(&s); err != nil || s.Viewers != 1 {
		t.Errorf("%d viewers, %v", s.Viewers, err)
	}
}

// The page works under a link: every file, picture and step stays there.
func TestChromiumUnderALink(t *testing.T) {
	const link = "v/linklinklinklinklink12/"
	p := startHeadless(t, "[share]\nmode = \"link\"\ntoken = \"linklinklinklinklink12\"\n"+twoCameras)
	p.awaitCamera("garden", "live")
	u, err := url.Parse(p.url)
	if err != nil {
		t.Fatal(err)
	}
	page := "http://" + net.JoinHostPort(ownAddress(t), u.Port()) + "/" + link
	response, err := http.Get(page)
	if err != nil || response.StatusCode != http.StatusOK {
		t.Fatal(page, response, err)
	}
	response.Body.Close()
	http.DefaultClient.CloseIdleConnections()

	b := browser(t, 1280, 800)
	b.do(chromedp.Navigate(page))
	b.awaitMoving("garden")
	b.awaitMoving("workshop")
	b.do(chromedp.Navigate(page + "cameras/workshop"))
	b.await(`document.body.dataset.large === 'workshop'`)
	b.awaitMoving("workshop")
	b.await(`document.querySelector('#home').click() || true`)
	b.await(`location.href === '` + page + `'`)
	b.await(`performance.getEntriesByType('resource').every(({ name }) => name.startsWith('` + page + `'))`)
}

// ownAddress is an IPv4 address of this computer that is not loopback.
func ownAddress(t *testing.T) string {
	t.Helper()
	all, err := net.InterfaceAddrs()
	if err != nil {
		t.Fatal(err)
	}
	for _, a := range all {
		if n, ok := a.(*net.IPNet); ok && n.IP.To4() != nil && n.IP.IsGlobalUnicast() {
			return n.IP.String()
		}
	}
	t.Skip("this computer is in no network")
	return ""
}
