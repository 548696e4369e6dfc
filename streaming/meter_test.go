package streaming

import (
	"math"
	"testing"
	"time"
)

func TestMeter(t *testing.T) {
	for _, c := range []struct {
		name     string
		fps, n   int
		later    time.Duration // after the last frame
		wantFPS  float64
		wantBits float64
	}{
		{"steady", 30, 100, 10 * time.Millisecond, 30, 30 * 8000},
		{"slow", 1, 10, 200 * time.Millisecond, 1, 8000},
		{"fast", 1000, 5000, 0, 1000, 1000 * 8000},
		{"one frame", 30, 1, 0, 0, 0},
		{"fell silent", 30, 100, 6 * time.Second, 0, 0},
		{"slows down", 10, 11, time.Second, 5, 5 * 8000},
	} {
		var m meter
		at := time.Unix(1000, 0)
		for range c.n {
			m.add(at, 1000)
			at = at.Add(time.Second / time.Duration(c.fps))
		}
		last := at.Add(-time.Second / time.Duration(c.fps))
		fps, bits := m.now(last.Add(c.later))
		if math.Abs(fps-c.wantFPS) > c.wantFPS/50 || math.Abs(bits-c.wantBits) > c.wantBits/50 {
			t.Errorf("%s: %.2f fps, %.0f bit/s, want %.2f and %.0f", c.name, fps, bits, c.wantFPS, c.wantBits)
		}
	}
}
