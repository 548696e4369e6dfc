package logbook_test

import (
	"net/url"
	"strings"
	"testing"

	"traycam/logbook"
)

func TestScrub(t *testing.T) {
	for in, want := range map[string]string{
		"":                           "",
		"nothing to hide":            "nothing to hide",
		"tcp://10.0.0.7:8888":        "tcp://10.0.0.7:8888",
		"http://localhost:8090/ a@b": "http://localhost:8090/ a@b",
		"http://h:80, ask a@b":       "http://h:80, ask a@b",
		"tcp://[::1]:8888 and a@b":   "tcp://[::1]:8888 and a@b",
		"rtsp://admin@cam/1":         "rtsp://admin@cam/1",
		"a=b monkeys=3 keys=4":       "a=b monkeys=3 keys=4",

		"rtsp://admin:secret@cam:554/1":                "rtsp://admin:…@cam:554/1",
		"RTSP://admin:secret@cam":                      "RTSP://admin:…@cam",
		"http://:secret@cam/":                          "http://:…@cam/",
		"http://admin:s%40c@cam/ then rtsp://u:p@c":    "http://admin:…@cam/ then rtsp://u:…@c",
		"rtsp://admin:p@ss/w?o#rd@cam/1":               "rtsp://admin:…@cam/1",
		"rtsp://admin:12/34@cam/1":                     "rtsp://admin:…@cam/1",
		`parse "rtsp://admin:two words@cam/": no`:      `parse "rtsp://admin:…@cam/": no`,
		`err="dial \"rtsp://u:p\\\"q@cam/\": timeout"`: `err="dial \"rtsp://u:…@cam/\": timeout"`,

		"http://cam/?key=abc&x=1":              "http://cam/?key=…&x=1",
		"http://cam/?x=1&token=abc done":       "http://cam/?x=1&token=… done",
		"api_key=abc ACCESS_TOKEN=def":         "api_key=… ACCESS_TOKEN=…",
		"/cgi?user=admin&pwd=a,b;c)&loginpas=": "/cgi?user=admin&pwd=…&loginpas=",
		`password="two \" words" next=1`:       `password="…" next=1`,
		`err="it has token=\"two words\" in"`:  `err="it has token=\"…\" in"`,
		`token=""`:                             `token="…"`,

		"http://host:8090/v/abc/cam/door": "http://host:8090/v/…/cam/door",
		"http://host:8090/v/abc":          "http://host:8090/v/…",
		`url="http://h/v/abc?x=1"`:        `url="http://h/v/…?x=1"`,
		"http://h/v/abc/v/def/":           "http://h/v/…/v/…/",
		"http://u:p@h/v/abc/?token=def":   "http://u:…@h/v/…/?token=…",
	} {
		got := logbook.Scrub(in)
		if got != want {
			t.Errorf("%s\nbecomes %s\nand not %s", in, got, want)
		}
		if again := logbook.Scrub(got); again != got {
			t.Errorf("%s\nbecomes %s\nand then %s", in, got, again)
		}
	}
}

// FuzzScrub holds it to hiding any password that stands in a URL as it should.
func FuzzScrub(f *testing.F) {
	for _, s := range []string{"p", "two words", "@:/?#%ü", `"\`, "12/34"} {
		f.Add("before ", s, " after")
	}
	f.Fuzz(func(t *testing.T, before, password, after string) {
		const secret = "S3CR3T"
		user := url.UserPassword("admin", secret+password+secret).String()
		if got := logbook.Scrub(before + "rtsp://" + user + "@cam/1 " + after); strings.Contains(got, secret) && !strings.Contains(before+after, secret) {
			t.Errorf("it shows in %q", got)
		}
	})
}
