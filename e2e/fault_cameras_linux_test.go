package e2e

import (
	"bytes"
	"encoding/json"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"traycam/faults"
)

// TestFaultVanished cuts the cable to cameras that send.
func TestFaultVanished(t *testing.T) {
	besideOthers(t)
	bin := needProgram(t, "TRAYCAM_HEADLESS_BIN")
	here, there := twoHosts(t)
	dialled := there.listen("10.77.0.2:9002")
	p := &program{t: t, exited: make(chan struct{}), config: writeConfig(t, `
[[cameras]]
id = "cam"
name = "Beside"
url = "tcp://127.0.0.1:9001?listen"

[[cameras]]
id = "dialled"
name = "Dialled"
url = "tcp://10.77.0.2:9002"

[[cameras]]
id = "connects"
name = "Connects"
url = "tcp://:9003?listen"
`)}
	p.cmd = exec.Command("ip", "netns", "exec", here.name, bin, "--port", "0", "--config", p.config)
	p.awaitAddress()
	here.await(p.url+"healthz", 200)
	stampedOver(t, here.awaitDial("127.0.0.1:9001"), 30)
	serveWell(t, dialled)
	t.Cleanup(sendWell(&fault{t: t}, func() (io.WriteCloser, error) { return there.dial(t.Context(), "tcp", "10.77.0.1:9003") }))
	here.awaitStates(p, map[string]string{"dialled": "live", "connects": "live"})
	beside := here.watch(p.url)

	there.ip("link", "set", "eth0", "down")
	cut := time.Now()
	reasons := here.awaitStates(p, map[string]string{"dialled": "stalled retrying", "connects": "stalled waiting"})
	told := time.Since(cut)
	if told > 20*time.Second {
		t.Errorf("it took %v to tell that the cameras are gone", told)
	}
	for id, reason := range reasons {
		if id != "cam" && reason == "" {
			t.Errorf("%s: no reason", id)
		}
	}
	there.ip("link", "set", "eth0", "up")
	up := time.Now()
	here.awaitStates(p, map[string]string{"dialled": "live", "connects": "live"})
	back := time.Since(up)
	beside.mustMove(t)
	gaps := beside.gaps.Load()
	faults.Held(t, "The camera's computer vanishes", "told after %v, live again %v after the link; the stream beside skipped pictures %d times", round(told), round(back), gaps)
}

// TestFaultNameServer has cameras with a name that nobody tells.
func TestFaultNameServer(t *testing.T) {
	besideOthers(t)
	bin := needProgram(t, "TRAYCAM_HEADLESS_BIN")
	here, there := twoHosts(t)
	names := serveNames(t, here, there)
	serveWell(t, there.listen("10.77.0.2:80"))
	p := &program{t: t, exited: make(chan struct{}), config: writeConfig(t, `
[[cameras]]
id = "cam"
name = "Beside"
url = "tcp://127.0.0.1:9001?listen"

[[cameras]]
id = "named"
name = "Named"
url = "http://camera.example/"
`)}
	p.cmd = exec.Command("ip", "netns", "exec", here.name, bin, "--port", "0", "--config", p.config)
	began := time.Now()
	p.awaitAddress()
	here.await(p.url+"healthz", 200)
	stampedOver(t, here.awaitDial("127.0.0.1:9001"), 30)
	here.await(p.url+"snapshot.jpg", 200)
	beside := here.watch(p.url)
	reasons := here.awaitStates(p, map[string]string{"named": "retrying"})
	told := time.Since(began)
	if !strings.Contains(reasons["named"], "could not be looked up") || told > 20*time.Second {
		t.Errorf("after %v people read %q", told, reasons["named"])
	}
	if names.asked.Load() == 0 {
		t.Error("the name server was not asked")
	}
	names.well.Store(true)
	well := time.Now()
	here.awaitStates(p, map[string]string{"named": "live"})
	beside.mustMove(t)
	faults.Held(t, "A name server that hangs", "told after %v, live %v after its first answer; the stream beside skipped pictures %d times",
		round(told), round(time.Since(well)), beside.gaps.Load())
}

// listen listens on h until the test ends.
func (h *host) listen(address string) (ln net.Listener) {
	h.t.Helper()
	if err := h.inside(func() (err error) { ln, err = net.Listen("tcp", address); return err }); err != nil {
		h.t.Fatal(err)
	}
	return ln
}

// serveWell is a camera that behaves, until the test ends.
func serveWell(t *testing.T, ln net.Listener) {
	f := &fault{t: t, ln: ln, ended: make(chan struct{})}
	f.end()
	accept(f, nil, func(conn net.Conn) { beWell(conn) })
}

// awaitStates waits until each of the cameras is in one of its states, and returns all reasons.
func (h *host) awaitStates(p *program, want map[string]string) map[string]string {
	h.t.Helper()
	var s state
	for deadline := time.Now().Add(time.Minute); time.Now().Before(deadline); time.Sleep(20 * time.Millisecond) {
		response, err := h.get(p.url+"state", "")
		if err != nil {
			h.t.Fatal(err)
		}
		s = state{}
		err = json.NewDecoder(response.Body).Decode(&s)
		response.Body.Close()
		reasons, missing := map[string]string{}, false
		for _, c := range s.Cameras {
			reasons[c.ID] = c.Reason
			states, wanted := want[c.ID]
			missing = missing || wanted && !slices.Contains(strings.Fields(states), c.State)
		}
		if err == nil && !missing {
			return reasons
		}
	}
	h.t.Fatalf("waited for %v; it is %+v\n%s", want, s, p.log())
	return nil
}

// names is a name server that says nothing until it is well.
type names struct {
	asked atomic.Int64
	well  atomic.Bool
}

// serveNames makes there the name server of here.
func serveNames(t *testing.T, here, there *host) *names {
	t.Helper()
	folder := filepath.Join("/etc/netns", here.name) // ip netns exec puts it over /etc
	if err := os.MkdirAll(folder, 0o755); err != nil {
		t.Skip("namespaces have no name servers of their own here:", err)
	}
	t.Cleanup(func() { os.RemoveAll(folder) })
	if err := os.WriteFile(filepath.Join(folder, "resolv.conf"), []byte("nameserver 10.77.0.2\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	var conn net.PacketConn
	if err := there.inside(func() (err error) { conn, err = net.ListenPacket("udp", "10.77.0.2:53"); return err }); err != nil {
		t.Fatal(err)
	}
	n := new(names)
	done := make(chan struct{})
	go func() {
		defer close(done)
		for question := make([]byte, 512); ; {
			length, from, err := conn.ReadFrom(question)
			if err != nil {
				return
			}
			n.asked.Add(1)
			if n.well.Load() {
				conn.WriteTo(named(question[:length]), from)
			}
		}
	}()
	t.Cleanup(func() { conn.Close(); <-done })
	return n
}

// named answers a question for any IPv4 address with 10.77.0.2, and others with nothing (RFC 1035, 4.1).
func named(question []byte) []byte {
	const header = 12
	end := header + bytes.IndexByte(question[header:], 0) + 5
	isIPv4 := question[end-3] == 1
	answer := append([]byte{question[0], question[1], 0x81, 0x80, 0, 1, 0, 0, 0, 0, 0, 0}, question[header:end]...)
	if isIPv4 {
		answer[7] = 1
		answer = append(answer, 0xC0, header, 0, 1, 0, 1, 0, 0, 0, 60, 0, 4, 10, 77, 0, 2)
	}
	return answer
}
