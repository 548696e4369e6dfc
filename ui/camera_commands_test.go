package ui

import (
	"context"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os/exec"
	"strings"
	"testing"
	"time"

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
	t.Run("it posts", func(t *testing.T) {
		came := make(chan io.Reader, 1)
		done := make(chan struct{})
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if r.Method != http.MethodPost || !strings.HasPrefix(r.Header.Get("Content-Type"), "multipart/") {
				t.Errorf("%s of %s", r.Method, r.Header.Get("Content-Type"))
			}
			came <- r.Body
			<-done
		}))
		defer server.Close()
		defer close(done)
		try(t, address{kind: kindPush}, commandFor{post: server.URL + "/cameras/door/frames"}, func(ctx context.Context) io.Reader {
			select {
			case body := <-came:
				return body
			case <-ctx.Done():
				return strings.NewReader("")
			}
		})
	})
}
