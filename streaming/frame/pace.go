package frame

import "time"

// Pace lets at most FPS frames a second pass, evenly spread. FPS 0: all. The
// zero value is ready; not for use by several goroutines at once.
type Pace struct {
	FPS  int
	next time.Time
}

// Pass tells whether a frame at the time now may pass.
func (p *Pace) Pass(now time.Time) bool {
	if p.FPS <= 0 {
		return true
	}
	period := time.Second / time.Duration(p.FPS)
	// A little early is in time, so that a camera of exactly this rate keeps all frames.
	if now.Before(p.next.Add(-period / 8)) {
		return false
	}
	if p.next = p.next.Add(period); now.After(p.next) {
		p.next = now.Add(period)
	}
	return true
}
