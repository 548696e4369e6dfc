//go:build linux

package e2e

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
	"golang.org/x/net/dns/dnsmessage"

	"traycam/app"
)

// startShared starts the program on here, with a stamped camera "cam" and
// another one "garden". share are sections of its config.
func startShared(t *testing.T, here *host, share string) (p *program, change func(share string), port string) {
	t.Helper()
	bin := needProgram(t, "TRAYCAM_HEADLESS_BIN")
	const cameras = "\n[[cameras]]\nid = \"garden\"\nname = \"Garden\"\nurl = \"test:?size=320x240\"\n" +
		"\n[[cameras]]\nid = \"cam\"\nname = \"Cam\"\nurl = \"tcp://127.0.0.1:9001?listen\"\n"
	p = &program{t: t, config: writeConfig(t, share+cameras), exited: make(chan struct{})}
	p.cmd = exec.Command("ip", "netns", "exec", here.name, bin, "--port", "0", "--config", p.config)
	p.awaitAddress()
	here.await(p.url+"healthz", 200)
	stampedOver(t, here.awaitDial("127.0.0.1:9001"), 10)
	here.await(p.url+"cameras/cam/snapshot.jpg", 200)
	u, err := url.Parse(p.url)
	if err != nil {
		t.Fatal(err)
	}
	return p, func(share string) {
		t.Helper()
		if err := os.WriteFile(p.config, []byte(share+cameras), 0o600); err != nil {
			t.Fatal(err)
		}
	}, u.Port()
}

// A link of its own shows what it is for, for as long as it is meant to, and its
// end is nobody else's.
func TestNamedLinksOverANetwork(t *testing.T) {
	here, there := twoHosts(t)
	const (
		main  = "[share]\nmode = \"link\"\ntoken = \"mainmainmainmain12\"\n"
		hers  = "\n[[share.links]]\ntoken = \"grandmagrandma1234\"\nname = \"Grandma\"\ncameras = [\"cam\"]\n"
		their = "\n[[share.links]]\ntoken = \"neighbourneighbour\"\nname = \"Neighbour\"\n"
	)
	p, change, port := startShared(t, here, main+hers+their)
	v4 := net.JoinHostPort("10.77.0.1", port)
	root := "http://" + v4 + "/"
	all, grandma, neighbour := root+"v/mainmainmainmain12/", root+"v/grandmagrandma1234/", root+"v/neighbourneighbour/"
	there.await(grandma, 200)

	for path, want := range map[string]int{
		grandma + "cameras/cam/snapshot.jpg": 200, grandma + "snapshot.jpg": 200, grandma + "cameras/garden/snapshot.jpg": 404,
		grandma + "?action=snapshot_1": 404, grandma + "metrics": 404, neighbour + "cameras/garden/snapshot.jpg": 200, all + "cameras/garden/snapshot.jpg": 200,
	} {
		if got, answer := there.answer(path, ""); got != want {
			t.Errorf("%s: %s", path, answer)
		}
	}
	_, hidden := there.answer(grandma+"cameras/garden/stream.mjpg", "")
	if _, unknown := there.answer(grandma+"cameras/nothing/stream.mjpg", ""); hidden != unknown {
		t.Errorf("a hidden camera answers %s, an unknown one %s", hidden, unknown)
	}
	local, remote, other := here.watch(p.url), there.watch(all), there.watch(neighbour)
	watching := there.watch(grandma)
	response, err := there.get(grandma+"state", "")
	if err != nil {
		t.Fatal(err)
	}
	var s state
	err = json.NewDecoder(response.Body).Decode(&s)
	response.Body.Close()
	if err != nil || len(s.Cameras) != 1 || s.Cameras[0].ID != "cam" || s.Viewers != s.Cameras[0].Viewers {
		t.Errorf("who sees one camera is told %+v, %v", s, err)
	}

	// The links are shown on this computer alone, and to no page of a stranger's.
	for _, at := range []string{root, all, grandma} {
		if got, answer := there.answer(at+"share", ""); got != 404 {
			t.Errorf("%sshare: %s", at, answer)
		}
	}
	if got, page := here.answer(p.url+"share", ""); got != 200 || !strings.Contains(page, grandma) || !strings.Contains(page, all) {
		t.Errorf("/share: %s", page)
	}
	for _, name := range []string{"evil.example", "10.77.0.1.evil.example", "traycam.local.evil.example"} {
		if got, answer := here.answer(p.url+"share", name); got != 403 {
			t.Errorf("/share for %s: %s", name, answer)
		}
		if got, answer := there.answer(grandma+"state", name); got != 403 {
			t.Errorf("the link for %s: %s", name, answer)
		}
	}

	change(main + their)
	watching.mustEnd(t, "removed")
	there.await(grandma, 404)

	ends := time.Now().Add(3 * time.Second).Truncate(time.Second)
	change(main + their + hers + "expires = " + ends.Format(time.RFC3339) + "\n")
	there.await(grandma, 200)
	watching = there.watch(grandma)
	<-watching.ended
	if late := time.Since(ends); late < 0 || late > time.Second {
		t.Errorf("the stream ended %v after the link", late)
	}
	there.await(grandma, 404)

	for _, w := range []*watched{local, remote, other} {
		w.mustMove(t)
		if gaps := w.gaps.Load(); gaps != 0 {
			t.Errorf("a stream that this was not about has %d gaps", gaps)
		}
	}
}

// packets is a socket of h's.
func (h *host) packets(address string) net.PacketConn {
	h.t.Helper()
	var conn net.PacketConn
	err := h.inside(func() (err error) {
		conn, err = net.ListenPacket("udp4", address)
		return err
	})
	if err != nil {
		h.t.Fatal(err)
	}
	h.t.Cleanup(func() { conn.Close() })
	return conn
}

// ask asks the network by multicast DNS. Nil: nobody has answered in time.
func ask(t *testing.T, from net.PacketConn, id uint16, kind dnsmessage.Type, name string) *dnsmessage.Message {
	t.Helper()
	question := dnsmessage.Message{
		Header:    dnsmessage.Header{ID: id},
		Questions: []dnsmessage.Question{{Name: dnsmessage.MustNewName(name), Type: kind, Class: dnsmessage.ClassINET}},
	}
	b, err := question.Pack()
	if err != nil {
		t.Fatal(err)
	}
	if _, err := from.WriteTo(b, &net.UDPAddr{IP: net.IPv4(224, 0, 0, 251), Port: 5353}); err != nil {
		t.Fatal(err)
	}
	b = make([]byte, 9000)
	from.SetReadDeadline(time.Now().Add(time.Second))
	for {
		n, _, err := from.ReadFrom(b)
		if errors.Is(err, os.ErrDeadlineExceeded) {
			return nil
		}
		var answer dnsmessage.Message
		if err != nil || answer.Unpack(b[:n]) != nil {
			t.Fatal(err)
		}
		if answer.ID == id {
			return &answer
		}
	}
}

// The network is told a name while it may watch, and a list of services only
// where everybody may.
func TestNameOverANetwork(t *testing.T) {
	here, there := twoHosts(t)
	share := func(mode string, mdns bool) string {
		return fmt.Sprintf("[share]\nmode = %q\ntoken = \"mainmainmainmain12\"\nmdns = %v\n", mode, mdns)
	}
	p, change, port := startShared(t, here, share("link", true))
	link := regexp.MustCompile(`http://([a-z0-9-]+\.local):` + port + `/v/mainmainmainmain12/`)
	name := ""
	for deadline := time.Now().Add(20 * time.Second); name == ""; time.Sleep(20 * time.Millisecond) {
		_, page := here.answer(p.url+"share", "")
		if found := link.FindStringSubmatch(page); found != nil {
			name = found[1]
		} else if time.Now().After(deadline) {
			t.Fatalf("no name on the page /share: %s", page)
		}
	}
	socket := there.packets("10.77.0.2:0")
	id := uint16(0)
	address := func() string {
		id++
		if answer := ask(t, socket, id, dnsmessage.TypeA, name+"."); answer != nil && len(answer.Answers) == 1 {
			if a, ok := answer.Answers[0].Body.(*dnsmessage.AResource); ok {
				return net.IP(a.A[:]).String()
			}
		}
		return ""
	}
	listed := func() bool {
		id++
		answer := ask(t, socket, id, dnsmessage.TypePTR, "_http._tcp.local.")
		return answer != nil && len(answer.Answers) > 0
	}
	await := func(what string, ok func() bool) {
		t.Helper()
		for deadline := time.Now().Add(20 * time.Second); !ok(); {
			if time.Now().After(deadline) {
				t.Fatal("waited for ", what)
			}
		}
	}
	await("the name's address", func() bool { return address() == "10.77.0.1" })
	root := "http://" + net.JoinHostPort("10.77.0.1", port) + "/"
	if got, answer := there.answer(root+"v/mainmainmainmain12/state", net.JoinHostPort(name, port)); got != 200 {
		t.Errorf("by the name %s: %s", name, answer)
	}
	if listed() {
		t.Error("who has no link finds the page in a list")
	}
	change(share("open", true))
	await("the list of services", listed)
	change(share("open", false))
	await("the name's end", func() bool { return address() == "" })
	change(share("off", true))
	there.await(root, 0)
	if got := address(); got != "" || listed() {
		t.Errorf("while nobody may watch, the name leads to %s", got)
	}
}

// What people copy works as it is, in the programs that can be had here.
func TestSnippets(t *testing.T) {
	p := startHeadless(t, twoCameras)
	p.awaitCamera("garden", "live")
	text := map[string]string{}
	for _, s := range app.Snippets(p.url, "garden") {
		text[s.Name] = s.Text
	}
	t.Run("ffmpeg", func(t *testing.T) {
		dir := t.TempDir()
		output(t, "sh", "-c", "cd '"+dir+"' && "+strings.Replace(strings.TrimSpace(text["ffmpeg"]), " -t 60 ", " -v error -nostdin -t 2 ", 1))
		got := output(t, "ffprobe", "-v", "error", "-show_entries", "stream=codec_name,width", "-of", "csv=p=0", filepath.Join(dir, "garden.mkv"))
		if strings.TrimSpace(got) != "mjpeg,640" {
			t.Errorf("the film is %q", got)
		}
	})
	t.Run("VLC", func(t *testing.T) {
		if _, err := exec.LookPath("cvlc"); err != nil {
			t.Skip("VLC is not installed:", err)
		}
		dir, err := os.MkdirTemp("", "vlc") // of everybody's: VLC does not run as root
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { os.RemoveAll(dir) })
		film := filepath.Join(dir, "film")
		command := strings.Replace(strings.TrimSpace(text["VLC"]), "vlc ", "exec cvlc --no-audio --sout '#std{access=file,mux=mpjpeg,dst="+film+"}' ", 1)
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		cmd := exec.CommandContext(ctx, "sh", "-c", command)
		cmd.Env = append(os.Environ(), "HOME="+dir)
		if os.Geteuid() == 0 {
			if err := os.Chown(dir, 65534, 65534); err != nil {
				t.Fatal(err)
			}
			cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: 65534, Gid: 65534}}
		}
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		p.await("VLC to watch", func(s state) bool { return s.Cameras[0].Viewers == 1 })
		pictures := 0
		for deadline := time.Now().Add(30 * time.Second); pictures < 20 && time.Now().Before(deadline); time.Sleep(50 * time.Millisecond) {
			b, _ := os.ReadFile(film)
			pictures = strings.Count(string(b), "\xff\xd8\xff")
		}
		cancel()
		cmd.Wait()
		if pictures < 20 {
			t.Errorf("VLC took %d pictures", pictures)
		}
	})
	t.Run("HTML page", func(t *testing.T) {
		page := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "text/html")
			fmt.Fprint(w, `<!DOCTYPE html><link rel="icon" href="data:,">`+text["HTML page"])
		}))
		defer page.Close()
		b := browser(t, 800, 600)
		b.do(chromedp.Navigate(page.URL))
		b.await(`document.querySelector('img').naturalWidth === 640`)
		// The page is of another origin, so its scripts cannot look at the picture.
		seen := map[string]bool{}
		for deadline := time.Now().Add(30 * time.Second); len(seen) < 4; {
			png, err := chromedp.Run(b.ctx, chromedp.CaptureScreenshot())
			if err != nil || time.Now().After(deadline) {
				t.Fatalf("%d pictures, %v", len(seen), err)
			}
			seen[string(png)] = true
		}
	})
}

// The page /share works in a browser, as strict as it is: the tab's console has no error.
func TestChromiumSharePage(t *testing.T) {
	p := startHeadless(t, "[share]\nmode = \"link\"\ntoken = \"linklinklinklinklink12\"\n\n[[share.links]]\ntoken = \"grandmagrandma1234\"\nname = \"Grandma\"\n"+twoCameras)
	ownAddress(t)
	p.awaitCamera("garden", "live")
	b := browser(t, 900, 1000)
	b.do(chromedp.Navigate(p.url + "share"))
	b.await(`document.querySelector('#link')?.textContent.endsWith('/v/linklinklinklinklink12/') || (location.reload(), false)`)
	b.await(`getComputedStyle(document.querySelector('svg.code')).width === '192px'`)
	b.await(`!document.querySelector('button[data-copy=link]').hidden`)
	b.screenshot("page-share")
	b.await(`document.querySelector('nav a[href$=workshop]').click() || true`)
	b.await(`document.querySelector('nav a[aria-current]')?.textContent === 'Workshop' && document.querySelector('pre').textContent.includes('cameras/workshop/')`)
}
