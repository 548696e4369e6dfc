package e2e

import (
	"fmt"
	"io"
	"net/http"
	"os"
	"strings"
	"testing"
	"time"

	"traycam/faults"
	"traycam/faults/crowd"
)

// soak is how long the longest tests take in their long form.
func soak(t *testing.T) time.Duration {
	said := os.Getenv("TRAYCAM_SOAK")
	if said == "" {
		return time.Hour
	}
	length, err := time.ParseDuration(said)
	if err != nil {
		t.Fatalf("TRAYCAM_SOAK: %v", err)
	}
	return length
}

// TestFaultMonths is what months do, in an hour: nothing may grow.
func TestFaultMonths(t *testing.T) {
	t.Parallel()
	length, line, bound := 15*time.Second, 2500*time.Millisecond, 0.5
	if faults.Long() {
		length, line, bound = soak(t), time.Minute, 0.05
	}
	c := crowd.New(t, 20)
	config := ""
	for _, camera := range c.Cameras {
		config += fmt.Sprintf("[[cameras]]\nid = %q\nname = %q\nurl = %q\n\n", camera.ID, camera.ID, camera.URL)
	}
	p := startHeadless(t, config)
	c.Begin(strings.TrimSuffix(p.url, "/"), 50)
	defer c.End()

	var all []taken
	t.Logf("%8s %12s %12s %12s %8s %8s", "after", "memory KiB", "goroutines", "descriptors", "drops", "visits")
	for began := time.Now(); time.Since(began) < length; {
		now := p.takenFor(line)
		all = append(all, now)
		t.Logf("%8v %12.0f %12.1f %12.1f %8d %8d", time.Since(began).Round(time.Second), now.memory/1024, now.goroutines, now.descriptors, c.Drops.Load(), c.Visits.Load())
	}

	// A third of the time to warm up, at most five minutes; then the first minutes against the last.
	warm := min(len(all)/3, 5)
	span := max(1, min((len(all)-warm)/2, 5))
	first, last := mean(all[warm:warm+span]), mean(all[len(all)-span:])
	grown := func(what string, before, after float64) string {
		by := after/before - 1
		if by > bound {
			t.Errorf("%s grew by %.1f %%, from %.0f to %.0f", what, 100*by, before, after)
		}
		return fmt.Sprintf("%s %+.1f %%", what, 100*by)
	}
	faults.Held(t, "Cameras and viewers come and go", "in %v, %d drops and %d visits: %s (%.0f MiB), %s (%.0f), %s (%.0f)",
		length, c.Drops.Load(), c.Visits.Load(),
		grown("memory", first.memory, last.memory), last.memory/(1<<20),
		grown("goroutines", first.goroutines, last.goroutines), last.goroutines,
		grown("descriptors", first.descriptors, last.descriptors), last.descriptors)
}

// taken is what the program takes.
type taken struct{ memory, goroutines, descriptors float64 }

func mean(all []taken) (m taken) {
	n := float64(len(all))
	for _, a := range all {
		m.memory += a.memory / n
		m.goroutines += a.goroutines / n
		m.descriptors += a.descriptors / n
	}
	return m
}

// takenFor is the mean over a time, since viewers come and go within it.
func (p *program) takenFor(d time.Duration) taken {
	p.t.Helper()
	var all []taken
	for began := time.Now(); time.Since(began) < d; time.Sleep(250 * time.Millisecond) {
		all = append(all, p.taken())
	}
	return mean(all)
}

// taken asks the program what it takes.
func (p *program) taken() (now taken) {
	p.t.Helper()
	response, err := http.Get(p.url + "metrics")
	if err != nil {
		p.t.Fatal(err)
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	if err != nil {
		p.t.Fatal(err)
	}
	for line := range strings.Lines(string(text)) {
		name, value, _ := strings.Cut(strings.TrimSpace(line), " ")
		into := map[string]*float64{
			"process_resident_memory_bytes": &now.memory, "go_goroutines": &now.goroutines, "process_open_fds": &now.descriptors,
		}[name]
		if into == nil {
			continue
		}
		if _, err := fmt.Sscan(value, into); err != nil {
			p.t.Fatalf("%s: %v", line, err)
		}
	}
	if now.memory == 0 {
		p.t.Skip("memory is measured where there is /proc")
	}
	return now
}
