package viewer_test

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"hash/fnv"
	"io"
	"io/fs"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"traycam/assets"
	"traycam/faults"
	"traycam/streaming/fuzzed"
	"traycam/streaming/viewer"
)

const (
	secretToken = "abcdefghijklmnopqrstuvwxyz"
	secretLink  = "linklinklinklinklinklink12"
	secretKey   = "push-key-push-key"
)

// secretIntake counts what is posted. It has a key.
type secretIntake struct{ taken int }

func (i *secretIntake) Opens(key string) bool { return key == secretKey }

func (i *secretIntake) Take(body io.ReadCloser, _ bool) error {
	i.taken++
	_, err := io.Copy(io.Discard, io.LimitReader(body, 1<<20))
	return err
}

type sharing struct{}

func (sharing) SharePage(string) viewer.SharePage {
	return viewer.SharePage{
		Mode: "link", Addresses: []viewer.SharedLink{{URL: "http://192.0.2.1:8090/v/" + secretToken + "/", Name: "eth0"}},
		Snippets: []viewer.Snippet{{Name: "VLC", Text: "vlc http://192.0.2.1:8090/v/" + secretToken + "/mjpeg/"}},
	}
}

// target is the whole handler, for this computer and for the network.
type target struct {
	handler *viewer.Handler
	intake  *secretIntake
	log     bytes.Buffer
	host    string            // a name of this computer
	files   map[string]string // the page's
	pages   map[string]bool   // every HTML that may come, with the base "/"
}

func newTarget(t testing.TB) *target {
	host, err := os.Hostname()
	if err != nil || host == "" {
		t.Skip("this computer has no name:", err)
	}
	r := &rig{}
	r.stream, r.stop = context.WithCancel(context.Background())
	to := &target{intake: new(secretIntake), host: strings.ToLower(host), files: map[string]string{}, pages: map[string]bool{}}
	r.front, r.back = &fakeCamera{stream: r.stream}, &fakeCamera{stream: r.stream, intake: to.intake}
	r.front.show("\xff\xd8picture\xff\xd9")
	to.handler = viewer.New(viewer.Options{
		Cameras: r, Sharing: sharing{}, Web: assets.Web, Version: "1.2.3", Sent: &r.sent,
		Log: slog.New(slog.NewTextHandler(&to.log, &slog.HandlerOptions{Level: slog.LevelDebug})),
	})
	to.handler.Share(viewer.Access{Token: secretToken, Links: []viewer.Link{{Token: secretLink, Name: "Grandma", Cameras: []string{"front"}}}})
	fs.WalkDir(assets.Web, ".", func(name string, d fs.DirEntry, _ error) error {
		if !d.IsDir() {
			b, _ := fs.ReadFile(assets.Web, name)
			to.files[string(b)] = name
		}
		return nil
	})
	for _, page := range []string{"/", "/share", "/share?camera=back"} {
		to.pages[to.ask(false, "GET "+page+" HTTP/1.1\r\nHost: localhost\r\n\r\n").Body.String()] = true
	}
	someCameras := to.ask(true, "GET /v/"+secretLink+"/ HTTP/1.1\r\nHost: HOST\r\n\r\n").Body.String()
	to.pages[baseOf.ReplaceAllString(someCameras, `<base href="/">`)] = true
	t.Cleanup(func() { r.stop(); to.handler.Wait() })
	return to
}

var baseOf = regexp.MustCompile(`<base href="/v/[a-z0-9]+/">`)

// ask sends a request as it stands on the wire; nil: it is none. Each has an
// address of its own, so that none is slowed down for what another one guessed.
func (to *target) ask(network bool, raw string) *httptest.ResponseRecorder {
	raw = strings.ReplaceAll(raw, "HOST", to.host)
	request, err := http.ReadRequest(bufio.NewReader(strings.NewReader(raw)))
	if err != nil {
		return nil
	}
	request.RemoteAddr = "127.0.0.1:50000"
	answer := httptest.NewRecorder()
	if !network {
		to.handler.ServeHTTP(answer, request)
		return answer
	}
	sum := fnv.New32a()
	io.WriteString(sum, raw)
	n := sum.Sum32()
	request.RemoteAddr = fmt.Sprintf("10.%d.%d.%d:50000", n>>16&0xFF, n>>8&0xFF, n&0xFF)
	to.handler.Network().ServeHTTP(answer, request)
	return answer
}

// kinds are what an answer may be.
var kinds = regexp.MustCompile(`^(text/html; charset=utf-8|text/plain; charset=utf-8|text/plain; version=0\.0\.4; charset=utf-8|application/json|image/jpeg|image/svg\+xml|` +
	`text/css; charset=utf-8|text/javascript; charset=utf-8|multipart/x-mixed-replace;boundary=frame|multipart/byteranges; boundary=[0-9a-f]+)$`)

// check asks, and holds the answer to what every answer must be.
func (to *target) check(t *testing.T, network bool, raw string) {
	to.log.Reset()
	to.intake.taken = 0
	w := to.ask(network, raw)
	if w == nil {
		return
	}
	body, header := w.Body.String(), w.Header()
	bad := func(format string, args ...any) {
		t.Helper()
		t.Errorf("%q, network %v: %s\n%d %v %.300q", raw, network, fmt.Sprintf(format, args...), w.Code, header, body)
	}
	// A recorder is no connection that could be taken over: 501 and 505 are for that.
	if w.Code >= 500 && w.Code != 501 && w.Code != 503 && w.Code != 505 {
		bad("a mistake of the server's")
	}
	for _, secret := range []string{secretToken, secretLink, secretKey} {
		if strings.Contains(to.log.String(), secret) {
			bad("the log holds a secret: %s", to.log.String())
		}
		all := fmt.Sprint(header) + body
		isShare := !network && strings.Contains(raw, "/share")
		if strings.Contains(all, secret) && !isShare && !strings.Contains(strings.ToLower(unescaped(raw)), secret) {
			bad("a secret that was not in the request")
		}
	}
	if header.Get("X-Content-Type-Options") != "nosniff" || header.Get("Referrer-Policy") != "no-referrer" || header.Get("Cross-Origin-Resource-Policy") == "" {
		bad("a header is missing")
	}
	if header.Get("Access-Control-Allow-Origin") != "" {
		bad("another site may read it")
	}
	kind := header.Get("Content-Type")
	if body != "" && !kinds.MatchString(kind) {
		bad("its type")
	}
	if to := header.Get("Location"); to != "" && (!strings.HasPrefix(to, "/") || strings.HasPrefix(to, "//") || strings.HasPrefix(to, `/\`)) {
		bad("it leads away")
	}
	switch redirect := w.Code >= 300 && w.Code < 400; {
	case kind == "text/html; charset=utf-8" && redirect:
		if strings.Count(body, "<") > 2 || strings.Count(body, `"`) > 2 {
			bad("what was asked stands in HTML")
		}
	case kind == "text/html; charset=utf-8":
		if body != "" && !to.pages[baseOf.ReplaceAllString(body, `<base href="/">`)] {
			bad("this HTML is none of the pages")
		}
		if policy := header.Get("Content-Security-Policy"); !strings.HasPrefix(policy, "default-src 'none'; script-src 'self'; ") {
			bad("its policy")
		}
	case kind == "text/css; charset=utf-8", kind == "text/javascript; charset=utf-8", kind == "image/svg+xml":
		if name := to.files[body]; w.Code == http.StatusOK && body != "" && (name == "" || name == "index.html") && !strings.Contains(raw, "/share/") {
			bad("it is none of the page's files")
		}
	case kind == "image/jpeg" && w.Code == http.StatusOK:
		if body != "" && !strings.HasPrefix(body, "\xff\xd8") {
			bad("it is no picture")
		}
	}
	if to.intake.taken > 0 && (network && !strings.Contains(unescaped(raw), secretKey) || strings.Contains(strings.ToLower(raw), "sec-fetch-site: cross-site")) {
		bad("a picture was taken from somebody who may not send any")
	}
}

func unescaped(raw string) string {
	return regexp.MustCompile("%[0-9a-fA-F]{2}").ReplaceAllStringFunc(raw, func(s string) string {
		var c byte
		fmt.Sscanf(s, "%%%02x", &c)
		return string([]byte{c})
	})
}

// seeds are requests that are worth beginning with.
func seeds() (all []string) {
	for _, path := range []string{
		"/", "/?action=stream", "/?action=snapshot_1", "/?action=%3Cscript%3E", "/cameras/front", "/cameras/%3Cimg%20src=x%20onerror=alert(1)%3E",
		"/cameras/front/stream.mjpg?fps=5&advance_headers=1", "/cameras/front/snapshot.jpg", "/cameras/back/frames", "/cameras/../state", "/cameras/%2e%2e/state",
		"/assets/viewer.js", "/assets/../../etc/passwd", "/assets/%2e%2e/%2e%2e/web.go", "/assets/..%2findex.html", "/assets/", "/assets/index.html", `/assets/..\web.go`, "/assets/viewer.js%00.css",
		"/favicon.ico", "/state", "/healthz", "/metrics", "/share", "/share?camera=back", "/share?camera=%22%3E%3Cscript%3E", "/share/share.css", "/share/..%2fshare.html", "/ws", "/mjpeg/", "/mjpeg?camera=back",
		"//evil.example/..", "/\\evil.example", "/v", "/v/", "/v//state", "/v/" + secretToken, "/v/" + secretToken + "?a=%3Cb%3E", "/v/" + secretToken + "/", "/v/" + secretToken + "/state", "/v/" + secretToken + "/metrics",
		"/v/" + secretToken + "/share", "/v/" + secretLink + "/", "/v/" + secretLink + "/cameras/back/snapshot.jpg", "/v/" + secretLink + "/cameras/back/frames?key=" + secretKey, "/v/" + secretToken + "//evil.example", "/v/" + secretToken + "/favicon.ico",
	} {
		all = append(all, "GET "+path+" HTTP/1.1\r\nHost: HOST\r\n\r\n", "POST "+path+" HTTP/1.1\r\nHost: HOST\r\nContent-Type: image/jpeg\r\nContent-Length: 4\r\n\r\n\xff\xd8\xff\xd9")
	}
	for _, header := range []string{
		"Origin: http://evil.example", "Origin: null", "Sec-Fetch-Site: cross-site", "X-Forwarded-For: 127.0.0.1", "X-Forwarded-Prefix: /<script>", "Range: bytes=0-3,5-7", "Range: bytes=-1", "If-Modified-Since: x",
		"Authorization: Bearer " + secretKey, "Authorization: Basic OjpA", "Cookie: a=b", "Content-Length: 5\r\nTransfer-Encoding: chunked", "Accept: text/html,image/*\r\nUser-Agent: Mozilla/5.0",
		"Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: MDEyMzQ1Njc4OWFiY2RlZg==",
		"Connection: Upgrade\r\nUpgrade: websocket\r\nOrigin: http://evil.example", "X-HTTP-Method-Override: DELETE",
	} {
		for _, path := range []string{"GET /share", "GET /assets/viewer.css", "GET /ws", "POST /cameras/back/frames", "HEAD /mjpeg/", "GET /v/" + secretToken + "/ws", "PUT /v/" + secretToken + "/cameras/back/frames"} {
			all = append(all, path+" HTTP/1.1\r\nHost: HOST\r\n"+header+"\r\n\r\n")
		}
	}
	for _, host := range []string{"localhost", "evil.example", "127.0.0.1.evil.example", "localhost.evil.example", "[::1]", "[::1", "HOST.", "HOST:80:80", "", "user@localhost", "<script>", "0x7f.1"} {
		all = append(all, "GET /state HTTP/1.1\r\nHost: "+host+"\r\n\r\n")
	}
	return append(all, "OPTIONS * HTTP/1.1\r\nHost: HOST\r\n\r\n", "CONNECT HOST:80 HTTP/1.1\r\nHost: HOST:80\r\n\r\n", "GET http://evil.example/ HTTP/1.1\r\nHost: HOST\r\n\r\n", "\xff /\x00 HTTP/1.1\r\n\r\n")
}

// FuzzRequest sends what may come over the wire through the whole handler, from
// this computer and from the network.
func FuzzRequest(f *testing.F) {
	to := newTarget(f)
	for _, raw := range seeds() {
		f.Add(raw)
	}
	f.Fuzz(func(t *testing.T, raw string) {
		fuzzed.Within(t)
		to.check(t, false, raw)
		to.check(t, true, raw)
	})
}

func TestFaultRequestsOfAttackers(t *testing.T) {
	to := newTarget(t)
	all := seeds()
	for _, raw := range all {
		to.check(t, false, raw)
		to.check(t, true, raw)
	}
	faults.Held(t, "requests made to get at files, secrets and other people's browsers", "%d requests from this computer and from the network each; more by the fuzz target FuzzRequest", len(all))
}

// How long a wrong link takes tells nothing of the right one.
func TestFaultTimeOfWrongTokens(t *testing.T) {
	rounds := 4000
	if faults.Long() {
		rounds = 200_000
	}
	access := viewer.Access{Token: secretToken, Links: []viewer.Link{{Token: secretLink}}}
	now := time.Now()
	guesses := map[string]string{ // of the same length
		"all wrong":      "/v/" + strings.Repeat("#", len(secretToken)) + "/",
		"the first half": "/v/" + secretToken[:13] + strings.Repeat("#", 13) + "/",
		"all but one":    "/v/" + secretToken[:25] + "#/",
	}
	const batch = 100 // the clock is too coarse for one
	took := map[string][]time.Duration{}
	for range rounds / batch * 10 {
		for name, base := range guesses { // in another order each time
			began := time.Now()
			for range batch {
				if _, ok := access.Lets(base, now); ok {
					t.Fatal(base)
				}
			}
			took[name] = append(took[name], time.Since(began)/batch)
		}
	}
	least, most := time.Hour, time.Duration(0)
	var told []string
	for name, all := range took {
		slices.Sort(all)
		median := all[len(all)/2]
		least, most = min(least, median), max(most, median)
		told = append(told, fmt.Sprintf("%s %v (quarters %v and %v)", name, median, all[len(all)/4], all[len(all)*3/4]))
	}
	// A comparison that stops at the first letter that differs takes the one several times as long as the other.
	if most > least*2 {
		t.Errorf("medians are from %v to %v", least, most)
	}
	slices.Sort(told)
	faults.Held(t, "how long wrong links take", "%d of each, medians: %s", rounds*10, strings.Join(told, "; "))
}
