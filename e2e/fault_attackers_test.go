package e2e

import (
	"bytes"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"traycam/faults"
)

// Names that are markup are shown as text, on the page and on the page that shares.
func TestFaultMarkupInNames(t *testing.T) {
	t.Parallel()
	const image = `<img src=x onerror=document.title='hacked'>`
	const script = `"></script><script>document.title='hacked'</script>{{.Base}}`
	hostile := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/html; x=<script>document.title='hacked'</script>")
		w.Header().Set("Server", image)
		fmt.Fprintf(w, "<title>%s</title><script>document.title='hacked'</script>", image)
	}))
	defer hostile.Close()
	p := startHeadless(t, fmt.Sprintf(`
[share]
mode = "link"
token = "linklinklinklinklink12"

[[share.links]]
name = %q
token = "otherotherotherother12"

[[cameras]]
id = "image"
name = %q
url = "test:"

[[cameras]]
id = "script"
name = %q
url = %q
`, image, image, script, hostile.URL))
	p.awaitCamera("image", "live")
	p.awaitCamera("script", "retrying")
	b := browser(t, 1280, 800)
	harmless := `document.title !== 'hacked' && !document.querySelector('img[src=x]') &&
		[...document.scripts].every(s => s.src.startsWith(location.origin) && !s.textContent)`
	pages := 0
	shown := func(path, text string) {
		t.Helper()
		b.do(chromedp.Navigate(p.url + path))
		b.await(fmt.Sprintf(`document.body.innerText.includes(%q)`, text))
		b.await(harmless)
		pages++
	}
	for _, path := range []string{"", "cameras/image", "cameras/script", "?kiosk"} {
		b.do(chromedp.Navigate(p.url + path))
		b.await(`document.querySelectorAll('[data-camera] .name').length === 2`)
		b.await(fmt.Sprintf(`[...document.querySelectorAll('.name')].map(e => e.textContent).includes(%q)`, script))
		b.await(harmless)
		pages++
	}
	b.awaitMoving("image")
	shown("share", image)
	shown("share?camera=script", script)
	b.do(chromedp.Navigate(p.url + "cameras/%3Cimg%20src=x%20onerror=document.title='hacked'%3E"))
	b.await(`document.querySelector('#message').checkVisibility()`)
	b.await(harmless)

	// Without scripts the page is made by the server alone.
	response, err := http.Get(p.url)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	html, err := io.ReadAll(response.Body)
	if err != nil || strings.Contains(string(html), image) || strings.Count(string(html), "<script") != 1 {
		t.Errorf("%v: %s", err, html)
	}
	if policy := response.Header.Get("Content-Security-Policy"); !strings.Contains(policy, "script-src 'self'") || strings.Contains(policy, "unsafe") || !strings.Contains(policy, "frame-ancestors 'self'") {
		t.Error(policy)
	}
	faults.Held(t, "names that are markup", "%d pages in Chromium: shown as text, no script ran", pages)
}

// A camera that sends something else than pictures cannot make the page run it.
func TestFaultCameraThatSendsScript(t *testing.T) {
	t.Parallel()
	const evil = "<html><svg xmlns=\"http://www.w3.org/2000/svg\" onload=\"document.title='hacked'\"><script>document.title='hacked'</script></svg></html>\r\n"
	port := freePort(t)
	p := startHeadless(t, fmt.Sprintf(listeningCamera, port))
	p.awaitCamera("cam", "waiting")
	get := func(path string) (*http.Response, []byte) {
		t.Helper()
		response, err := http.Get(p.url + path)
		if err != nil {
			t.Fatal(err)
		}
		defer response.Body.Close()
		body, err := io.ReadAll(io.LimitReader(response.Body, 1<<20))
		if err != nil {
			t.Fatal(err)
		}
		return response, body
	}
	for _, sent := range []string{
		evil,
		"HTTP/1.0 200 OK\r\nContent-Type: text/html\r\n\r\n" + evil,
		"HTTP/1.0 200 OK\r\nContent-Type: image/svg+xml\r\nContent-Length: 9\r\n\r\n" + evil,
		"HTTP/1.0 200 OK\r\nContent-Type: multipart/x-mixed-replace;boundary=x\r\n\r\n--x\r\nContent-Type: text/html\r\nContent-Length: " + fmt.Sprint(len(evil)) + "\r\n\r\n" + evil + "\r\n--x\r\n",
		"HTTP/1.0 302 Found\r\nLocation: javascript:document.title='hacked'\r\n\r\n",
	} {
		conn, err := net.Dial("tcp", fmt.Sprintf("127.0.0.1:%d", port))
		if err != nil {
			t.Fatal(err)
		}
		io.WriteString(conn, sent)
		conn.(*net.TCPConn).CloseWrite()
		conn.SetReadDeadline(time.Now().Add(20 * time.Second))
		io.Copy(io.Discard, conn)
		conn.Close()
		if response, body := get("cameras/cam/snapshot.jpg"); response.StatusCode != http.StatusServiceUnavailable {
			t.Errorf("%q is a picture: %.80q", sent, body)
		}
	}

	// Around and inside of pictures, as a comment.
	picture := grey(t, 1)
	comment := []byte("\xff\xfe\x00\x00" + evil)
	comment[2], comment[3] = byte((len(evil)+2)>>8), byte(len(evil)+2)
	whole := append(append(append([]byte{}, picture[:2]...), comment...), picture[2:]...)
	conn := connect(t, port)
	go func() {
		for {
			if _, err := conn.Write(append([]byte(evil), whole...)); err != nil {
				return
			}
			time.Sleep(50 * time.Millisecond)
		}
	}()
	p.awaitCamera("cam", "live")
	response, body := get("cameras/cam/snapshot.jpg")
	h := response.Header
	if !bytes.Equal(body, whole) || h.Get("Content-Type") != "image/jpeg" || h.Get("X-Content-Type-Options") != "nosniff" {
		t.Errorf("%v %.80q", h, body)
	}
	b := browser(t, 800, 600)
	b.do(chromedp.Navigate(p.url + "cameras/cam/snapshot.jpg"))
	b.await(`document.contentType === 'image/jpeg' && document.title !== 'hacked' && document.scripts.length === 0`)
	b.do(chromedp.Navigate(p.url))
	b.awaitState("cam", "live")
	b.await(`document.title !== 'hacked'`)

	// A page of somebody else may show the picture, as documented, and may not read it.
	elsewhere := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/html")
		fmt.Fprintf(w, `<title>elsewhere</title><img src="%scameras/cam/snapshot.jpg">`, p.url)
	}))
	defer elsewhere.Close()
	b.do(chromedp.Navigate(elsewhere.URL))
	b.await(`document.images[0]?.naturalWidth > 0`)
	b.await(`(() => { const c = document.createElement('canvas'); const g = c.getContext('2d'); g.drawImage(document.images[0], 0, 0);
		try { g.getImageData(0, 0, 1, 1); return false } catch (e) { return e.name === 'SecurityError' } })()`)
	faults.Held(t, "a camera that sends script", "HTML, SVG, parts and redirects of 5 kinds: no picture; around and inside of a JPEG: shown as a picture, no script ran; another site's page shows it and cannot read it")
}

// Links and keys are in no log and no answer, whoever asks what.
func TestFaultTokensAreToldToNobody(t *testing.T) {
	t.Parallel()
	const token, link, key, newer = "tokentokentokentoken12", "linklinklinklinklink12", "keykeykey12", "newernewernewernewer12"
	config := func(token string) string {
		return fmt.Sprintf("[share]\nmode = \"link\"\ntoken = %q\n\n[[share.links]]\nname = \"Grandma\"\ntoken = %q\ncameras = [\"door\"]\n\n[[cameras]]\nid = \"door\"\nname = \"Door\"\nurl = \"test:\"\n\n[[cameras]]\nid = \"post\"\nname = \"Post\"\nurl = \"push:?key=%s\"\n", token, link, key)
	}
	p := startHeadless(t, config(token), "--log-level", "debug")
	p.awaitCamera("door", "live")
	local, err := url.Parse(p.url)
	if err != nil {
		t.Fatal(err)
	}
	root := "http://" + net.JoinHostPort(ownAddress(t), local.Port()) + "/"
	client := http.Client{Timeout: 10 * time.Second, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	asked := 0
	ask := func(method, address string, headers ...string) (status int) {
		t.Helper()
		request, err := http.NewRequestWithContext(t.Context(), method, address, strings.NewReader("nonsense"))
		if err != nil {
			t.Fatal(err)
		}
		for i := 0; i < len(headers); i += 2 {
			request.Header.Set(headers[i], headers[i+1])
		}
		response, err := client.Do(request)
		if err != nil {
			t.Fatal(err)
		}
		defer response.Body.Close()
		body, _ := io.ReadAll(io.LimitReader(response.Body, 100_000))
		asked++
		said := fmt.Sprint(response.Header, string(body))
		for _, secret := range []string{token, link, key, newer} {
			if strings.Contains(said, secret) && !strings.Contains(address, secret) {
				t.Errorf("%s %s: the answer holds a secret: %.300s", method, address, said)
			}
		}
		if response.Header.Get("Referrer-Policy") != "no-referrer" {
			t.Errorf("%s %s: %v", method, address, response.Header)
		}
		return response.StatusCode
	}
	for deadline := time.Now().Add(20 * time.Second); ask("GET", root+"v/"+token+"/state") != http.StatusOK; time.Sleep(20 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatal("the network cannot watch")
		}
	}
	for _, path := range []string{"", "state", "metrics", "healthz", "cameras/door", "cameras/none", "cameras/door/snapshot.jpg", "cameras/door/stream.mjpg?fps=x", "mjpeg/", "ws", "nothing", "favicon.ico"} {
		for _, base := range []string{p.url, root, root + "v/" + token + "/", root + "v/" + link + "/", root + "v/wrong" + link + "/"} {
			ask("GET", base+path)
			ask("GET", base+path, "Sec-WebSocket-Key", token, "Upgrade", "websocket", "Connection", "Upgrade", "Origin", "http://evil.example")
		}
	}
	for _, base := range []string{p.url, root + "v/" + token + "/"} {
		ask("POST", base+"cameras/post/frames", "Authorization", "Bearer "+key)
		ask("POST", base+"cameras/post/frames", "Authorization", "Bearer wrong"+key)
		ask("POST", base+"cameras/post/frames?key="+key)
	}
	if status := ask("GET", p.url+"share", "X-Forwarded-For", "192.0.2.1"); status != http.StatusNotFound {
		t.Errorf("/share through a proxy: %d", status)
	}
	if err := os.WriteFile(p.config, []byte(config(newer)), 0o600); err != nil {
		t.Fatal(err)
	}
	for deadline := time.Now().Add(20 * time.Second); ask("GET", root+"v/"+token+"/state") != http.StatusNotFound; time.Sleep(20 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatal("the old link goes on working")
		}
	}
	line, err := os.ReadFile(fmt.Sprintf("/proc/%d/cmdline", p.cmd.Process.Pid))
	if err != nil {
		t.Skip("the list of processes is looked at where there is /proc")
	}
	for _, secret := range []string{token, link, key, newer} {
		if strings.Contains(p.log()+string(line), secret) {
			t.Errorf("the log holds %s", secret)
		}
	}
	faults.Held(t, "who looks for links and keys where they do not belong", "%d requests, %d lines of log: none", asked, strings.Count(p.log(), "\n"))
}
