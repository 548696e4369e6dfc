package e2e

import (
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
)

// TestPageScreens takes the pictures docs/screens/page-*.png. "make screenshots" runs it.
func TestPageScreens(t *testing.T) {
	if os.Getenv("TRAYCAM_SCREENS") == "" {
		t.Skip("TRAYCAM_SCREENS names no folder for the pictures")
	}
	settle := func(b *tab, cameras int) {
		b.await(fmt.Sprintf(`document.querySelectorAll('.tile').length === %d`, cameras))
		b.await(`(() => {
			const tiles = [...document.querySelectorAll('.tile')].filter((tile) => tile.getBoundingClientRect().top < innerHeight - 20);
			return tiles.filter(({ dataset }) => dataset.state === 'live' && dataset.empty === 'false').length >= tiles.length / 2;
		})()`)
		// Ages and rates are of the last 3 s.
		run[bool](b, fmt.Sprintf(`new Promise((resume) => setTimeout(() => resume(true), %d))`, (4*time.Second).Milliseconds()))
	}
	for _, n := range []int{1, 4, 9, 16, 64} {
		t.Run(fmt.Sprint(n), func(t *testing.T) {
			p := startHeadless(t, wall(n, fmt.Sprintf("test:?size=640x360&fps=%d", max(1, min(15, 64/n)))))
			b := browser(t, 1280, 800)
			b.resize(1280, 800)
			b.colours("dark")
			b.do(chromedp.Navigate(p.url))
			settle(b, n)
			b.screenshot(fmt.Sprintf("page-%d", n))
			if n == 4 {
				b.colours("light")
				b.screenshot("page-light")
				b.press("?")
				b.await(`document.querySelector('#view').open`)
				b.screenshot("page-keys")
				b.press("\x1b")
				b.colours("dark")
				b.press("2")
				b.await(`document.body.dataset.large === 'cam-2'`)
				settle(b, n)
				b.screenshot("page-large")
				b.do(chromedp.Navigate(p.url + "?kiosk"))
				settle(b, n)
				b.screenshot("page-kiosk")
			}
			if n == 9 {
				b.do(chromedp.EmulateViewport(390, 844, chromedp.EmulateMobile, chromedp.EmulateScale(2)))
				settle(b, n)
				b.screenshot("page-phone")
				b.press("1")
				b.await(`document.body.dataset.large === 'cam-1'`)
				settle(b, n)
				b.screenshot("page-phone-large")
			}
		})
	}
	t.Run("offline", func(t *testing.T) {
		config := wall(2, "test:?size=640x360&fps=10") + strings.Join([]string{
			"[[cameras]]\nid = \"gate\"\nname = \"Gate\"\nurl = \"tcp://127.0.0.1:1\"\n",
			"[[cameras]]\nid = \"barn\"\nname = \"Barn\"\nurl = \"tcp://:9009?listen\"\nenabled = false\n",
		}, "\n")
		p := startHeadless(t, config)
		b := browser(t, 1280, 800)
		b.resize(1280, 800)
		b.colours("dark")
		b.do(chromedp.Navigate(p.url))
		b.awaitState("gate", "retrying")
		b.awaitMoving("cam-1")
		settle(b, 4)
		b.screenshot("page-offline")
		p.cmd.Process.Signal(os.Interrupt)
		p.mustExit()
		b.await(`document.querySelector('#banner').checkVisibility()`)
		b.colours("light")
		run[bool](b, `new Promise((resume) => setTimeout(() => resume(true), 2000))`)
		b.screenshot("page-no-server")
	})
}
