package streaming

import "time"

// meter measures what arrives, over the newest frames. Not safe for use at once.
type meter struct {
	at    [64]time.Time
	bytes [64]int
	n     int // frames that were ever added
}

// meterWindow is how far back a frame still counts.
const meterWindow = 5 * time.Second

func (m *meter) add(at time.Time, bytes int) {
	i := m.n % len(m.at)
	m.at[i], m.bytes[i] = at, bytes
	m.n++
}

// now is the rate at the time now, in frames and bits per second: 0 where fewer
// than two frames came lately.
func (m *meter) now(now time.Time) (fps, bitsPerSecond float64) {
	frames, bytes := 0, 0
	var newest, oldest time.Time
	for back := 1; back <= min(m.n, len(m.at)); back++ {
		i := (m.n - back) % len(m.at)
		if now.Sub(m.at[i]) > meterWindow {
			break
		}
		if back == 1 {
			newest = m.at[i]
		}
		oldest = m.at[i]
		frames++
		bytes += m.bytes[i]
	}
	span := newest.Sub(oldest)
	if frames < 2 || span <= 0 {
		return 0, 0
	}
	// A camera that is late by more than two periods has slowed down.
	period := span / time.Duration(frames-1)
	if late := now.Sub(newest); late > 2*period {
		span += late
	}
	fps = float64(frames-1) / span.Seconds()
	return fps, fps * float64(bytes) / float64(frames) * 8
}
