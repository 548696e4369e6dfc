package camera_test

import (
	"bytes"
	"crypto/md5"
	"crypto/sha256"
	"crypto/sha512"
	"fmt"
	"image"
	stdjpeg "image/jpeg"
	"net/http"
	"net/http/httptest"
	"regexp"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
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
	form      string   // of the challenge; %s is the nonce; "": as above

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
	if s.form != "" {
		c = fmt.Sprintf(s.form, s.nonce)
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

// passwordQuirks are the ways in which real cameras ask for the password.
func passwordQuirks() (all []quirk) {
	const c12 = `Digest realm="IP Camera(\"C12\")"`
	for _, c := range []struct {
		name, seen string
		camera     *strict
	}{
		{"digest without qop", "RFC 2069; iPOLiS (Ullaakut/cameradar#199)", &strict{}},
		{"digest, MD5 by name", "RFC 2617", &strict{algorithm: "MD5"}},
		{"digest with qop and opaque, the query in its uri", "Dahua (vvidic/mjpeg-proxy#14)", &strict{qop: "auth", opaque: "op aque=="}},
		{"digest with an empty opaque and stale in quotes, qop first", "Quedale/OnvifDeviceManager#19", &strict{qop: "auth", form: c12 + `,qop="auth",nonce="%s", opaque="", stale="false"`}},
		{"digest with domain, and algorithm and stale in quotes", "Hikvision (maciej-or/hikvision_next#50)", &strict{qop: "auth", algorithm: "MD5", form: c12 + `, domain="::", qop="auth", nonce="%s", opaque="", algorithm="MD5", stale="FALSE"`}},
		{"digest that wants its cnonce in quotes", "Trendnet TV-IP302PI (ZoneMinder/zoneminder#691)", &strict{qop: "auth", algorithm: "MD5", form: c12 + `, nonce="%s", algorithm=MD5, qop="auth"`}},
		{"digest with auth-int too", "RFC 7616", &strict{algorithm: "MD5", qop: "auth-int,auth"}},
		{"digest, MD5-sess", "RFC 7616", &strict{algorithm: "MD5-sess", qop: "auth"}},
		{"digest, SHA-256", "RFC 7616", &strict{algorithm: "SHA-256", qop: "auth", opaque: "5ccc069c403ebaf9f0171e9517f40e41"}},
		{"digest, SHA-256-sess", "RFC 7616", &strict{algorithm: "SHA-256-sess", qop: "auth, auth-int"}},
		{"digest, SHA-512-256", "RFC 7616", &strict{algorithm: "SHA-512-256", qop: "auth"}},
		{"a nonce for one request", "RFC 7616; postmanlabs/httpbin#366 imitates it", &strict{algorithm: "SHA-256", qop: "auth", lifetime: 1}},
		{"a nonce for two requests, MD5-sess", "variation of the last", &strict{algorithm: "MD5-sess", qop: "auth", lifetime: 2}},
		{"a nonce that is stale without a word", "variation of the last", &strict{qop: "auth", lifetime: 1, silent: true}},
		{"Basic and several digests offered", "RFC 9110, 11.6.1 allows it", &strict{algorithm: "SHA-256", qop: "auth", besides: []string{`Basic realm="x", Digest realm="x", nonce="other", qop="auth"`, `Digest realm=x, nonce=y, algorithm=SHA3-256`}}},
		{"a digest besides that nobody can do", "variation of the last", &strict{qop: "auth", besides: []string{`Digest realm="x", nonce="other", qop="auth-int", algorithm=SHA-256`, "Negotiate YII==, Basic realm=x"}}},
	} {
		all = append(all, quirk{name: c.name, seen: c.seen, test: func(t *testing.T) {
			t.Parallel()
			server := httptest.NewServer(c.camera)
			defer server.Close()
			r := watch(t, web("http", server.Listener.Addr().String(), "/ISAPI/picture?channel=1&size=%22big%22&x=ü#interval=100ms"))
			r.awaitFrames(4)
			r.awaitState(camera.Live, "")
			c.camera.mu.Lock()
			defer c.camera.mu.Unlock()
			if len(c.camera.mistakes) > 0 || c.camera.asked != 1 {
				t.Errorf("%d requests without a password, mistakes %q", c.camera.asked, c.camera.mistakes)
			}
		}})
	}
	return append(all,
		quirk{name: "Basic alone, refused when sent unasked", seen: "Hikvision DS-2CD2132-I (koush/scrypted#891), JoshADC/hikvision_isapi#5", test: basicOnceAskedFor},
		quirk{name: "a wrong password", seen: "RFC 9110, 15.5.2", says: refusedPassword, test: wrongPassword},
		quirk{name: "no password in the address", seen: "OliverF/mjpeg-relay#16", says: noPassword, test: passwordMissing},
		quirk{name: "a password in an unknown way", seen: "RFC 4559", says: unknownScheme, test: func(t *testing.T) {
			sends(t, "HTTP/1.1 401 No\r\nWWW-Authenticate: NTLM\r\nWWW-Authenticate: Digest realm=x, nonce=y, algorithm=MD6\r\n\r\n", unknownScheme)
		}},
		quirk{name: "a password in no way", seen: "RFC 9110, 11.6.1 forbids it", says: noScheme, test: func(t *testing.T) {
			sends(t, "HTTP/1.1 401 No\r\n\r\n", noScheme)
		}},
		quirk{name: "Apache with mod_auth_digest and mod_auth_basic: right, wrong and no password, stale nonces", seen: "the real one, with AXIS cameras on it (GuilhermeC18/node-onvif#40)", test: TestApache, elsewhere: true},
	)
}

const (
	refusedPassword = "does not accept this user name and password"
	noPassword      = "wants a user name and a password"
	unknownScheme   = "asks for the password in a way that Traycam does not know: “ntlm, digest MD6”"
	noScheme        = "wants a password, but does not say in which way"
)

// still is a picture of w by 8 pixels.
func still(w int) []byte {
	var b bytes.Buffer
	if err := stdjpeg.Encode(&b, image.NewGray(image.Rect(0, 0, w, 8)), nil); err != nil {
		panic(err)
	}
	return b.Bytes()
}

var challenges = []string{
	`Basic realm="x"`,
	`Digest realm="x", nonce="y", qop="auth"`,
	`Digest realm="x", nonce="y", qop="auth", stale=true`,
}

// refusing is a camera that asks for a password and takes none.
func refusing(t *testing.T, challenge string) (address string, tries *atomic.Int32) {
	tries = new(atomic.Int32)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Authorization") != "" {
			tries.Add(1)
		}
		w.Header().Set("WWW-Authenticate", challenge)
		w.WriteHeader(http.StatusUnauthorized)
	}))
	t.Cleanup(server.Close)
	return server.Listener.Addr().String(), tries
}

func wrongPassword(t *testing.T) {
	for _, challenge := range challenges {
		address, tries := refusing(t, challenge)
		watch(t, web("http", address, "/")).awaitState(camera.Retrying, refusedPassword)
		if n := tries.Load(); n > 2 {
			t.Errorf("%s: a wrong password was sent %d times", challenge, n)
		}
	}
}

func passwordMissing(t *testing.T) {
	for _, challenge := range challenges {
		address, _ := refusing(t, challenge)
		watch(t, "http://"+address).awaitState(camera.Retrying, noPassword)
	}
}

func basicOnceAskedFor(t *testing.T) {
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
