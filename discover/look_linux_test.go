package discover

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"golang.org/x/net/ipv4"
)

// inNetwork runs a test as root of a computer of its own, whose only network is
// 10.78.0.1 on a cable: this test again, in namespaces that end with it.
func inNetwork(t *testing.T) (inside bool) {
	t.Helper()
	if os.Getenv("TRAYCAM_TEST_INSIDE") == "1" {
		for _, args := range []string{
			"link set lo up", "link add eth0 type veth peer name eth1", "address add 10.78.0.1/24 dev eth0", "link set eth0 up", "link set eth1 up",
		} {
			if out, err := exec.Command("ip", strings.Fields(args)...).CombinedOutput(); err != nil {
				t.Fatalf("ip %s: %v: %s", args, err, out)
			}
		}
		return true
	}
	if os.Geteuid() != 0 {
		t.Skip("network namespaces need root")
	}
	if _, err := exec.LookPath("ip"); err != nil {
		t.Skip("network namespaces need ip:", err)
	}
	again := exec.Command(os.Args[0], "-test.run=^"+t.Name()+"$", "-test.v", "-test.timeout=60s")
	again.Env = append(os.Environ(), "TRAYCAM_TEST_INSIDE=1")
	again.SysProcAttr = &syscall.SysProcAttr{Cloneflags: syscall.CLONE_NEWNET | syscall.CLONE_NEWNS, Pdeathsig: syscall.SIGKILL}
	out, err := again.CombinedOutput()
	if again.ProcessState == nil {
		t.Skip("network namespaces cannot be made here:", err)
	}
	t.Logf("%s", out)
	if err != nil {
		t.Fatal(err)
	}
	return false
}

// avahi is the real responder, which offers services that are written as its own
// service files.
func avahi(t *testing.T, services string) {
	t.Helper()
	daemon, err := exec.LookPath("avahi-daemon")
	if err != nil {
		t.Fatal("avahi-daemon is missing; scripts/deps.sh test installs it")
	}
	for _, dir := range []string{"/etc/avahi/services", "/run"} { // this test's alone
		if err := syscall.Mount("none", "/", "", syscall.MS_REC|syscall.MS_PRIVATE, ""); err != nil {
			t.Fatal(err)
		}
		if err := syscall.Mount("tmpfs", dir, "tmpfs", 0, ""); err != nil {
			t.Fatal(err)
		}
	}
	config := filepath.Join(t.TempDir(), "avahi.conf")
	for file, text := range map[string]string{
		config:                               "[server]\nhost-name=doorhost\nuse-ipv4=yes\nuse-ipv6=no\nenable-dbus=no\nallow-interfaces=eth0\n[wide-area]\nenable-wide-area=no\n",
		"/etc/avahi/services/camera.service": services,
	} {
		if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	cmd := exec.Command(daemon, "--no-drop-root", "--no-chroot", "--no-rlimits", "-f", config)
	cmd.Stdout, cmd.Stderr = t.Output(), t.Output()
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		cmd.Process.Kill()
		cmd.Wait()
	})
}

// onvifAnswers answers probes from 10.78.0.1, and returns what it was asked.
func onvifAnswers(t *testing.T, scopes, xaddrs string) (asked func() []string) {
	t.Helper()
	i, err := net.InterfaceByName("eth0")
	if err != nil {
		t.Fatal(err)
	}
	conn, err := net.ListenMulticastUDP("udp4", i, everyDevice)
	if err != nil {
		t.Fatal(err)
	}
	if err := ipv4.NewPacketConn(conn).SetMulticastLoopback(true); err != nil {
		t.Fatal(err)
	}
	var all []string
	done := make(chan struct{})
	go func() {
		defer close(done)
		buffer := make([]byte, maxPacket)
		for {
			n, from, err := conn.ReadFromUDP(buffer)
			if err != nil {
				return
			}
			all = append(all, string(buffer[:n]))
			if !strings.Contains(string(buffer[:n]), "tds:Device</") { // this one answers to the one type alone
				continue
			}
			conn.WriteToUDP([]byte(matches("", "s", `<ProbeMatches><ProbeMatch><Scopes>`+scopes+`</Scopes><XAddrs>`+xaddrs+`</XAddrs>`, `</ProbeMatch></ProbeMatches>`)), from)
		}
	}()
	end := func() []string {
		conn.Close()
		<-done
		return all
	}
	t.Cleanup(func() { end() })
	return end
}

// What a network with avahi's services and an ONVIF camera in it answers.
func TestLook(t *testing.T) {
	if !inNetwork(t) {
		return
	}
	avahi(t, `<?xml version="1.0" standalone='no'?><!DOCTYPE service-group SYSTEM "avahi-service.dtd"><service-group>
		<name>Yard 1.2</name>
		<service><type>_http._tcp</type><port>8081</port><txt-record>path=/stream?a=b</txt-record></service>
		<service><type>_rtsp._tcp</type><port>8554</port></service>
		<service><type>_ssh._tcp</type><port>22</port></service></service-group>`)
	asked := onvifAnswers(t, "onvif://www.onvif.org/name/Door%20Cam", "http://192.168.99.99:8899/onvif/device_service")
	page := Found{"Yard 1.2", "10.78.0.1", false, "http://10.78.0.1:8081/stream?a=b"}
	want := []Found{{"Door Cam", "10.78.0.1", true, "http://10.78.0.1:8899/onvif/device_service"}, page}
	ctx, cancel := context.WithTimeout(t.Context(), 40*time.Second)
	defer cancel()
	var last []Found
	for !slices.Equal(last, want) && ctx.Err() == nil { // avahi first looks for others of its name
		for found := range Look(ctx) {
			if last = found; slices.Equal(last, want) {
				break
			}
		}
	}
	if !slices.Equal(last, want) {
		t.Errorf("found %+v\nwant  %+v", last, want)
	}
	probes := asked()
	for _, types := range []string{"dn:NetworkVideoTransmitter", "tds:Device"} {
		if !slices.ContainsFunc(probes, func(p string) bool { return strings.Contains(p, "<d:Types>"+types+"</d:Types>") }) {
			t.Errorf("nobody asked for %s", types)
		}
	}
}

// A search ends with its loop, and with its context. Each probe has an id of its own.
func TestLookEnds(t *testing.T) {
	if !inNetwork(t) {
		return
	}
	asked := onvifAnswers(t, "", "http://10.78.0.1/")
	for range Look(t.Context()) {
		break
	}
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	for range Look(ctx) {
		cancel()
	}
	probes := asked()
	seen := map[string]bool{}
	for _, p := range probes {
		_, id, _ := strings.Cut(p, "urn:uuid:")
		id, _, _ = strings.Cut(id, "<")
		if seen[id] {
			t.Errorf("two probes have the id %s", id)
		}
		seen[id] = true
	}
	if len(probes) == 0 {
		t.Error("nobody asked")
	}
}

// Nothing but multicast leaves: no address and no port is gone through.
func TestLookScansNothing(t *testing.T) {
	if !inNetwork(t) {
		return
	}
	served := make(chan string, 100)
	for _, port := range []int{80, 554, 8080, 8899} {
		l, err := net.Listen("tcp4", fmt.Sprintf("10.78.0.1:%d", port))
		if err != nil {
			t.Fatal(err)
		}
		s := &http.Server{ConnState: func(c net.Conn, _ http.ConnState) { served <- c.LocalAddr().String() }}
		done := make(chan struct{})
		go func() { defer close(done); s.Serve(l) }()
		defer func() { s.Close(); <-done }()
	}
	onvifAnswers(t, "", "http://10.78.0.1:8899/onvif/device_service")
	for range Look(t.Context()) {
	}
	select {
	case where := <-served:
		t.Errorf("somebody connected to %s", where)
	default:
	}
}

// A responder that tells no more than it is asked is asked further.
func TestLookAsksFurther(t *testing.T) {
	if !inNetwork(t) {
		return
	}
	i, err := net.InterfaceByName("eth0")
	if err != nil {
		t.Fatal(err)
	}
	conn, err := net.ListenMulticastUDP("udp4", i, everyResponder)
	if err != nil {
		t.Fatal(err)
	}
	if err := ipv4.NewPacketConn(conn).SetMulticastLoopback(true); err != nil {
		t.Fatal(err)
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		service, door, host := label("_rtsp", "_tcp", "local"), label("Door", "_rtsp", "_tcp", "local"), label("door", "local")
		tells := map[string][]byte{
			string(service) + "\x00\x0c": resource(service, typePTR, door),
			string(door) + "\x00\x21":    resource(door, typeSRV, append([]byte{0, 0, 0, 0, 0x21, 0x6a}, host...)),
			string(door) + "\x00\x10":    resource(door, typeTXT, []byte("\x0apath=/live")),
			string(host) + "\x00\x01":    resource(host, typeA, []byte{10, 78, 0, 55}),
		}
		buffer := make([]byte, maxPacket)
		for {
			n, from, err := conn.ReadFromUDP(buffer)
			if err != nil {
				return
			}
			if told := tells[string(buffer[headerSize:max(headerSize, n-2)])]; told != nil {
				conn.WriteToUDP(answer(told), from)
			}
		}
	}()
	defer func() { conn.Close(); <-done }()
	want := Found{"Door", "10.78.0.55", false, "rtsp://10.78.0.55:8554/live"}
	var last []Found
	for last = range Look(t.Context()) {
		if slices.Contains(last, want) {
			return
		}
	}
	t.Errorf("found %+v, want %+v", last, want)
}
