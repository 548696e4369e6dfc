package main

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"traycam/faults"
	"traycam/streaming/viewer"
)

// wallClock are the places that take a time's monotonic reading away, after which setting the clock
// changes what is measured with it. None of them measures.
var wallClock = map[string]string{
	"app/configvalue.go":            "the end of a link, as people write it",
	"app/crashes.go":                "a file's name",
	"app/namedlinks.go":             "the end of a link",
	"discover/soap.go":              "the clock of a camera, and what is told to it",
	"logbook/handler.go":            "when a line was written, as people read it",
	"streaming/frame/frame.go":      "a picture's time, as programs read it",
	"streaming/picture/test.go":     "where the test picture's ball is",
	"streaming/viewer/frames.go":    "long ago, to end a read",
	"streaming/viewer/sharepage.go": "the end of a link, as people read it",
	"streaming/viewer/state.go":     "a picture's time, as programs read it",
	"streaming/viewer/websocket.go": "the time now, for the page",
	"ui/commands.go":                "a file's name",
	"ui/links.go":                   "the end of a link, as people read it",
}

var takesReading = regexp.MustCompile(`\.(Unix|UnixNano|UnixMilli|UnixMicro|UTC|Local|In|Round|Truncate|AddDate)\((0|time\.\w+)?\)|time\.(Date|Unix|UnixMilli|Parse|ParseInLocation)\(`)

// Pauses, time-outs and rates are measured by what does not change when the clock is set; the ends of links are not.
func TestFaultClockIsSet(t *testing.T) {
	places, searched := 0, 0
	err := filepath.WalkDir(".", func(path string, d fs.DirEntry, err error) error {
		path = filepath.ToSlash(path)
		switch {
		case err != nil:
			return err
		case d.IsDir() && (path == "bench" || path == "build" || d.Name() == "rtsptest" || len(path) > 1 && strings.HasPrefix(d.Name(), ".")):
			return fs.SkipDir
		case d.IsDir() || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go"):
			return nil
		}
		searched++
		text, err := os.ReadFile(path)
		if found := takesReading.FindAll(text, -1); len(found) > 0 {
			places += len(found)
			if wallClock[path] == "" {
				t.Errorf("%s: %q: what is measured with it changes when the clock is set", path, found)
			}
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	end := time.Now().Add(time.Hour)
	access := viewer.Access{Links: []viewer.Link{{Token: "grandmagrandma1234", Expires: end}}}
	for shift, want := range map[time.Duration]bool{-24 * time.Hour: true, 0: true, 24 * time.Hour: false} {
		if _, lets := access.Lets("/v/grandmagrandma1234/", time.Now().Add(shift).Round(0)); lets != want {
			t.Errorf("with the clock set by %v the link lets in: %v", shift, lets)
		}
	}
	faults.Held(t, "the clock is set", "%d places in %d files follow the clock, and none of them measures; a link ends and comes back with it", places, searched)
}
