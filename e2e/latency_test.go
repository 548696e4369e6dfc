package e2e

import (
	"bytes"
	"fmt"
	"image"
	"image/color"
	"image/jpeg"
	"net"
	"slices"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
)

// numbered is a picture that tells its number in 16 black or white columns.
func numbered(n int) []byte {
	img := image.NewGray(image.Rect(0, 0, 640, 480))
	for x := range 640 {
		if n>>(x/40)&1 == 1 {
			for y := range 480 {
				img.SetGray(x, y, color.Gray{255})
			}
		}
	}
	var b bytes.Buffer
	jpeg.Encode(&b, img, &jpeg.Options{Quality: 90})
	return b.Bytes()
}

// reads notes in seen when each number was first on the page, in ms since 1970.
const reads = `(() => {
	globalThis.seen = {};
	const g = new OffscreenCanvas(640, 1).getContext('2d', { willReadFrequently: true });
	const look = async () => {
		const at = performance.timeOrigin + performance.now();
		const img = document.querySelector('.picture');
		const source = img.dataset.shown === 'true' ? img : document.querySelector('.still');
		const bitmap = await createImageBitmap(source).catch(() => null);
		if (bitmap) {
			g.drawImage(bitmap, 0, 0, 640, 1);
			bitmap.close();
			const { data } = g.getImageData(0, 0, 640, 1);
			let n = 0;
			for (let i = 0; i < 16; i++) if (data[(i * 40 + 20) * 4] > 128) n |= 1 << i;
			seen[n] ??= at;
		}
		requestAnimationFrame(look);
	};
	look();
	return true;
})()`

// BenchmarkPaint measures the time from a picture's last byte leaving the camera
// to the first frame of the page that shows it. "make bench-page" runs it.
func BenchmarkPaint(b *testing.B) {
	for _, way := range []string{"websocket", "img"} {
		for _, fps := range []int{5, 15, 30} {
			b.Run(fmt.Sprintf("%s/fps=%d", way, fps), func(b *testing.B) { paint(b, way, fps) })
		}
	}
}

func paint(b *testing.B, way string, fps int) {
	port := freePort(b)
	p := startHeadless(b, fmt.Sprintf("[[cameras]]\nid = \"cam\"\nname = \"Cam\"\nurl = \"tcp://:%d?listen\"\n", port))
	p.awaitCamera("cam", "waiting")
	camera, err := net.Dial("tcp", fmt.Sprintf("127.0.0.1:%d", port))
	if err != nil {
		b.Fatal(err)
	}
	defer camera.Close()
	camera.Write(numbered(0))
	tab := browser(b, 1000, 800)
	if way == "img" {
		tab.beforeEach(`globalThis.WebSocket = class { constructor() { setTimeout(() => this.onclose()); } close() {} }`)
	}
	tab.do(chromedp.Navigate(p.url))
	sent := map[int]time.Time{}
	number := 0
	tick := time.NewTicker(time.Second / time.Duration(fps))
	defer tick.Stop()
	send := func(count int) {
		for range count {
			number++
			picture := numbered(number)
			<-tick.C
			camera.Write(picture)
			sent[number] = time.Now()
		}
	}
	send(3 * fps) // until the page has settled
	tab.awaitState("cam", "live")
	run[bool](tab, reads)
	first := number + fps
	for b.Loop() {
		send(1)
	}
	send(10*fps + fps)
	seen := run[map[string]float64](tab, `globalThis.seen`)
	var late []float64
	for n, at := range sent {
		if ms, ok := seen[fmt.Sprint(n)]; ok && n > first {
			late = append(late, ms-float64(at.UnixMicro())/1000)
		}
	}
	if len(late) < 10 {
		b.Fatalf("%d of %d pictures were seen", len(late), number-first)
	}
	slices.Sort(late)
	b.ReportMetric(late[len(late)/2], "p50-ms")
	b.ReportMetric(late[len(late)*95/100], "p95-ms")
	b.ReportMetric(100*float64(len(late))/float64(number-first), "%seen")
	b.ReportMetric(0, "ns/op")
}
