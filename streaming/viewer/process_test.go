package viewer_test

import (
	"io"
	"regexp"
	"runtime"
	"strconv"
	"testing"
)

// The metrics tell what the program itself takes, under Prometheus' own names.
func TestProcessMetrics(t *testing.T) {
	r := newRig(t)
	text, err := io.ReadAll(r.do("GET", "/metrics").Body)
	if err != nil {
		t.Fatal(err)
	}
	for name, least := range map[string]int{"go_goroutines": 2, "process_resident_memory_bytes": 1 << 20, "process_open_fds": 3} {
		found := regexp.MustCompile(`(?m)^# TYPE ` + name + ` gauge\n` + name + ` (\d+)$`).FindSubmatch(text)
		switch {
		case found == nil && (name == "go_goroutines" || runtime.GOOS == "linux"):
			t.Errorf("%s is missing from %s", name, text)
		case found != nil:
			if value, _ := strconv.Atoi(string(found[1])); value < least {
				t.Errorf("%s is %d", name, value)
			}
		}
	}
}
