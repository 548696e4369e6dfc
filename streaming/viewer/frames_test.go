package viewer_test

import (
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"

	"traycam/streaming/viewer"
)

// fakeIntake reads a body to its end, unless it refuses it.
type fakeIntake struct {
	key     string
	err     error
	took    string
	endless bool
}

func (f *fakeIntake) Opens(key string) bool { return f.key != "" && key == f.key }

func (f *fakeIntake) Take(body io.ReadCloser, endless bool) error {
	if f.err != nil {
		return f.err
	}
	b, err := io.ReadAll(body)
	f.took, f.endless = string(b), endless
	return err
}

func (r *rig) post(method, path, body string, headers ...string) *http.Response {
	r.t.Helper()
	return r.send(method, path, strings.NewReader(body), headers...)
}

func TestWhoMayPost(t *testing.T) {
	jpeg := []string{"Content-Type", "image/jpeg"}
	from := []string{"Content-Type", "image/jpeg", "X-Forwarded-For", "192.0.2.9"} // as a proxy passes it on
	for _, c := range []struct {
		what, method, path string
		headers            []string
		want               int
	}{
		{"one picture", "POST", "/cameras/front/frames", jpeg, 204},
		{"with PUT", "PUT", "/cameras/front/frames", jpeg, 204},
		{"without a type", "POST", "/cameras/front/frames", nil, 204},
		{"multipart", "POST", "/cameras/front/frames", []string{"Content-Type", "multipart/x-mixed-replace;boundary=--x--"}, 204},
		{"spelt otherwise", "POST", "/cameras/front/frames", []string{"Content-Type", " Image/JPEG ; q=1"}, 204},
		{"motion JPEG", "POST", "/cameras/front/frames", []string{"Content-Type", "video/x-motion-jpeg"}, 204},
		{"reading", "GET", "/cameras/front/frames", jpeg, 405},
		{"what browsers ask first", "OPTIONS", "/cameras/front/frames", jpeg, 405},
		{"no such camera", "POST", "/cameras/nobody/frames", jpeg, 404},
		{"another kind of camera", "POST", "/cameras/back/frames", jpeg, 409},
		{"another path", "POST", "/cameras/front/frames/1", jpeg, 405},
		{"a form", "POST", "/cameras/front/frames", []string{"Content-Type", "application/x-www-form-urlencoded"}, 415},
		{"another picture", "POST", "/cameras/front/frames", []string{"Content-Type", "image/png"}, 415},
		{"the page itself", "POST", "/cameras/front/frames", []string{"Host", "localhost:8090", "Origin", "http://localhost:8090", "Sec-Fetch-Site", "same-origin"}, 204},
		{"a page of strangers", "POST", "/cameras/front/frames", []string{"Origin", "http://evil.example"}, 403},
		{"a page without a name", "POST", "/cameras/front/frames", []string{"Origin", "null"}, 403},
		{"another port's page", "POST", "/cameras/front/frames", []string{"Host", "localhost:8090", "Origin", "http://localhost:3000"}, 403},
		{"across sites", "POST", "/cameras/front/frames", []string{"Sec-Fetch-Site", "cross-site"}, 403},
		{"a name of strangers", "POST", "/cameras/front/frames", []string{"Host", "evil.example"}, 403},
		{"from elsewhere", "POST", "/cameras/front/frames", from, 401},
		{"with the key", "POST", "/cameras/front/frames", append(from, "Authorization", "Bearer secretsecret"), 204},
		{"with the key in the address", "POST", "/cameras/front/frames?key=secretsecret", from, 204},
		{"with another key", "POST", "/cameras/front/frames", append(from, "Authorization", "bearer secretsecreT"), 401},
		{"with a wrong key from here", "POST", "/cameras/front/frames?key=x", jpeg, 401},
	} {
		r := newRig(t)
		intake := &fakeIntake{key: "secretsecret"}
		r.front.intake = intake
		response := r.post(c.method, c.path, "picture", c.headers...)
		words, err := io.ReadAll(response.Body)
		if response.StatusCode != c.want || err != nil {
			t.Errorf("%s: %d %s, %v, want %d", c.what, response.StatusCode, words, err, c.want)
		}
		if say := map[int]string{401: "Authorization: Bearer KEY", 415: "send Content-Type: image/jpeg"}[c.want]; !strings.Contains(string(words), say) {
			t.Errorf("%s: the sender reads %q", c.what, words)
		}
		if (c.want == 204) != (intake.took == "picture") {
			t.Errorf("%s: %q was taken", c.what, intake.took)
		}
		if c.want == 401 && !strings.HasPrefix(response.Header.Get("WWW-Authenticate"), "Bearer ") {
			t.Errorf("%s: WWW-Authenticate %q", c.what, response.Header.Get("WWW-Authenticate"))
		}
		if c.want == 405 && response.Header.Get("Allow") == "" {
			t.Errorf("%s: no Allow", c.what)
		}
	}
}

// A sender in the network has no key to be let off.
func TestPostFromTheNetwork(t *testing.T) {
	r := newRig(t)
	r.front.intake = &fakeIntake{}
	for from, want := range map[string]int{"127.0.0.1:5000": 204, "[::1]:5000": 204, "[::ffff:127.0.0.1]:5000": 204, "192.0.2.9:5000": 401, "": 401} {
		request := httptest.NewRequest("POST", "http://localhost/cameras/front/frames", strings.NewReader("picture"))
		request.RemoteAddr = from
		answer := httptest.NewRecorder()
		r.handler.ServeHTTP(answer, request)
		if answer.Code != want {
			t.Errorf("from %q: %d, want %d", from, answer.Code, want)
		}
	}
}

func TestPostsThatAreRefused(t *testing.T) {
	for _, c := range []struct {
		err   error
		want  int
		words string
	}{
		{viewer.RefusedStopped, 503, "switched off, or streaming was stopped"},
		{viewer.RefusedTooMany, 429, "At most 120 a second"},
		{viewer.RefusedSecond, 429, "Another program is sending pictures to this camera. End it first."},
		{viewer.RefusedNoPicture, 415, "no whole JPEG picture"},
		{viewer.RefusedTooLarge, 413, "at most 16 MiB"},
		{os.ErrDeadlineExceeded, 408, "Nothing came for 10 seconds."},
		{errors.New("cut off"), 400, "broke off"},
	} {
		r := newRig(t)
		r.front.intake = &fakeIntake{err: c.err}
		response := r.post("POST", "/cameras/front/frames", "picture")
		if response.StatusCode != c.want || (c.want == 503 || c.want == 429) != (response.Header.Get("Retry-After") != "") {
			t.Errorf("%v: %d %v", c.err, response.StatusCode, response.Header)
		}
		if words, err := io.ReadAll(response.Body); err != nil || !strings.Contains(string(words), c.words) {
			t.Errorf("%v: the sender reads %q, %v", c.err, words, err)
		}
	}
	r := newRig(t)
	r.front.intake = &fakeIntake{}
	r.stop()
	if response := r.post("POST", "/cameras/front/frames", "picture"); response.StatusCode != 503 || response.Header.Get("Retry-After") == "" {
		t.Errorf("stopped: %d", response.StatusCode)
	}
}

// What is sent without a length, or is very long, may have no end.
func TestEndlessPosts(t *testing.T) {
	r := newRig(t)
	for _, c := range []struct {
		kind    string
		body    io.Reader
		endless bool
	}{
		{"image/jpeg", strings.NewReader("picture"), false},
		{"multipart/form-data;boundary=x", strings.NewReader("picture"), false},
		{"multipart/x-mixed-replace;boundary=x", strings.NewReader("picture"), true},
		{"image/jpeg", io.MultiReader(strings.NewReader("picture")), true}, // chunked
		{"application/octet-stream", strings.NewReader(strings.Repeat("picture ", 3<<20)), true},
	} {
		intake := &fakeIntake{}
		r.front.intake = intake
		response, err := http.Post(r.url+"/cameras/front/frames", c.kind, c.body)
		if err != nil {
			t.Fatal(err)
		}
		response.Body.Close()
		if response.StatusCode != 204 || intake.endless != c.endless || !strings.HasPrefix(intake.took, "picture") {
			t.Errorf("%s: %d, endless %v", c.kind, response.StatusCode, intake.endless)
		}
	}
}
