package e2e

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"sort"
	"strconv"
	"strings"
	"testing"
	"time"
)

// house64 is 64 live test cameras at 15 frames a second, on at first.
func house64() string {
	var b strings.Builder
	for n := range 64 {
		fmt.Fprintf(&b, "[[cameras]]\nid = \"camera-%02d\"\nname = \"Camera %02d\"\nurl = \"test:?size=160x120&fps=15\"\n\n", n, n)
	}
	return b.String()
}

// cpu is the processor time that a process has used.
func cpu(b *testing.B, p *program) time.Duration {
	b.Helper()
	stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", p.cmd.Process.Pid))
	if err != nil {
		b.Fatal(err)
	}
	fields := strings.Fields(string(stat[bytes.LastIndexByte(stat, ')')+2:]))
	user, _ := strconv.Atoi(fields[11]) // proc(5): utime and stime, in hundredths of a second
	system, _ := strconv.Atoi(fields[12])
	return time.Duration(user+system) * 10 * time.Millisecond
}

// share is the processor time of a process over a span, in per cent of one processor.
func share(b *testing.B, p *program, span time.Duration) float64 {
	b.Helper()
	before, began := cpu(b, p), time.Now()
	time.Sleep(span) // what is measured is this span
	return 100 * (cpu(b, p) - before).Seconds() / time.Since(began).Seconds()
}

func awaitAllLive(p *program) {
	p.await("64 live cameras", func(s state) bool {
		for _, c := range s.Cameras {
			if c.State != "live" {
				return false
			}
		}
		return len(s.Cameras) == 64
	})
}

// What the window costs with 64 live cameras: the processor time of the program
// without a window, with the window hidden, and with it shown; and how long a
// click on a camera's switch takes until the camera is off. The three programs
// take turns, so that what else the machine does falls on all of them.
func BenchmarkWindowOf64Cameras(b *testing.B) {
	needProgram(b, "TRAYCAM_BIN")
	const span = 10 * time.Second
	var headless, hidden, shown, clicks []float64
	for b.Loop() {
		d := startDesktop(b, "xfce4-panel")
		without := exec.Command(needProgram(b, "TRAYCAM_BIN"), "--headless", "--port", "0", "--config", writeConfig(b, house64()))
		a := &program{t: b, cmd: without, exited: make(chan struct{})}
		a.awaitAddress()
		awaitAllLive(a)
		headless = append(headless, share(b, a, span))
		a.cmd.Process.Signal(os.Interrupt)
		a.mustExit()

		p := d.run(house64(), "--hidden")
		awaitAllLive(p)
		d.await("the tray's icon", func() bool { return d.trayItem() != "" })
		hidden = append(hidden, share(b, p, span))
		d.click("Show window")
		d.await("the window", func() bool { return len(d.windows()) == 1 })
		shown = append(shown, share(b, p, span))
		for range 10 {
			clicks = append(clicks, d.clickSwitch(p).Seconds()*1000)
		}
		p.cmd.Process.Signal(os.Interrupt)
		p.mustExit()
	}
	sort.Float64s(clicks)
	b.ReportMetric(0, "ns/op")
	b.ReportMetric(median(headless), "%cpu-headless")
	b.ReportMetric(median(hidden), "%cpu-hidden")
	b.ReportMetric(median(shown), "%cpu-shown")
	b.ReportMetric(clicks[len(clicks)/2], "ms-click-p50")
	b.ReportMetric(clicks[len(clicks)*9/10], "ms-click-p90")
}

func median(all []float64) float64 {
	sort.Float64s(all)
	return all[len(all)/2]
}

// clickSwitch clicks the first camera's switch and waits until the camera has
// changed. The time has the click's own way through xdotool and X in it.
func (d *desktop) clickSwitch(p *program) time.Duration {
	before := p.await("a state", func(s state) bool { return len(s.Cameras) > 0 }).Cameras[0].State
	// The switch of the first row, in the smallest window.
	d.xdotool("mousemove", "--window", d.window(), "654", "91")
	d.xdotool("mousedown", "1") // "click" takes 100 ms of its own
	began := time.Now()
	d.xdotool("mouseup", "1")
	for {
		s, err := p.state()
		if err == nil && (s.Cameras[0].State == "off") != (before == "off") {
			return time.Since(began)
		}
		if time.Since(began) > 10*time.Second {
			d.screenshot("click")
			d.t.Fatal("the switch does not react")
		}
		time.Sleep(time.Millisecond)
	}
}
