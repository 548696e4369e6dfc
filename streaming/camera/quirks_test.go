package camera_test

import (
	"bytes"
	"flag"
	"fmt"
	"os"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
)

// results is where "make quirks" wants to read what came of each quirk; the
// table in docs/cameras.md is written, too.
var results = flag.String("quirks", "", "write docs/cameras.md, and what came of each quirk to this `file`")

// A quirk is a way in which real cameras are odd.
type quirk struct {
	name string
	// seen is where. OWNER/REPOSITORY#NUMBER is an issue or a pull request on
	// GitHub, source:OWNER/REPOSITORY:PATH a file there.
	seen      string
	says      string // what people are told; "": the camera's pictures come
	test      func(*testing.T)
	elsewhere bool // test is run on its own as well: "make test" need not do it twice
}

// areas are all the quirks.
var areas = []struct {
	title  string
	quirks func() []quirk
}{
	{"Streams over HTTP", streamQuirks},
	{"Still pictures over HTTP", stillQuirks},
	{"Passwords", passwordQuirks},
	{"HTTPS and redirects", elsewhereQuirks},
	{"One viewer at a time", loneQuirks},
	{"No pictures", pictureless},
	{"The JPEGs themselves, and TCP", jpegQuirks},
	{"RTSP", rtspQuirks},
}

func TestQuirks(t *testing.T) {
	var mu sync.Mutex
	outcome := map[string]string{} // by area and name
	t.Cleanup(func() {
		if *results != "" {
			writeFile(t, *results, tableWith(outcome))
		}
	})
	for _, area := range areas {
		t.Run(area.title, func(t *testing.T) {
			for _, q := range area.quirks() {
				if q.elsewhere && *results == "" {
					continue
				}
				t.Run(q.name, func(t *testing.T) {
					t.Cleanup(func() {
						mu.Lock()
						defer mu.Unlock()
						switch {
						case t.Failed():
							outcome[area.title+q.name] = "FAILED"
						case t.Skipped():
							outcome[area.title+q.name] = "skipped"
						default:
							outcome[area.title+q.name] = "as promised"
						}
					})
					q.test(t)
				})
			}
		})
	}
}

const (
	docs   = "../../docs/cameras.md"
	marker = "<!-- From here on written by make quirks. -->\n"
)

// The table in docs/cameras.md is that of the tests, and says of each quirk
// where it was seen.
func TestQuirksAreDocumented(t *testing.T) {
	names := map[string]bool{}
	for _, area := range areas {
		for _, q := range area.quirks() {
			if key := area.title + q.name; names[key] || q.name == "" || q.seen == "" || q.test == nil {
				t.Errorf("%s: %q is there twice, or says not where it was seen, or has no test", area.title, q.name)
			} else {
				names[key] = true
			}
		}
	}
	now, err := os.ReadFile(docs)
	if err != nil {
		t.Fatal(err)
	}
	written, _, found := bytes.Cut(now, []byte(marker))
	if !found {
		t.Fatalf("%s has no line %q", docs, marker)
	}
	want := slices.Concat(written, []byte(marker+markdown()))
	switch {
	case bytes.Equal(now, want):
	case *results != "":
		writeFile(t, docs, string(want))
	default:
		t.Errorf("%s is not what the tests say; \"make quirks\" writes it", docs)
	}
}

func writeFile(t *testing.T, name, text string) {
	t.Helper()
	if err := os.WriteFile(name, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}

// markdown is the table for docs/cameras.md.
func markdown() string {
	var b strings.Builder
	for _, area := range areas {
		fmt.Fprintf(&b, "\n### %s\n\n| what the camera does | seen at | what comes |\n| --- | --- | --- |\n", area.title)
		for _, q := range area.quirks() {
			comes := "pictures"
			if q.says != "" {
				comes = "“" + q.says + "”"
			}
			fmt.Fprintf(&b, "| %s | %s | %s |\n", cell(q.name), linked(cell(q.seen)), cell(comes))
		}
	}
	return b.String()
}

// tableWith is the table for a terminal, with what came of each quirk.
func tableWith(outcome map[string]string) string {
	var b strings.Builder
	for _, area := range areas {
		fmt.Fprintf(&b, "%s\n", area.title)
		for _, q := range area.quirks() {
			came := outcome[area.title+q.name]
			if came == "" {
				came = "not run"
			}
			fmt.Fprintf(&b, "  %s · %s · %s\n", q.name, strings.ReplaceAll(q.seen, "source:", ""), came)
		}
	}
	return b.String()
}

func cell(s string) string { return strings.ReplaceAll(s, "|", `\|`) }

var (
	issue  = regexp.MustCompile(`([\w.-]+)/([\w.-]+)#(\d+)`)
	source = regexp.MustCompile(`source:([\w./-]+):([\w./-]+)`)
)

// linked makes links of the references in s. GitHub leads from an issue's
// address to the pull request's of that number.
func linked(s string) string {
	s = issue.ReplaceAllString(s, "[$2#$3](https://github.com/$1/$2/issues/$3)")
	return source.ReplaceAllString(s, "[its source](https://github.com/$1/blob/HEAD/$2)")
}
