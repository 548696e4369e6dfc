package camera_test

import (
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/bluenviron/gortsplib/v5"
	"github.com/bluenviron/gortsplib/v5/pkg/description"
	"github.com/bluenviron/gortsplib/v5/pkg/format"
	"github.com/pion/rtp"

	"traycam/streaming/camera"
	"traycam/streaming/camera/rtsptest"
)

// filmH264 makes an H.264 camera of c, of w by 120 pixels.
func filmH264(t *testing.T, c *rtsptest.Camera, w string) (stop func()) {
	return filmWith(t, c, w, "libx264")
}

func filmWith(t *testing.T, c *rtsptest.Camera, w, encoder string) (stop func()) {
	return startFFmpeg(t, "-re", "-f", "lavfi", "-i", "testsrc2=rate=15:size="+w+"x120", "-pix_fmt", "yuv420p",
		"-c:v", encoder, "-preset", "ultrafast", "-tune", "zerolatency", "-g", "15",
		"-f", "rtsp", "-rtsp_transport", "tcp", "rtsp://"+c.Address+"/live")
}

// An H.264 camera with a password is shown through ffmpeg, comes back after it
// was away, and its password is in no list of processes.
func TestH264OverRTSP(t *testing.T) {
	needFFmpeg(t)
	c := rtsptest.New(t, func(c *rtsptest.Camera) { c.User, c.Password = "me", "it's%se@cret" })
	stop := filmH264(t, c, "160")
	r := supervise(t, "rtsp://me:it's%25se%40cret@"+c.Address+"/live")
	r.awaitFrames(10)
	r.awaitState(camera.Live, "")
	r.mu.Lock()
	if f := r.frames[9]; f.Width != 160 || f.Height != 120 {
		t.Errorf("%d×%d", f.Width, f.Height)
	}
	r.mu.Unlock()
	if lines := processes(t, "pipe:1"); len(lines) == 0 {
		t.Error("no ffmpeg is running")
	}
	if lines := processes(t, "cret@"+c.Address); len(lines) > 0 {
		t.Errorf("everybody can see %v", lines)
	}

	stop()
	r.awaitState(camera.Retrying, "")
	filmH264(t, c, "240")
	r.await("the new size", func() bool { return r.frames[len(r.frames)-1].Width == 240 })
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, line := range r.logged {
		if strings.Contains(line, "cret") {
			t.Errorf("the log has %q", line)
		}
	}
}

func TestH264WithoutFFmpeg(t *testing.T) {
	needFFmpeg(t)
	c := rtsptest.New(t, nil)
	filmH264(t, c, "160")
	t.Setenv("PATH", t.TempDir())
	r := supervise(t, "rtsp://"+c.Address+"/live")
	r.awaitState(camera.Retrying, "sends H.264, which needs the program ffmpeg. Install")
}

func TestH264OverUDP(t *testing.T) {
	needFFmpeg(t)
	for _, login := range []string{"", "me:secret@"} {
		c := rtsptest.New(t, func(c *rtsptest.Camera) { c.OnlyUDP = true })
		filmH264(t, c, "160")
		r := supervise(t, "rtsp://"+login+c.Address+"/live")
		r.awaitFrames(3)
		if tcp, udp := c.Asked(gortsplib.ProtocolTCP), c.Asked(gortsplib.ProtocolUDP); tcp == 0 || udp == 0 {
			t.Errorf("%q: asked for TCP %d times, for UDP %d times", login, tcp, udp)
		}
	}
}

func TestH265OverRTSP(t *testing.T) {
	needFFmpeg(t)
	c := rtsptest.New(t, nil)
	filmWith(t, c, "320", "libx265")
	r := supervise(t, "rtsp://"+c.Address+"/live")
	r.awaitFrames(5)
	r.awaitState(camera.Live, "")
	r.mu.Lock()
	defer r.mu.Unlock()
	if f := r.frames[4]; f.Width != 320 || f.Height != 120 || !slices.Equal(r.formats, []string{"H.265 through ffmpeg"}) {
		t.Errorf("%d×%d, %q", f.Width, f.Height, r.formats)
	}
}

// The ffmpeg that is set is taken, wherever it is; where there is none the
// reason names the place, and tells it to nobody else.
func TestFFmpegThatIsSet(t *testing.T) {
	needFFmpeg(t)
	c := rtsptest.New(t, nil)
	filmH264(t, c, "160")
	there, err := exec.LookPath("ffmpeg")
	if err != nil {
		t.Fatal(err)
	}
	t.Setenv("PATH", t.TempDir())
	superviseWith(t, "rtsp://"+c.Address+"/live", camera.Options{FFmpeg: there}).awaitFrames(3)
	nowhere := filepath.Join(t.TempDir(), "ffmpeg")
	for _, url := range []string{"rtsp://" + c.Address + "/live", "ffmpeg:film.mp4", "webcam:"} {
		r := superviseWith(t, url, camera.Options{FFmpeg: nowhere})
		r.awaitState(camera.Retrying, "The settings say that the program ffmpeg is "+nowhere)
		r.mu.Lock()
		if public := r.status.Reason.Public(); strings.Contains(public, nowhere) {
			t.Errorf("others read %q", public)
		}
		r.mu.Unlock()
	}
}

// What neither Traycam nor ffmpeg decodes is named.
func TestRTSPCodecThatNobodyKnows(t *testing.T) {
	needFFmpeg(t)
	c := rtsptest.New(t, nil)
	strange := &format.Generic{PayloadTyp: 96, RTPMa: "X-WAVELET/90000", ClockRat: 90000}
	send := c.Publish(description.MediaTypeVideo, strange)
	end := make(chan struct{})
	var sending sync.WaitGroup
	sending.Go(func() {
		for n := uint16(0); ; n++ {
			send(&rtp.Packet{Header: rtp.Header{Version: 2, PayloadType: 96, SequenceNumber: n, Timestamp: uint32(n) * 6000}, Payload: make([]byte, 100)})
			select {
			case <-time.After(60 * time.Millisecond):
			case <-end:
				return
			}
		}
	})
	defer sending.Wait()
	defer close(end)
	r := supervise(t, "rtsp://"+c.Address+"/live")
	r.awaitState(camera.Retrying, "sends X-WAVELET, which neither Traycam nor ffmpeg can decode")
}
