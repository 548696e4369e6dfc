package camera_test

import (
	"context"
	"fmt"
	"net"
	"testing"
	"time"

	"traycam/streaming/camera"
)

func TestWebCameraStopsAtOnce(t *testing.T) {
	frame := string(picture(t, 16))
	for _, c := range []struct{ name, scheme, sends, options string }{
		{"before the answer", "http", "", ""},
		{"in the head", "http", "HTTP/1.1 200 OK\r\n", ""},
		{"before the first picture", "http", mixed("x"), ""},
		{"in a stream", "http", mixed("x") + frame, ""},
		{"behind a still picture", "http", "HTTP/1.1 200 OK\r\n\r\n" + frame, ""},
		{"between still pictures", "http", fmt.Sprintf("HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s", len(frame), frame), "#interval=1h"},
		{"in a redirect", "http", "HTTP/1.1 302 Found\r\nLocation: http://192.0.2.1/\r\n\r\n", ""},
		{"in the handshake", "https", "", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			ln, err := net.Listen("tcp", "127.0.0.1:0")
			if err != nil {
				t.Fatal(err)
			}
			defer ln.Close()
			source, err := camera.Open(c.scheme+"://"+ln.Addr().String()+"/"+c.options, camera.Options{})
			if err != nil {
				t.Fatal(err)
			}
			ctx, cancel := context.WithCancel(t.Context())
			ended := make(chan struct{})
			go func() {
				defer close(ended)
				camera.Supervise(ctx, source, new(seen).sink())
			}()
			conn, err := ln.Accept()
			if err != nil {
				t.Fatal(err)
			}
			defer conn.Close()
			if _, err := conn.Read(make([]byte, 1000)); err != nil {
				t.Fatal(err)
			}
			send(t, conn, []byte(c.sends))
			began := time.Now()
			cancel()
			select {
			case <-ended:
			case <-time.After(20 * time.Second):
				t.Fatal("it does not stop")
			}
			if d := time.Since(began); d > time.Second {
				t.Errorf("it stopped after %v", d)
			}
		})
	}
}

func TestFormatsOverTCP(t *testing.T) {
	frame := string(picture(t, 16))
	for _, c := range []struct{ stream, format string }{
		{frame + frame, "bare JPEGs"},
		{"--x\r\n\r\n" + frame + "\r\n--x\r\n\r\n" + frame, "multipart"},
		{"\x00\x00\x02\x00" + frame + "\x00\x00\x02\x00" + frame, "JPEGs with a length before each"},
	} {
		ln, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		defer ln.Close()
		r := supervise(t, "tcp://"+ln.Addr().String())
		conn, err := ln.Accept()
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Close()
		send(t, conn, []byte(c.stream))
		r.awaitFrames(2)
		r.await(c.format, func() bool { return len(r.formats) == 1 && r.formats[0] == c.format })
	}
}
