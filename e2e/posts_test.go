package e2e

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
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

// A picture as the ESP32's HTTPClient posts it, byte for byte: in pieces, one
// request after the other on a connection that it keeps.
func TestESP32Posts(t *testing.T) {
	p := startHeadless(t, "[[cameras]]\nid = \"front-door\"\nname = \"Front door\"\nurl = \"push:?key=abcdefgh1\"\n")
	p.awaitCamera("front-door", "waiting")
	at := strings.TrimSuffix(strings.TrimPrefix(p.url, "http://"), "/")
	conn, err := net.Dial("tcp", at)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	conn.SetDeadline(time.Now().Add(30 * time.Second))
	answers := bufio.NewReader(conn)
	file := filepath.Join(t.TempDir(), "picture.jpg")
	output(t, need(t, "ffmpeg"), "-v", "error", "-f", "lavfi", "-i", "testsrc2=size=800x600", "-frames:v", "1", file)
	picture, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	for n := range 3 {
		fmt.Fprintf(conn, "POST /cameras/front-door/frames?key=abcdefgh1 HTTP/1.1\r\nHost: %s\r\nUser-Agent: ESP32HTTPClient\r\nConnection: keep-alive\r\n"+
			"Accept-Encoding: identity;q=1,chunked;q=0.1,*;q=0\r\nContent-Type: image/jpeg\r\nContent-Length: %d\r\n\r\n", at, len(picture))
		for piece := range slices.Chunk(picture, 1436) { // what fits into its packets
			if _, err := conn.Write(piece); err != nil {
				t.Fatal(err)
			}
		}
		answer, err := http.ReadResponse(answers, nil)
		if err != nil || answer.StatusCode != http.StatusNoContent {
			t.Fatalf("%v, %v", answer, err)
		}
		p.await("the picture", func(s state) bool { return s.Cameras[0].Frames == n+1 && s.Cameras[0].Width == 800 })
	}
}
