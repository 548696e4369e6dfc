package discover

import (
	"crypto/md5"
	"crypto/sha1"
	"encoding/base64"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"traycam/sentence"
)

// onvifCamera answers as a maker's camera does. It checks what it is sent by the
// standards' formulas, not by Traycam's code.
type onvifCamera struct {
	t              *testing.T
	user, password string        // empty: it asks for none
	httpDigest     bool          // it asks by HTTP in place of WS-UsernameToken
	clock          time.Time     // zero: it tells none
	shift          time.Duration // from this computer's clock to what it holds for true
	answers        map[string]string
	status         map[string]int

	asked   []string // Owned by the server until it is closed.
	headers []http.Header
}

type askedEnvelope struct {
	Token struct {
		Username, Nonce, Created string
		Password                 struct {
			Type  string `xml:"Type,attr"`
			Value string `xml:",chardata"`
		}
	} `xml:"Header>Security>UsernameToken"`
	Body struct {
		Inner string                     `xml:",innerxml"`
		Asked struct{ XMLName xml.Name } `xml:",any"`
	}
}

func (c *onvifCamera) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	sent, _ := io.ReadAll(r.Body)
	var e askedEnvelope
	if err := xml.Unmarshal(sent, &e); err != nil {
		c.t.Errorf("%v in %s", err, sent)
	}
	if strings.Contains(string(sent), c.password) && c.password != "" {
		c.t.Errorf("the password was sent: %s", sent)
	}
	what := e.Body.Asked.XMLName.Local
	c.asked, c.headers = append(c.asked, what), append(c.headers, r.Header)
	w.Header().Set("Content-Type", "application/soap+xml; charset=utf-8")
	if c.user != "" && what != "GetSystemDateAndTime" && !c.allows(w, r, e) {
		return
	}
	text, known := c.answers[what]
	if what == "GetSystemDateAndTime" && !known && !c.clock.IsZero() {
		text = fmt.Sprintf(`<tds:GetSystemDateAndTimeResponse><tds:SystemDateAndTime><tt:UTCDateTime>`+
			`<tt:Time><tt:Hour>%d</tt:Hour><tt:Minute>%d</tt:Minute><tt:Second>%d</tt:Second></tt:Time>`+
			`<tt:Date><tt:Year>%d</tt:Year><tt:Month>%d</tt:Month><tt:Day>%d</tt:Day></tt:Date>`+
			`</tt:UTCDateTime></tds:SystemDateAndTime></tds:GetSystemDateAndTimeResponse>`,
			c.clock.Hour(), c.clock.Minute(), c.clock.Second(), c.clock.Year(), c.clock.Month(), c.clock.Day())
	} else if !known {
		c.fault(w, 400, "ter:ActionNotSupported", "Optional Action Not Implemented")
		return
	}
	if s := c.status[what]; s != 0 {
		w.WriteHeader(s)
	}
	fmt.Fprintf(w, `<?xml version="1.0" encoding="utf-8"?><s:Envelope xmlns:s="http://www.w3.org/2003/05/soap-envelope" `+
		`xmlns:tds="http://www.onvif.org/ver10/device/wsdl" xmlns:trt="http://www.onvif.org/ver10/media/wsdl" xmlns:tt="http://www.onvif.org/ver10/schema">`+
		`<s:Header/><s:Body>%s</s:Body></s:Envelope>`, strings.NewReplacer("HOST", r.Host, ":PORT", strings.TrimPrefix(r.Host, "127.0.0.1")).Replace(text))
}

// allows checks the password, and refuses in the answer where it is wrong.
func (c *onvifCamera) allows(w http.ResponseWriter, r *http.Request, e askedEnvelope) bool {
	if c.httpDigest {
		if !c.digestIsRight(r) {
			w.Header().Set("WWW-Authenticate", `Digest realm="IP Camera(C1234)", nonce="6d7a51326b4e", qop="auth", algorithm=MD5, opaque="5ccc"`)
			w.WriteHeader(http.StatusUnauthorized)
			return false
		}
		return true
	}
	created, err := time.Parse("2006-01-02T15:04:05.000Z", e.Token.Created)
	if c.user != e.Token.Username {
		c.fault(w, 400, "ter:NotAuthorized", "Sender not Authorized")
		return false
	}
	if now := time.Now().Add(c.shift); err != nil || created.Sub(now).Abs() > 30*time.Second {
		c.fault(w, 500, "wsse:FailedAuthentication", "Wsse authorized time check failed.")
		return false
	}
	nonce, err := base64.StdEncoding.DecodeString(e.Token.Nonce)
	if err != nil || len(nonce) < 8 {
		c.t.Errorf("nonce %q: %v", e.Token.Nonce, err)
	}
	// Base64(SHA-1(nonce + created + password)): UsernameToken Profile 1.0, 3.1.
	sum := sha1.Sum([]byte(string(nonce) + e.Token.Created + c.password))
	if e.Token.Password.Type != "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-username-token-profile-1.0#PasswordDigest" {
		c.t.Errorf("type %q", e.Token.Password.Type)
	}
	if e.Token.Password.Value != base64.StdEncoding.EncodeToString(sum[:]) {
		c.fault(w, 400, "ter:NotAuthorized", "Sender not Authorized")
		return false
	}
	return true
}

func (c *onvifCamera) digestIsRight(r *http.Request) bool {
	p := map[string]string{}
	given, isDigest := strings.CutPrefix(r.Header.Get("Authorization"), "Digest ")
	for _, part := range strings.Split(given, ", ") {
		k, v, _ := strings.Cut(part, "=")
		p[k] = strings.Trim(v, `"`)
	}
	sum := func(s string) string { return fmt.Sprintf("%x", md5.Sum([]byte(s))) }
	ha1, ha2 := sum(c.user+":IP Camera(C1234):"+c.password), sum("POST:"+r.URL.RequestURI())
	return isDigest && p["uri"] == r.URL.RequestURI() && p["response"] == sum(ha1+":6d7a51326b4e:"+p["nc"]+":"+p["cnonce"]+":auth:"+ha2)
}

func (c *onvifCamera) fault(w http.ResponseWriter, status int, code, reason string) {
	w.WriteHeader(status)
	fmt.Fprintf(w, `<env:Envelope xmlns:env="http://www.w3.org/2003/05/soap-envelope"><env:Body><env:Fault><env:Code><env:Value>env:Sender</env:Value>`+
		`<env:Subcode><env:Value>%s</env:Value></env:Subcode></env:Code><env:Reason><env:Text xml:lang="en">%s</env:Text></env:Reason></env:Fault></env:Body></env:Envelope>`, code, reason)
}

// found serves the camera, and is how it was found.
func (c *onvifCamera) found(t *testing.T) Found {
	c.t = t
	s := httptest.NewServer(c)
	t.Cleanup(s.Close)
	return Found{Host: "127.0.0.1", ONVIF: true, URL: s.URL + "/onvif/device_service"}
}

const (
	capabilities = `<tds:GetCapabilitiesResponse><tds:Capabilities><tt:Media><tt:XAddr>http://HOST/onvif/Media</tt:XAddr></tt:Media></tds:Capabilities></tds:GetCapabilitiesResponse>`
	snapshot     = `<trt:GetSnapshotUriResponse><trt:MediaUri><tt:Uri>http://HOST/snap.jpg</tt:Uri></trt:MediaUri></trt:GetSnapshotUriResponse>`
	stream       = `<trt:GetStreamUriResponse><trt:MediaUri><tt:Uri>rtsp://192.168.1.108:554/live?a=1&amp;b=2</tt:Uri></trt:MediaUri></trt:GetStreamUriResponse>`
	profiles     = `<trt:GetProfilesResponse><trt:Profiles token="p0" fixed="true"><tt:Name>main</tt:Name><tt:VideoEncoderConfiguration token="e0"><tt:Name>e</tt:Name>` +
		`<tt:Encoding>H264</tt:Encoding><tt:Resolution><tt:Width>2560</tt:Width><tt:Height>1440</tt:Height></tt:Resolution></tt:VideoEncoderConfiguration></trt:Profiles></trt:GetProfilesResponse>`
)

func TestStreams(t *testing.T) {
	far := time.Date(2011, 2, 3, 4, 5, 6, 0, time.UTC)
	usual := map[string]string{"GetCapabilities": capabilities, "GetProfiles": profiles, "GetStreamUri": stream, "GetSnapshotUri": snapshot}
	main := Stream{"main", 2560, 1440, "H264", "rtsp://127.0.0.1:554/live?a=1&b=2", "http://HOST/snap.jpg"}
	but := func(changes ...string) map[string]string {
		m := map[string]string{}
		for k, v := range usual {
			m[k] = v
		}
		for i := 0; i < len(changes); i += 2 {
			if m[changes[i]] = changes[i+1]; changes[i+1] == "" {
				delete(m, changes[i])
			}
		}
		return m
	}
	for _, test := range []struct {
		name           string
		camera         onvifCamera
		user, password string
		want           []Stream
		err            string // of it
		wantsPassword  bool
	}{
		{name: "no password", camera: onvifCamera{answers: usual}, want: []Stream{main}},
		{
			name: "Hikvision: no prefixes, and a JPEG profile that comes first",
			camera: onvifCamera{user: "admin", password: `p<&"ä`, clock: time.Now(), answers: but("GetProfiles", `<GetProfilesResponse xmlns="http://www.onvif.org/ver10/media/wsdl">`+
				`<Profiles token="Profile_1" fixed="true"><Name xmlns="http://www.onvif.org/ver10/schema">mainStream</Name><VideoSourceConfiguration xmlns="http://www.onvif.org/ver10/schema">`+
				`<Name>VideoSourceConfig</Name><Bounds x="0" y="0" width="640" height="480"></Bounds></VideoSourceConfiguration><VideoEncoderConfiguration xmlns="http://www.onvif.org/ver10/schema">`+
				`<Name>VideoEncoder_1</Name><Encoding>H264</Encoding><Resolution><Width>2560</Width><Height>1440</Height></Resolution></VideoEncoderConfiguration></Profiles>`+
				`<Profiles token="Profile_3"><Name xmlns="http://www.onvif.org/ver10/schema">third</Name><VideoEncoderConfiguration xmlns="http://www.onvif.org/ver10/schema">`+
				`<Encoding>JPEG</Encoding><Resolution><Width>640</Width><Height>480</Height></Resolution></VideoEncoderConfiguration></Profiles></GetProfilesResponse>`)},
			user: "admin", password: `p<&"ä`,
			want: []Stream{
				{"third", 640, 480, "JPEG", main.URL, main.Snapshot},
				{"mainStream", 2560, 1440, "H264", main.URL, main.Snapshot},
			},
		},
		{
			name: "Dahua: its clock is years behind, and a profile has no encoding",
			camera: onvifCamera{user: "admin", password: "secret", clock: far, shift: time.Until(far), answers: but("GetProfiles", `<trt:GetProfilesResponse><trt:Profiles token="MediaProfile00000" fixed="true"><tt:Name>MediaProfile_Channel1_MainStream</tt:Name>`+
				`<tt:VideoEncoderConfiguration token="00000"><tt:Name>x</tt:Name><tt:UseCount>1</tt:UseCount></tt:VideoEncoderConfiguration></trt:Profiles></trt:GetProfilesResponse>`)},
			user: "admin", password: "secret",
			want: []Stream{{"MediaProfile_Channel1_MainStream", 0, 0, "", main.URL, main.Snapshot}},
		},
		{
			name:   "TP-Link: no snapshots, the stream at 0.0.0.0",
			camera: onvifCamera{user: "eva", password: "secret", clock: time.Now(), answers: but("GetSnapshotUri", "", "GetStreamUri", strings.ReplaceAll(stream, "192.168.1.108", "0.0.0.0"))},
			user:   "eva", password: "secret",
			want: []Stream{{"main", 2560, 1440, "H264", main.URL, ""}},
		},
		{
			name: "Reolink: HTTP Digest, services in place of capabilities",
			camera: onvifCamera{user: "admin", password: "secret", httpDigest: true, answers: but("GetCapabilities", "", "GetServices", `<tds:GetServicesResponse><tds:Service><tds:Namespace>http://www.onvif.org/ver20/media/wsdl</tds:Namespace><tds:XAddr>http://HOST/no</tds:XAddr></tds:Service>`+
				`<tds:Service><tds:Namespace>http://www.onvif.org/ver10/media/wsdl</tds:Namespace><tds:XAddr>http://10.9.9.9:PORT/onvif/media?x=1</tds:XAddr></tds:Service></tds:GetServicesResponse>`)},
			user: "admin", password: "secret",
			want: []Stream{main},
		},
		{
			name:   "a camera that tells neither clock nor services, and answers with 500",
			camera: onvifCamera{user: "admin", password: "secret", answers: but("GetCapabilities", ""), status: map[string]int{"GetSnapshotUri": 500}},
			user:   "admin", password: "secret",
			want: []Stream{{"main", 2560, 1440, "H264", main.URL, ""}},
		},
		{name: "it wants a password", camera: onvifCamera{user: "admin", password: "secret", answers: usual}, err: "wants a user name and a password", wantsPassword: true},
		{name: "it wants one by HTTP", camera: onvifCamera{user: "admin", password: "secret", httpDigest: true, answers: usual}, err: "wants a user name and a password", wantsPassword: true},
		{name: "the wrong one", camera: onvifCamera{user: "admin", password: "right", clock: time.Now(), answers: usual}, user: "admin", password: "mistaken", err: "does not accept", wantsPassword: true},
		{name: "the wrong one by HTTP", camera: onvifCamera{user: "admin", password: "right", httpDigest: true, answers: usual}, user: "admin", password: "mistaken", err: "does not accept", wantsPassword: true},
		{name: "a clock that it does not tell", camera: onvifCamera{user: "admin", password: "mistaken", shift: time.Hour, answers: usual}, user: "admin", password: "mistaken", err: "its clock is wrong"},
		{name: "no stream", camera: onvifCamera{answers: but("GetStreamUri", "", "GetSnapshotUri", "")}, err: "tells no stream"},
		{name: "streams that are no addresses of streams", camera: onvifCamera{answers: but("GetStreamUri", strings.ReplaceAll(stream, "rtsp", "file"), "GetSnapshotUri", strings.ReplaceAll(snapshot, "http", "ffmpeg"))}, err: "tells no stream"},
		{
			name:   "it says the password back",
			camera: onvifCamera{user: "admin", password: "mistaken", clock: time.Now(), answers: but("GetProfiles", `<s:Fault><faultcode>x</faultcode><faultstring>not for mistaken</faultstring></s:Fault>`)},
			user:   "admin", password: "mistaken", err: "it answered “x not for …”",
		},
		{name: "no SOAP", camera: onvifCamera{answers: usual, status: map[string]int{"GetProfiles": 302}}, err: "does not speak ONVIF"},
	} {
		t.Run(test.name, func(t *testing.T) {
			c := &test.camera
			f := c.found(t)
			got, err := Streams(t.Context(), f, test.user, test.password)
			u, _ := url.Parse(f.URL)
			for i := range test.want {
				test.want[i].Snapshot = strings.ReplaceAll(test.want[i].Snapshot, "HOST", u.Host)
			}
			if !slices.Equal(got, test.want) {
				t.Errorf("%+v\nwant %+v", got, test.want)
			}
			if said := errorText(err); (said == "") != (test.err == "") || !strings.Contains(said, test.err) || strings.Contains(said, "mistaken") {
				t.Errorf("error %q, want %q", said, test.err)
			}
			if errors.Is(err, ErrPassword) != test.wantsPassword {
				t.Errorf("a password would help: %v", !test.wantsPassword)
			}
			for i, h := range c.headers {
				if basic := h.Get("Authorization"); strings.HasPrefix(basic, "Basic") {
					t.Errorf("%s: the password was told: %s", c.asked[i], basic)
				}
			}
		})
	}
}

func errorText(err error) string {
	if err == nil {
		return ""
	}
	return sentence.Of(err)
}

// Nobody else is asked, whoever the camera sends Traycam to.
func TestStreamsStayOnTheHost(t *testing.T) {
	other := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { t.Errorf("somebody else was asked: %s", r.URL) }))
	defer other.Close()
	away := strings.Replace(other.URL, "127.0.0.1", "localhost", 1)
	redirects := httptest.NewServer(http.RedirectHandler(away, http.StatusTemporaryRedirect))
	defer redirects.Close()
	_, err := Streams(t.Context(), Found{Host: "127.0.0.1", ONVIF: true, URL: redirects.URL}, "eva", "secret")
	if said := errorText(err); !strings.Contains(said, "does not speak ONVIF") {
		t.Errorf("after a redirect: %q", said)
	}
	if _, err := Streams(t.Context(), Found{Host: "10.0.0.7", ONVIF: true, URL: other.URL}, "eva", "secret"); err == nil {
		t.Error("another host was asked than the one that was found")
	}
}

// An answer without end ends.
func TestStreamsAreBounded(t *testing.T) {
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		io.WriteString(w, "<s:Envelope><s:Body>")
		for i := 0; i < 64 && r.Context().Err() == nil; i++ {
			w.Write([]byte(strings.Repeat("<a>", 1<<16)))
		}
	}))
	defer s.Close()
	if _, err := Streams(t.Context(), Found{Host: "127.0.0.1", ONVIF: true, URL: s.URL}, "", ""); err == nil {
		t.Error("it made sense")
	}
}

func TestStreamsFromNobody(t *testing.T) {
	s := httptest.NewServer(nil)
	s.Close()
	_, err := Streams(t.Context(), Found{Host: "127.0.0.1", ONVIF: true, URL: s.URL}, "", "")
	if said := errorText(err); !strings.Contains(said, "Is it still on?") {
		t.Error(said)
	}
}
