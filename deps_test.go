package main

import (
	"encoding/json"
	"errors"
	"io"
	"os/exec"
	"slices"
	"strings"
	"testing"
)

// arrows are the imports inside the project that are allowed: the picture of the
// house in ARCHITECTURE.md, enforced. A folder that is not here imports nothing.
var arrows = map[string][]string{
	"traycam":                  {"app", "assets", "logbook", "sentence", "ui"},
	"traycam/app":              {"discover", "logbook", "sentence", "streaming", "streaming/camera", "streaming/frame", "streaming/hub"},
	"traycam/discover":         {"sentence", "streaming/camera"}, // of camera its HTTP Digest
	"traycam/ui":               {"app", "assets", "logbook", "sentence", "streaming/camera", "streaming/frame", "ui/fynelog"},
	"traycam/streaming":        {"streaming/camera", "streaming/frame", "streaming/hub", "streaming/picture", "streaming/viewer"},
	"traycam/streaming/camera": {"sentence", "streaming/frame", "streaming/jpeg", "streaming/picture", "streaming/tcp"},
	"traycam/streaming/viewer": {"streaming/frame", "streaming/tcp"},
}

// never are packages from outside that a folder may not import.
var never = map[string][]string{
	"traycam/streaming":         {"fyne.io/", "rsc.io/"},
	"traycam/streaming/camera":  {"fyne.io/", "rsc.io/"},
	"traycam/streaming/viewer":  {"fyne.io/"},
	"traycam/app":               {"fyne.io/", "rsc.io/"}, // QR codes are for those who draw
	"traycam/discover":          {"fyne.io/", "rsc.io/"},
	"traycam/ui":                {"net", "net/http", "os"},
	"traycam/logbook":           {"."},
	"traycam/sentence":          {"."},
	"traycam/streaming/jpeg":    {"."}, // anything with a dot: the standard library only
	"traycam/streaming/frame":   {"."},
	"traycam/streaming/hub":     {"."},
	"traycam/streaming/fuzzed":  {"."},
	"traycam/streaming/picture": {"fyne.io/"},
}

func TestArrows(t *testing.T) {
	for _, tags := range []string{"", "headless"} {
		out, err := exec.Command("go", "list", "-tags", tags, "-json=ImportPath,Imports", "./...").Output()
		if err != nil {
			t.Fatal(err)
		}
		decoder := json.NewDecoder(strings.NewReader(string(out)))
		for {
			var p struct {
				ImportPath string
				Imports    []string
			}
			if err := decoder.Decode(&p); errors.Is(err, io.EOF) {
				break
			} else if err != nil {
				t.Fatal(err)
			}
			for _, imported := range p.Imports {
				check(t, p.ImportPath, imported)
			}
		}
	}
}

func check(t *testing.T, from, to string) {
	if inside, ok := strings.CutPrefix(to, "traycam/"); ok {
		if !slices.Contains(arrows[from], inside) {
			t.Errorf("%s imports %s; the arrows in deps_test.go and ARCHITECTURE.md do not allow it", from, inside)
		}
		return
	}
	for _, n := range never[from] {
		if to == n || strings.HasSuffix(n, "/") && strings.HasPrefix(to, n) || n == "." && strings.Contains(to, ".") {
			t.Errorf("%s imports %s, which it must not", from, to)
		}
	}
}
