package ui

import (
	"context"
	"io"
	"log/slog"
	"net"
	"os/exec"
	"strings"
	"sync"
	"testing"
	"time"

	"traycam/streaming"
	"traycam/streaming/jpeg"
)

// try runs a ready command that needs no camera until a picture has come to take.
func try(t *testing.T, a address, c commandFor, take func(ctx context.Context) io.Reader) {
	t.Helper()
	if _, err := exec.LookPath("ffmpeg"); err != nil {
		t.Skip("ffmpeg is missing")
	}
	ready := commandsFor(a, c)
	at := len(ready)
	for i, r := range ready {
		if r.program == "ffmpeg: test picture" {
			at = i
		}
	}
	if at == len(ready) {
		t.Fatal("no command for ffmpeg")
	}
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	cmd := exec.CommandContext(ctx, "sh", "-c", "exec "+ready[at].text)
	var said strings.Builder
	cmd.Stderr = &said
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	defer cmd.Wait()
	defer cancel()
	image, err := jpeg.NewReader(take(ctx), 0).Next()
	if err != nil || image.Width != 1280 {
		t.Errorf("%s: %v, %d pixels wide\n%s", ready[at].text, err, image.Width, said.String())
	}
}

// What the form offers to copy works as it is.
func TestReadyCommands(t *testing.T) {
	t.Run("it connects to us", func(t *testing.T) {
		ln, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		defer ln.Close()
		_, port, _ := net.SplitHostPort(ln.Addr().String())
		try(t, address{kind: kindListen, port: port}, commandFor{host: "127.0.0.1"}, func(ctx context.Context) io.Reader {
			defer context.AfterFunc(ctx, func() { ln.Close() })()
			conn, err := ln.Accept()
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { conn.Close() })
			return conn
		})
	})
}

// So does what posts pictures, where the camera has a key. What makes them on a
// Raspberry Pi is ffmpeg here.
func TestReadyCommandsThatPost(t *testing.T) {
	for _, name := range []string{"ffmpeg", "curl"} {
		if _, err := exec.LookPath(name); err != nil {
			t.Skip(name + " is missing")
		}
	}
	dir := t.TempDir()
	const source = "ffmpeg -v error -re -f lavfi -i testsrc2=size=1280x720:rate=15"
	if out, err := exec.Command("sh", "-c", source+" -frames:v 1 "+dir+"/picture.jpg").CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	for _, ready := range commandsFor(address{kind: kindPush, key: "abcdefgh1"}, commandFor{post: "ADDRESS/cameras/door/frames"}) {
		if strings.HasPrefix(ready.program, "ESP32") {
			continue // end-to-end tests post what its library sends
		}
		t.Run(ready.program, func(t *testing.T) {
			server, at := intake(t)
			text := strings.Replace(ready.text, "ADDRESS", at, 1)
			text = strings.Replace(text, "rpicam-vid -t 0 --codec mjpeg --width 1280 --height 720 --framerate 15 -o -", source+" -f mjpeg -", 1)
			ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
			defer cancel()
			cmd := exec.CommandContext(ctx, "sh", "-c", "exec 2>&1; "+text)
			cmd.Dir = dir
			var said strings.Builder
			cmd.Stdout = &said
			cmd.WaitDelay = time.Second
			if err := cmd.Start(); err != nil {
				t.Fatal(err)
			}
			for server.Status()[0].Frames == 0 && ctx.Err() == nil {
				time.Sleep(20 * time.Millisecond)
			}
			now := server.Status()[0]
			server.Stop() // which ends what is still posting
			cmd.Wait()
			if now.Frames == 0 || now.Width != 1280 || now.Dropped > 0 {
				t.Errorf("%s: %+v\n%s", text, now, said.String())
			}
		})
	}
}

// intake is a server with a camera that programs post to, with a key.
func intake(t *testing.T) (server *streaming.Server, at string) {
	t.Helper()
	server = streaming.New(streaming.Options{Log: slog.New(slog.NewTextHandler(t.Output(), nil)), Changed: func() {}})
	server.Configure([]streaming.Camera{{ID: "door", Name: "Door", URL: "push:?key=abcdefgh1", Enabled: true}}, 0)
	server.Start()
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	var serving sync.WaitGroup
	serving.Go(func() { server.Serve(ctx, ln) })
	t.Cleanup(func() { server.Stop(); cancel(); serving.Wait() })
	return server, "http://" + ln.Addr().String()
}
