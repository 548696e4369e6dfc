package app_test

import (
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"traycam/app"
	"traycam/faults"
)

var (
	idShape = regexp.MustCompile(`^[a-z0-9-]{1,64}$`)
	// metricLine is a line of Prometheus' text format: what stands in a label is escaped.
	metricLine = regexp.MustCompile(`^(#.*|[a-z_]+(\{([a-z]+="([^"\\\n]|\\[\\"n])*",?)*\})? [-+0-9.eInfNa]+)$`)
)

// Whatever a camera is called, it is called that in the list, the file, /state and /metrics; or it is refused.
func TestFaultNames(t *testing.T) {
	names := []string{
		"", " ", "\t \n", "\u200b", "Door", "Door", "door", "DOOR", " Door ", "Gärten & Höfe", "カメラ", "دوربین", "камера", "감시", "👩‍👩‍👧‍👦🎥",
		"a/b", `a\b`, "../../etc/passwd", `"quoted"`, "it's", "`back`", "two\nlines", "CR\r\nLF", "tab\there", "nul\x00", "bell\x07", "esc\x1b[31m",
		"\u202egnp.exe", "e\u0301\u0301\u0301\u0301", strings.Repeat("Z\u0351", 500), "<script>alert(1)</script>", "{{.}}", "%s%n%d", "${HOME}", "[[cameras]]", "# no comment", "= 1",
		"\xff\xfe", "half \xe2\x82", "\ufeffBOM", "CON", "none", "state", strings.Repeat("x", 10_000), strings.Repeat("カ", 10_000), "----", "1", "a=b;c",
	}
	r := run(t, "")
	var want []string
	refused := 0
	for _, name := range names {
		_, err := r.AddCamera(app.CameraConfig{Name: name, URL: "push:", Enabled: true})
		if err != nil {
			refused++
			if strings.Count(err.Error(), "\n") > 0 || len(err.Error()) > 300 {
				t.Errorf("%.40q: the sentence is %q", name, err)
			}
			continue
		}
		want = append(want, name)
	}
	s := r.await("all cameras", func(s app.Snapshot) bool { return len(s.Cameras) == len(want) })
	ids := map[string]bool{}
	for i, c := range s.Cameras {
		if c.Name != want[i] {
			t.Errorf("%.40q is called %.40q", want[i], c.Name)
		}
		if !idShape.MatchString(c.ID) || ids[c.ID] {
			t.Errorf("%.40q has the ID %q", c.Name, c.ID)
		}
		ids[c.ID] = true
	}

	again, err := app.New(app.Options{ConfigFile: r.file, Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal("the file that was saved:", err)
	}
	for read := range again.Watch(t.Context()) {
		if !slices.EqualFunc(read.Cameras, s.Cameras, func(a, b app.Camera) bool { return a.CameraConfig == b.CameraConfig }) {
			t.Error("the file has other cameras")
		}
		break
	}

	var state struct{ Cameras []struct{ Name string } }
	if err := json.Unmarshal(fetch(t, s.ViewerURL+"state"), &state); err != nil {
		t.Fatal(err)
	}
	for i, c := range state.Cameras {
		if c.Name != want[i] {
			t.Errorf("/state calls %.40q %.40q", want[i], c.Name)
		}
	}
	for line := range strings.Lines(string(fetch(t, s.ViewerURL+"metrics"))) {
		if line = strings.TrimSuffix(line, "\n"); !metricLine.MatchString(line) {
			t.Errorf("/metrics has the line %.200q", line)
		}
	}
	faults.Held(t, "names of every kind", "%d names: %d taken as they are, %d refused with a sentence", len(names), len(want), refused)
}

func fetch(t *testing.T, url string) []byte {
	t.Helper()
	response, err := http.Get(url)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return text
}

// Of two cameras that want one port the second says which port it is, and takes it when the first one leaves.
func TestFaultSamePort(t *testing.T) {
	port := freePort(t)
	r := run(t, "")
	address := fmt.Sprintf("tcp://127.0.0.1:%d?listen", port)
	first, err := r.AddCamera(app.CameraConfig{Name: "First", URL: address, Enabled: true})
	if err != nil {
		t.Fatal(err)
	}
	r.await("the first to wait", func(s app.Snapshot) bool { return find(s, first).State.String() == "waiting" })
	second, err := r.AddCamera(app.CameraConfig{Name: "Second", URL: address, Enabled: true})
	if err != nil {
		t.Skip("it is refused at once:", err)
	}
	s := r.await("why the second does not listen", func(s app.Snapshot) bool { return find(s, second).Reason.Sentence != "" })
	reason := find(s, second).Reason.String()
	if !strings.Contains(reason, strconv.Itoa(port)) {
		t.Errorf("people read %q", reason)
	}
	if _, err := r.RemoveCamera(first); err != nil {
		t.Fatal(err)
	}
	r.await("the second to take the port", func(s app.Snapshot) bool { return find(s, second).State.String() == "waiting" })
	faults.Held(t, "the same camera twice", "people read: %s", strings.ReplaceAll(reason, strconv.Itoa(port), "9001"))
}
