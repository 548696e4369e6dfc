package e2e

import (
	"io"
	"net/http"
	"os"
	"slices"
	"testing"
	"time"
)

const testCamera = "[[cameras]]\nid = \"cam\"\nname = \"Cam\"\nurl = \"test:?size=640x360&fps=30\"\n"

// How long it takes from the start of a program until a viewer has a camera's first picture:
// without a window, and with window and tray on a desktop that stands already. "make release-figures" prints it.
func BenchmarkFirstFrame(b *testing.B) {
	b.Run("headless", func(b *testing.B) {
		var took []float64
		for b.Loop() {
			began := time.Now()
			p := startHeadless(b, testCamera)
			took = append(took, p.firstFrame(b).Sub(began).Seconds()*1000)
			p.cmd.Process.Signal(os.Interrupt)
			p.mustExit()
		}
		reportMedian(b, took)
	})
	b.Run("desktop", func(b *testing.B) {
		d := startDesktop(b, "xfce4-panel")
		var took []float64
		for b.Loop() {
			began := time.Now()
			p := d.run(testCamera)
			took = append(took, p.firstFrame(b).Sub(began).Seconds()*1000)
			d.await("the window", func() bool { return len(d.windows()) == 1 })
			p.cmd.Process.Signal(os.Interrupt)
			p.mustExit()
		}
		reportMedian(b, took)
	})
}

// firstFrame asks for the camera's picture until there is one, and returns when that was.
func (p *program) firstFrame(b *testing.B) time.Time {
	for deadline := time.Now().Add(30 * time.Second); time.Now().Before(deadline); time.Sleep(time.Millisecond) {
		response, err := http.Get(p.url + "cameras/cam/snapshot.jpg")
		if err != nil {
			continue
		}
		picture, err := io.ReadAll(response.Body)
		response.Body.Close()
		if err == nil && response.StatusCode == http.StatusOK && len(picture) > 0 {
			return time.Now()
		}
	}
	b.Fatalf("no picture:\n%s", p.log())
	return time.Time{}
}

func reportMedian(b *testing.B, ms []float64) {
	slices.Sort(ms)
	b.ReportMetric(ms[len(ms)/2], "median-ms")
	b.ReportMetric(ms[len(ms)-1], "worst-ms")
	b.ReportMetric(0, "ns/op")
}
