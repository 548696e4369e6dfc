package app

import (
	"context"
	"log/slog"
	"net/http"
	"path/filepath"
	"testing"
)

// A port that is lost is taken again.
func TestLostPortIsTakenAgain(t *testing.T) {
	any := 0
	a, err := New(Options{ConfigFile: filepath.Join(t.TempDir(), "config.toml"), Port: &any, Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	if err := a.Listen(); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		a.Run(ctx)
	}()
	defer func() {
		cancel()
		<-ended
		http.DefaultClient.CloseIdleConnections()
	}()
	first := a.ViewerURL()
	a.mu.Lock()
	for _, ln := range a.listening.listeners {
		ln.Close() // as if the system had taken it away
	}
	a.mu.Unlock()
	for s := range a.Watch(t.Context()) {
		if s.ViewerURL == "" || s.ViewerURL == first {
			continue
		}
		response, err := http.Get(s.ViewerURL + "healthz")
		if err != nil {
			t.Fatal(err)
		}
		response.Body.Close()
		return
	}
}
