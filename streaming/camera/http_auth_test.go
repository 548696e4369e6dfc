package camera_test

import (
	"crypto/md5"
	"crypto/sha256"
	"crypto/sha512"
	"fmt"
	"net/http"
	"net/http/httptest"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"

	"traycam/streaming/camera"
)

// strict is a camera that asks for the password with digest and takes nothing
// but what RFC 7616 (or 2617, without qop) prescribes.
type strict struct {
	algorithm string // as it is named to the client; "": not at all
	qop       string // offered; "": none
	opaque    string
	lifetime  int      // requests for which a nonce is good
	silent    bool     // does not say that a nonce is stale
	besides   []string // other challenges

	mu       sync.Mutex
	nonce    string
	nonces   int
	counts   []string // of this nonce
	cnonce   string   // of this nonce
	asked    int      // requests without Authorization
	good     int
	mistakes []string
}

var parameter = regexp.MustCompile(`^(\w+)=(?:"((?:[^"\\]|\\.)*)"|([^\s",]+))$`)

func (s *strict) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	authorization := r.Header.Get("Authorization")
	if authorization == "" {
		s.asked++
		s.challenge(w, false)
		return
	}
	stale, err := s.check(r, authorization)
	switch {
	case err != nil:
		s.mistakes = append(s.mistakes, err.Error())
		s.challenge(w, false)
	case stale:
		s.challenge(w, !s.silent)
	default:
		s.good++
		w.Header().Set("Content-Type", "image/jpeg")
		w.Write(still(16 + s.good))
	}
}

func (s *strict) challenge(w http.ResponseWriter, stale bool) {
	s.nonces++
	s.nonce, s.counts, s.cnonce = fmt.Sprintf("nonce+%d/==", s.nonces), nil, ""
	c := fmt.Sprintf(`Digest realm="IP Camera(\"%s\")", nonce="%s"`, "C12", s.nonce)
	if s.qop != "" {
		c += `,qop="` + s.qop + `"`
	}
	if s.algorithm != "" {
		c += ", algorithm=" + s.algorithm
	}
	if s.opaque != "" {
		c += `, opaque="` + s.opaque + `"`
	}
	if stale {
		c += ", stale=TRUE"
	}
	w.Header()["Www-Authenticate"] = append(slices.Clone(s.besides), c)
	w.WriteHeader(http.StatusUnauthorized)
}

func (s *strict) check(r *http.Request, authorization string) (stale bool, err error) {
	rest, isDigest := strings.CutPrefix(authorization, "Digest ")
	if !isDigest {
		return false, fmt.Errorf("not digest: %q", authorization)
	}
	got := map[string]string{}
	for _, p := range strings.Split(rest, ", ") { // no value in these tests holds a comma
		m := parameter.FindStringSubmatch(p)
		if m == nil || got[m[1]] != "" {
			return false, fmt.Errorf("parameter %q", p)
		}
		if slices.Contains([]string{"algorithm", "qop", "nc"}, m[1]) == strings.Contains(p, `"`) {
			return false, fmt.Errorf("quotes around %q", p)
		}
		got[m[1]] = strings.ReplaceAll(m[2]+m[3], `\`, "")
	}
	for name, want := range map[string]string{
		"username": "me", "realm": `IP Camera("C12")`, "uri": r.RequestURI, "algorithm": s.algorithm, "opaque": s.opaque,
	} {
		if got[name] != want {
			return false, fmt.Errorf("%s is %q, want %q", name, got[name], want)
		}
	}
	hash := func(x string) string {
		switch strings.TrimSuffix(s.algorithm, "-sess") {
		case "SHA-256":
			return fmt.Sprintf("%x", sha256.Sum256([]byte(x)))
		case "SHA-512-256":
			return fmt.Sprintf("%x", sha512.Sum512_256([]byte(x)))
		}
		return fmt.Sprintf("%x", md5.Sum([]byte(x)))
	}
	a1 := "me:" + got["realm"] + ":" + password
	if strings.HasSuffix(s.algorithm, "-sess") {
		a1 = hash(a1) + ":" + got["nonce"] + ":" + got["cnonce"]
	}
	want := hash(hash(a1) + ":" + got["nonce"] + ":" + hash(r.Method+":"+r.RequestURI))
	if s.qop != "" {
		if got["qop"] != "auth" || len(got["cnonce"]) < 8 {
			return false, fmt.Errorf("qop %q, cnonce %q", got["qop"], got["cnonce"])
		}
		want = hash(hash(a1) + ":" + got["nonce"] + ":" + got["nc"] + ":" + got["cnonce"] + ":auth:" + hash(r.Method+":"+r.RequestURI))
	} else if got["qop"]+got["nc"] != "" {
		return false, fmt.Errorf("qop %q, nc %q that nobody asked for", got["qop"], got["nc"])
	}
	if got["response"] != want {
		return false, fmt.Errorf("response %s, want %s", got["response"], want)
	}
	if got["nonce"] != s.nonce {
		return true, nil
	}
	if s.qop != "" {
		if want := fmt.Sprintf("%08x", len(s.counts)+1); got["nc"] != want {
			return false, fmt.Errorf("nc %s, want %s", got["nc"], want)
		}
	}
	if s.cnonce != "" && strings.HasSuffix(s.algorithm, "-sess") && s.cnonce != got["cnonce"] {
		return false, fmt.Errorf("another cnonce in one session")
	}
	s.cnonce = got["cnonce"]
	s.counts = append(s.counts, got["nc"])
	if s.lifetime > 0 && len(s.counts) > s.lifetime {
		return true, nil
	}
	return false, nil
}

var stills sync.Map

// still is a picture of w by 8 pixels.
func still(w int) []byte {
	b, _ := stills.Load(w)
	return b.([]byte)
}

func TestDigest(t *testing.T) {
	for w := range 20 {
		stills.Store(16+w, picture(t, 16+w))
	}
	for _, s := range []*strict{
		{},
		{algorithm: "MD5"},
		{qop: "auth", opaque: "op aque=="},
		{algorithm: "MD5", qop: "auth-int,auth"},
		{algorithm: "MD5-sess", qop: "auth"},
		{algorithm: "SHA-256", qop: "auth", opaque: "5ccc069c403ebaf9f0171e9517f40e41"},
		{algorithm: "SHA-256-sess", qop: "auth, auth-int"},
		{algorithm: "SHA-512-256", qop: "auth"},
		{algorithm: "SHA-256", qop: "auth", lifetime: 1},
		{algorithm: "MD5-sess", qop: "auth", lifetime: 2},
		{qop: "auth", lifetime: 1, silent: true},
		{algorithm: "SHA-256", qop: "auth", besides: []string{`Basic realm="x", Digest realm="x", nonce="other", qop="auth"`, `Digest realm=x, nonce=y, algorithm=SHA3-256`}},
		{qop: "auth", besides: []string{`Digest realm="x", nonce="other", qop="auth-int", algorithm=SHA-256`, "Negotiate YII==, Basic realm=x"}},
	} {
		t.Run(fmt.Sprintf("%s,%s,%d,%d", s.algorithm, s.qop, s.lifetime, len(s.besides)), func(t *testing.T) {
			t.Parallel()
			server := httptest.NewServer(s)
			defer server.Close()
			r := watch(t, web("http", server.Listener.Addr().String(), "/ISAPI/picture?channel=1&size=%22big%22&x=ü#interval=100ms"))
			r.awaitFrames(4)
			r.awaitState(camera.Live, "")
			s.mu.Lock()
			defer s.mu.Unlock()
			if len(s.mistakes) > 0 || s.asked != 1 {
				t.Errorf("%d requests without a password, mistakes %q", s.asked, s.mistakes)
			}
		})
	}
}

func TestWrongPassword(t *testing.T) {
	for _, challenge := range []string{
		`Basic realm="x"`,
		`Digest realm="x", nonce="y", qop="auth"`,
		`Digest realm="x", nonce="y", qop="auth", stale=true`,
	} {
		var mu sync.Mutex
		tries := 0
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			mu.Lock()
			defer mu.Unlock()
			if r.Header.Get("Authorization") != "" {
				tries++
			}
			w.Header().Set("WWW-Authenticate", challenge)
			w.WriteHeader(http.StatusUnauthorized)
		}))
		r := watch(t, web("http", server.Listener.Addr().String(), "/"))
		r.awaitState(camera.Retrying, "does not accept this user name and password")
		mu.Lock()
		if tries > 2 {
			t.Errorf("%s: a wrong password was sent %d times", challenge, tries)
		}
		mu.Unlock()
		r = watch(t, "http://"+server.Listener.Addr().String())
		r.awaitState(camera.Retrying, "wants a user name and a password")
		t.Cleanup(server.Close)
	}
}

func TestBasicIsSentOnceAskedFor(t *testing.T) {
	asked := make(chan string, 1000)
	address := quirky(t, func(r *request) bool {
		asked <- r.Header.Get("Authorization")
		if user, pass, _ := r.BasicAuth(); user == "me" && pass == password {
			r.send("HTTP/1.0 200 OK\r\n\r\n", string(picture(t, 16+r.n)))
		} else {
			r.send("HTTP/1.0 401 Unauthorized\nwww-authenticate:BASIC REALM=\"x\n\n")
		}
		return false
	})
	watch(t, web("http", address, "/#interval=100ms")).awaitFrames(3)
	for i := range 4 {
		if a := <-asked; (a != "") != (i > 0) {
			t.Errorf("request %d has %q", i+1, a)
		}
	}
}
