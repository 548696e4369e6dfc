package camera

import (
	"bufio"
	"bytes"
	"io"
	"strings"
	"testing"
	"testing/iotest"
	"unicode"

	"traycam/streaming/fuzzed"
)

// FuzzAnswer: what an answer says does not depend on how it is read, and is
// never longer than what came.
func FuzzAnswer(f *testing.F) {
	for _, s := range []string{
		"HTTP/1.1 200 OK\r\nContent-Type: multipart/x-mixed-replace; boundary=x\r\n\r\n--x\r\n\r\n\xFF\xD8\xFF",
		"HTTP/1.0 401\nWWW-Authenticate: Basic\n no date\nContent-Length:  5 \n\nhello!",
		"HTTP/1.1 100 Continue\r\n\r\n\r\nHTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5;a=b\r\nhello\r\n0\r\n\r\n",
		"Server: cam\r\n--x\r\n",
		"HTTP/1.1 -01 less than nothing\r\n\r\n",
		"\xFF\xD8\xFF\xE0",
	} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, stream []byte) {
		fuzzed.Within(t)
		read := func(r io.Reader) (*answer, []byte, bool, error) {
			a, err := readAnswer(bufio.NewReaderSize(r, maxLine))
			if err != nil {
				return nil, nil, false, err
			}
			b := newBody(a)
			text, err := io.ReadAll(b)
			return a, text, b.complete(), err
		}
		a, text, complete, err := read(bytes.NewReader(stream))
		b, other, otherComplete, otherErr := read(iotest.OneByteReader(bytes.NewReader(stream)))
		if (err == nil) != (otherErr == nil) || err != nil && err.Error() != otherErr.Error() {
			t.Fatalf("errors differ: %v, by bytes %v", err, otherErr)
		}
		if (a == nil) != (b == nil) || !bytes.Equal(text, other) || complete != otherComplete {
			t.Fatalf("bodies differ: %q, by bytes %q", text, other)
		}
		if a == nil {
			return
		}
		if len(text) > len(stream) || a.code < 0 {
			t.Errorf("%d, %d bytes of %d", a.code, len(text), len(stream))
		}
		for name, values := range a.header {
			for _, s := range append(values, name, a.status) {
				if strings.ContainsFunc(s, func(c rune) bool { return c < ' ' && c != '\t' || c == 0x7F }) {
					t.Errorf("%q holds a control character", s)
				}
			}
		}
		v := &visit{webCamera: &webCamera{}}
		title, _ := pageTitle(text)
		if s := v.clean(title); len([]rune(s)) > 81 || strings.ContainsFunc(s, unicode.IsControl) {
			t.Errorf("people read %q", s)
		}
	})
}

// unlikely is a password that no camera says by chance.
const unlikely = "Zw9-unlikely-Zw9"

// FuzzChallenges: an answer to whatever a camera asks stays one line, and what
// is quoted in it reads back as what was asked.
func FuzzChallenges(f *testing.F) {
	for _, s := range []string{
		`Digest realm="a, b", nonce="x", qop="auth,auth-int", opaque="\"", algorithm=SHA-256-sess, stale=TRUE`,
		`Negotiate YII==, Basic realm=x, Digest nonce = y realm=z;algorithm="md5"`,
		`basic realm="`,
		`Digest nonce=,nonce="2",=,,"`,
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, line string) {
		fuzzed.Within(t)
		var left int = maxHead
		a := &answer{r: bufio.NewReaderSize(strings.NewReader(line+"\n"), maxLine)}
		line, err := a.line(&left)
		if err != nil {
			return
		}
		best, ok := strongest(parseChallenges([]string{line}))
		if !ok {
			return
		}
		l := &login{user: `m"e`, password: unlikely, challenge: best}
		header := l.header("/a?b")
		if strings.ContainsAny(header, "\r\n\x00") || strings.Contains(header, unlikely) {
			t.Fatalf("%q", header)
		}
		if !best.isDigest() {
			return
		}
		back := parseChallenges([]string{header})
		if len(back) != 1 || back[0].parameters["username"] != `m"e` {
			t.Fatalf("%q reads as %q", header, back)
		}
		for _, name := range []string{"realm", "nonce", "opaque", "algorithm"} {
			if got, want := back[0].parameters[name], best.parameters[name]; got != want {
				t.Errorf("%s is %q in %q, want %q", name, got, header, want)
			}
		}
	})
}

func TestDigestOfTheRFCs(t *testing.T) {
	rfc7616 := map[string]string{
		"realm": "http-auth@example.org", "nonce": "7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v", "qop": "auth, auth-int",
		"opaque": "FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS",
	}
	for _, c := range []struct{ algorithm, response string }{
		{"MD5", "8ca523f5e9506fed4657c9700eebdbec"},
		{"SHA-256", "753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1"},
	} {
		rfc7616["algorithm"] = c.algorithm
		l := &login{
			user: "Mufasa", password: "Circle of Life", challenge: challenge{"digest", rfc7616},
			cnonce: "f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ",
		}
		if got := l.header("/dir/index.html"); !strings.Contains(got, `response="`+c.response+`"`) || !strings.Contains(got, "nc=00000001") {
			t.Errorf("%s: %s", c.algorithm, got)
		}
	}
}
