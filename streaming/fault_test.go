package streaming_test

import (
	"bytes"
	"context"
	"io"
	"io/fs"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"sync"
	"testing"
	"testing/fstest"

	"traycam/faults"
	"traycam/streaming"
)

// brokenFiles panic, but for the page.
type brokenFiles struct{ files fstest.MapFS }

func (f brokenFiles) Open(name string) (fs.File, error) {
	if name != "viewer.js" {
		return f.files.Open(name)
	}
	panic("a bug")
}

// A panic in one request ends that one, and the log has its stack at a level that is looked at.
func TestFaultMistakeWithOneRequest(t *testing.T) {
	var log struct {
		sync.Mutex
		bytes.Buffer
	}
	level := slog.HandlerOptions{Level: slog.LevelInfo}
	s := streaming.New(streaming.Options{
		Version: "test", Web: brokenFiles{fstest.MapFS{"index.html": {Data: []byte("page")}}}, Changed: func() {},
		Log: slog.New(slog.NewTextHandler(writer(func(b []byte) (int, error) {
			log.Lock()
			defer log.Unlock()
			return log.Write(b)
		}), &level)),
	})
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	var serving sync.WaitGroup
	serving.Go(func() { s.Serve(ctx, ln) })
	defer serving.Wait()
	defer cancel()
	defer http.DefaultClient.CloseIdleConnections()
	url := "http://" + ln.Addr().String()

	if response, err := http.Get(url + "/assets/viewer.js"); err == nil {
		response.Body.Close()
		t.Errorf("the broken request is answered: %s", response.Status)
	}
	response, err := http.Get(url + "/state")
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	if body, err := io.ReadAll(response.Body); err != nil || response.StatusCode != http.StatusOK {
		t.Errorf("/state: %v, %s", err, body)
	}
	log.Lock()
	defer log.Unlock()
	if !strings.Contains(log.String(), "a bug") || !strings.Contains(log.String(), "brokenFiles") {
		t.Errorf("the log has no stack:\n%s", &log.Buffer)
	}
	faults.Held(t, "a mistake with one request", "the next request is answered; %d bytes of log", log.Len())
}

type writer func([]byte) (int, error)

func (w writer) Write(b []byte) (int, error) { return w(b) }
