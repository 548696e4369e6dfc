package e2e

import (
	"bytes"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"testing"
)

// curl and ffmpeg post pictures as README.md says.
func TestProgramsPost(t *testing.T) {
	p := startHeadless(t, "[[cameras]]\nid = \"front-door\"\nname = \"Front door\"\nurl = \"push:\"\n")
	p.awaitCamera("front-door", "waiting")
	frames := p.url + "cameras/front-door/frames"
	file := filepath.Join(t.TempDir(), "picture.jpg")
	output(t, need(t, "ffmpeg"), "-v", "error", "-f", "lavfi", "-i", "testsrc2=size=320x240", "-frames:v", "1", file)
	output(t, need(t, "curl"), "-sS", "--fail", "--data-binary", "@"+file, "-H", "Content-Type: image/jpeg", frames)
	p.awaitCamera("front-door", "live")
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	answer, err := http.Get(p.url + "cameras/front-door/snapshot.jpg")
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	if got, err := io.ReadAll(answer.Body); err != nil || !bytes.Equal(got, want) {
		t.Errorf("the snapshot is not what curl sent: %d bytes, %v", len(got), err)
	}

	for n, format := range []string{"mpjpeg", "mjpeg"} {
		output(t, "ffmpeg", "-v", "error", "-re", "-f", "lavfi", "-i", "testsrc2=size=640x360:rate=30", "-t", "1", "-f", format, "-method", "POST", frames)
		p.await("the pictures of ffmpeg -f "+format, func(s state) bool { return s.Cameras[0].Frames == 1+30*(n+1) })
	}
	if s, err := p.state(); err != nil || s.Cameras[0].Dropped != 0 {
		t.Errorf("%+v, %v", s, err)
	}
}
