package camera_test

import (
	"bufio"
	"bytes"
	"fmt"
	stdjpeg "image/jpeg"
	"os/exec"
	"runtime"
	"slices"
	"strings"
	"testing"

	"traycam/streaming/camera"
)

// gstCamera is the address of a camera made of GStreamer's RTSP server, and what it says.
func gstCamera(t *testing.T, protocol, pipeline string) (address string, says *bufio.Reader) {
	t.Helper()
	if runtime.GOOS != "linux" {
		t.Skip("needs GStreamer as Linux has it")
	}
	port := freePort(t)
	cmd := exec.Command("/usr/bin/python3", "testdata/gst-rtsp-server.py", fmt.Sprint(port), protocol, pipeline)
	cmd.Stderr = t.Output()
	in, err := cmd.StdinPipe() // it ends with us, whatever happens
	if err != nil {
		t.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		in.Close()
		cmd.Process.Kill()
		cmd.Wait()
	})
	says = bufio.NewReader(out)
	if line, err := says.ReadString('\n'); line != "ready\n" {
		t.Fatalf("GStreamer's RTSP server does not start (\"make deps\" installs it): %q, %v", line, err)
	}
	return fmt.Sprintf("rtsp://127.0.0.1:%d/live", port), says
}

// Motion JPEG as GStreamer sends it, over TCP, and over UDP where it has no
// TCP. The pictures arrive whole, and the camera is told again and again that
// somebody watches.
func TestGStreamerMotionJPEG(t *testing.T) {
	for _, protocol := range []string{"tcp", "udp"} {
		t.Run(protocol, func(t *testing.T) {
			address, says := gstCamera(t, protocol, "videotestsrc is-live=true pattern=smpte ! video/x-raw,format=I420,width=640,height=360,framerate=25/1 ! jpegenc ! rtpjpegpay name=pay0")
			r := supervise(t, address)
			r.awaitFrames(25)
			for range 3 {
				if line, err := says.ReadString('\n'); line != "alive\n" {
					t.Fatalf("the camera is not told that we are there: %q, %v", line, err)
				}
			}
			r.awaitState(camera.Live, "")
			r.mu.Lock()
			defer r.mu.Unlock()
			for i, f := range r.frames {
				m, err := stdjpeg.Decode(bytes.NewReader(f.JPEG))
				if err != nil || m.Bounds().Dx() != 640 || m.Bounds().Dy() != 360 {
					t.Fatalf("picture %d: %v", i, err)
				}
				// Bars from white on the left to blue on the right: above, no part of it is missing.
				if left, _, _, _ := m.At(20, 200).RGBA(); left>>8 < 180 {
					t.Errorf("picture %d begins with %d, not with white", i, left>>8)
				}
				if red, _, blue, _ := m.At(620, 200).RGBA(); red>>8 > 20 || blue>>8 < 180 {
					t.Errorf("picture %d ends with red %d and blue %d, not with blue", i, red>>8, blue>>8)
				}
			}
			if protocol == "tcp" && r.dropped > 0 {
				t.Errorf("%d pictures were lost", r.dropped)
			}
			if !slices.Equal(r.formats, []string{"Motion JPEG over RTSP"}) {
				t.Errorf("it comes as %q", r.formats)
			}
		})
	}
}

// H.264 as GStreamer sends it, through ffmpeg.
func TestGStreamerH264(t *testing.T) {
	needFFmpeg(t)
	for _, protocol := range []string{"tcp", "udp"} {
		t.Run(protocol, func(t *testing.T) {
			address, _ := gstCamera(t, protocol, "videotestsrc is-live=true ! video/x-raw,format=I420,width=320,height=240,framerate=15/1 ! openh264enc gop-size=15 ! h264parse ! rtph264pay name=pay0 config-interval=-1")
			r := supervise(t, address)
			r.awaitFrames(10)
			r.awaitState(camera.Live, "")
			r.mu.Lock()
			defer r.mu.Unlock()
			if f := r.frames[9]; f.Width != 320 || f.Height != 240 || strings.Join(r.formats, ", ") != "H.264 through ffmpeg" {
				t.Errorf("%d×%d, %q", f.Width, f.Height, r.formats)
			}
		})
	}
}
