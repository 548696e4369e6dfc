package app

import (
	"net/url"
	"strings"
	"testing"
)

func TestSplitPassword(t *testing.T) {
	for _, c := range []struct{ in, without, password string }{
		{"rtsp://admin:secret@10.0.0.7:554/1", "rtsp://admin@10.0.0.7:554/1", "secret"},
		{"http://admin:secret@cam", "http://admin@cam", "secret"},
		{"HTTPS://Admin:Secret@Cam/?a=b@c:d", "HTTPS://Admin@Cam/?a=b@c:d", "Secret"},
		{"rtsp://:secret@cam/", "rtsp://@cam/", "secret"},
		{"rtsp://a%40b:p%3A%2f%C3%BC+%20@cam/", "rtsp://a%40b@cam/", "p:/ü+ "},
		{"rtsp://admin:p@ss:w%rd@cam/", "rtsp://admin@cam/", "p@ss:w%rd"},
		{"rtsp://admin:s@[fe80::1%25eth0]:554/", "rtsp://admin@[fe80::1%25eth0]:554/", "s"},
		{"rtsp://admin:@cam/", "rtsp://admin@cam/", ""},
		// These stay to the letter.
		{"rtsp://admin@cam/", "rtsp://admin@cam/", ""},
		{"rtsp://cam:554/a:b@c", "rtsp://cam:554/a:b@c", ""},
		{"http://cam?x=a:b@c", "http://cam?x=a:b@c", ""},
		{"tcp://10.0.0.7:8888", "tcp://10.0.0.7:8888", ""},
		{"tcp://a:b@c:1", "tcp://a:b@c:1", ""},
		{"test:?size=1x1", "test:?size=1x1", ""},
		{"%zz://", "%zz://", ""},
		{"", "", ""},
	} {
		if without, password := splitPassword(c.in); without != c.without || password != c.password {
			t.Errorf("%s is split into %s and %q", c.in, without, password)
		}
	}
	for _, c := range []struct{ in, password, want string }{
		{"rtsp://admin@cam/1", "a b@:/?#%ü", "rtsp://admin:a%20b%40%3A%2F%3F%23%25%C3%BC@cam/1"},
		{"rtsp://admin:old@cam/1", "new", "rtsp://admin:new@cam/1"},
		{"rtsp://admin:old@cam/1", "", "rtsp://admin:old@cam/1"},
		{"rtsp://cam/1", "secret", "rtsp://cam/1"},
		{"test:", "secret", "test:"},
	} {
		if got := withPassword(c.in, c.password); got != c.want {
			t.Errorf("%s with %q is %s", c.in, c.password, got)
		}
	}
}

// FuzzPassword holds both to each other, and to net/url.
func FuzzPassword(f *testing.F) {
	for _, password := range []string{"secret", "@", ":", "/", "?", "#", "%", "%41", "ü", " two words ", "+", "a@b:c/d?e#f%g", "\\\"'`$", "\x00\n", "\xff", "&=;,", "日本"} {
		f.Add("admin", password, "/stream?channel=1")
		f.Add("a:b@c", password, "")
	}
	f.Fuzz(func(t *testing.T, user, password, path string) {
		if password == "" || strings.ContainsAny(path, "%?#") || path != "" && path[0] != '/' {
			return
		}
		for _, scheme := range []string{"http", "https", "rtsp"} {
			whole := url.URL{Scheme: scheme, User: url.UserPassword(user, password), Host: "10.0.0.7:554", Path: path}
			bare := url.URL{Scheme: scheme, User: url.User(user), Host: whole.Host, Path: path}
			without, got := splitPassword(whole.String())
			if got != password {
				t.Errorf("from %s comes %q and not %q", &whole, got, password)
			}
			if user != "" && without != bare.String() {
				t.Errorf("what is left is %s and not %s", without, &bare)
			}
			if again := withPassword(without, password); again != whole.String() {
				t.Errorf("it becomes %s and not %s", again, &whole)
			}
		}
	})
}
