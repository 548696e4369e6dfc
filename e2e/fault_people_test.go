package e2e

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"traycam/faults"
)

// manyCameras is as many as there can be: every fifth one sends, every other fifth one is
// refused and tried again, and the rest wait for posts.
func manyCameras() string {
	var b strings.Builder
	for n := 1; n <= 500; n++ {
		url := "push:"
		switch n % 5 {
		case 0:
			url = "test:?size=160x120&fps=2"
		case 1:
			url = "tcp://127.0.0.1:1" // nobody listens there
		}
		fmt.Fprintf(&b, "[[cameras]]\nid = \"cam-%d\"\nname = \"Camera %d\"\nurl = %q\n\n", n, n, url)
	}
	return b.String()
}

// The window, the tray and the page with 500 cameras do what they do with two, before a person
// loses patience.
func TestFaultManyCamerasOnTheDesktop(t *testing.T) {
	needProgram(t, "TRAYCAM_BIN")
	d := startDesktop(t, "xfce4-panel")
	opened := d.recordBrowser()
	var took []string
	// timed measures how long it takes until something that a person waits for is there: 30 s at most, as each await.
	timed := func(what string, do func()) {
		t.Helper()
		began := time.Now()
		do()
		took = append(took, fmt.Sprintf("%s %.1f s", what, time.Since(began).Seconds()))
	}

	var p *program
	timed("window", func() { p = d.run(manyCameras()); d.window() })
	p.await("500 cameras", func(s state) bool { return len(s.Cameras) == 500 && s.camera("cam-500").State == "live" })
	d.await("the tray's icon", func() bool { return d.trayItem() != "" })
	d.awaitLabel("More…")
	if labels := d.labels(); len(labels) > 25 {
		t.Errorf("the tray's menu has %d lines: %q", len(labels), labels)
	}

	timed("stop", func() {
		d.click("Stop streaming")
		p.await("stopped", func(s state) bool { return !s.Streaming })
	})
	timed("start", func() {
		d.click("Start streaming")
		p.awaitCamera("cam-500", "live")
	})

	timed("to the last row and into the browser", func() {
		d.keys("Down", "End", "Return")
		d.await("the last camera in the browser", func() bool { return strings.HasSuffix(opened(), "/cameras/cam-500") })
	})
	d.screenshot("many-window")
	timed("a move with its save", func() {
		d.keys("alt+Up")
		p.await("the last camera further up", func(s state) bool { return s.Cameras[498].ID == "cam-500" })
	})

	if faults.Long() { // Chromium takes its time for so many tiles
		b := browser(t, 1280, 800)
		timed("page", func() {
			b.do(chromedp.Navigate(p.url))
			b.await(`document.querySelectorAll('.tile').length === 500`)
			b.awaitState("cam-5", "live")
		})
		timed("its last camera", func() {
			b.do(chromedp.Evaluate[chromedp.Void](`document.querySelector('[data-camera="cam-500"]').scrollIntoView()`))
			b.awaitMoving("cam-500")
		})
		b.screenshot("many-page")
	}

	before := burnt(t, p)
	began := time.Now()
	time.Sleep(time.Second) // what is measured is this span
	busy := 100 * (burnt(t, p) - before).Seconds() / time.Since(began).Seconds()
	faults.Held(t, "500 cameras on the desktop", "%s; %d MB, %.0f %% of a processor", strings.Join(took, ", "), resident(t, p)>>10, busy)
}
