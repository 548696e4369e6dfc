package e2e

import (
	"bytes"
	"crypto/sha256"
	"fmt"
	"image/jpeg"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"testing"
	"time"
)

// A real camera sends, a viewer hashes: every frame arrives as it was sent, to
// the bit and in order. The camera writes each frame to a file of its own too.
func TestCamerasArriveBitForBit(t *testing.T) {
	const seconds = 3
	ffmpeg := func(output string) func(*testing.T, string, int) *exec.Cmd {
		return func(t *testing.T, dir string, port int) *exec.Cmd {
			return start(t, "ffmpeg", "-v", "error", "-re", "-f", "lavfi", "-i", "testsrc2=size=1280x720:rate=30", "-t", fmt.Sprint(seconds),
				"-c:v", "mjpeg", "-map", "0", "-f", "tee", fmt.Sprintf(output+"|[f=image2]%s/%%04d.jpg", port, dir))
		}
	}
	gstreamer := func(mux ...string) func(*testing.T, string, int) *exec.Cmd {
		return func(t *testing.T, dir string, port int) *exec.Cmd {
			args := []string{
				"-q", "videotestsrc", "is-live=true", "pattern=ball", fmt.Sprintf("num-buffers=%d", 30*seconds), "!",
				"video/x-raw,width=1280,height=720,framerate=30/1", "!", "jpegenc", "!", "tee", "name=t",
				"t.", "!", "queue", "!", "multifilesink", fmt.Sprintf("location=%s/%%04d.jpg", dir),
				"t.", "!", "queue", "!",
			}
			args = append(args, mux...)
			return start(t, "gst-launch-1.0", append(args, "tcpclientsink", "host=127.0.0.1", fmt.Sprintf("port=%d", port))...)
		}
	}
	for _, c := range []struct {
		name  string
		url   string // of the camera, with the port
		start func(t *testing.T, dir string, port int) *exec.Cmd
	}{
		{"ffmpeg pushes mjpeg", "tcp://127.0.0.1:%d?listen", ffmpeg("[f=mjpeg]tcp://127.0.0.1:%d")},
		{"ffmpeg pushes mpjpeg", "tcp://127.0.0.1:%d?listen", ffmpeg("[f=mpjpeg]tcp://127.0.0.1:%d")},
		{"ffmpeg listens", "tcp://127.0.0.1:%d", ffmpeg("[f=mjpeg]tcp://127.0.0.1:%d?listen=1")},
		{"GStreamer pushes", "tcp://127.0.0.1:%d?listen", gstreamer()},
		{"GStreamer pushes multipart", "tcp://127.0.0.1:%d?listen", gstreamer("multipartmux", "boundary=gst", "!")},
	} {
		t.Run(c.name, func(t *testing.T) {
			// A viewer that the machine holds up for longer than a frame lasts skips
			// one, as it should: then the run is repeated. Altered frames never pass.
			for try := 1; ; try++ {
				sent, got := relay(t, c.url, c.start)
				for i, h := range got {
					if at := slices.Index(sent, h); at < 0 {
						t.Fatalf("frame %d of %d is not one that was sent", i+1, len(got))
					}
				}
				order := slices.IsSortedFunc(got, func(a, b [32]byte) int { return slices.Index(sent, a) - slices.Index(sent, b) })
				if !order {
					t.Fatal("frames came out of order")
				}
				if len(got) == len(sent) {
					t.Logf("%d frames", len(got))
					return
				}
				if try == 3 {
					t.Fatalf("%d of %d frames arrived, at the third try", len(got), len(sent))
				}
				t.Logf("%d of %d frames arrived; again", len(got), len(sent))
			}
		})
	}
}

// relay runs a camera to its end and returns the hashes of the frames that it
// sent and of those that a viewer got.
func relay(t *testing.T, url string, camera func(*testing.T, string, int) *exec.Cmd) (sent, got [][32]byte) {
	t.Helper()
	port, dir := freePort(t), t.TempDir()
	p := startHeadless(t, fmt.Sprintf("[[cameras]]\nid = \"cam\"\nname = \"Cam\"\nurl = \"%s\"\n", fmt.Sprintf(url, port)))
	view, err := p.watch("cam")
	if err != nil {
		t.Fatal(err)
	}
	frames := make(chan [32]byte, 1000)
	go func() {
		defer close(frames)
		var last [32]byte
		for {
			frame, err := view.next(nil)
			if err != nil {
				return
			}
			// The offline picture has another size; in silence the last one is sent again.
			c, err := jpeg.DecodeConfig(bytes.NewReader(frame))
			if h := sha256.Sum256(frame); err != nil || c.Width == 1280 && h != last {
				last = h
				frames <- h
			}
		}
	}()

	if err := camera(t, dir, port).Wait(); err != nil {
		t.Fatalf("the camera ended with %v", err)
	}
	files, err := filepath.Glob(filepath.Join(dir, "*.jpg"))
	if err != nil || len(files) == 0 {
		t.Fatalf("the camera wrote no files: %v", err)
	}
	for _, file := range files { // sorted by name
		b, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		sent = append(sent, sha256.Sum256(b))
	}
	s := p.await("the camera's end", func(s state) bool { return s.Cameras[0].Frames > 0 && s.Cameras[0].State != "live" })
	if c := s.Cameras[0]; c.Frames != len(sent) || c.Dropped != 0 {
		t.Fatalf("%d frames came in, %d were dropped; %d were sent", c.Frames, c.Dropped, len(sent))
	}
	end := time.After(5 * time.Second) // where the last one was skipped
	for len(got) == 0 || got[len(got)-1] != sent[len(sent)-1] {
		select {
		case h := <-frames:
			got = append(got, h)
			continue
		case <-end:
		}
		break
	}
	view.body.Close()
	for range frames {
	}
	return sent, got
}
