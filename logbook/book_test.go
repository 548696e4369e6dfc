package logbook_test

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/goleak"

	"traycam/logbook"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func logger(b *logbook.Book) *slog.Logger {
	return slog.New(b.Handler(slog.NewTextHandler(io.Discard, nil)))
}

func TestKeepsTheLastLines(t *testing.T) {
	book := logbook.New("")
	log := logger(book)
	if lines := book.Lines(); len(lines) != 0 {
		t.Errorf("a new book has %d lines", len(lines))
	}
	for n := 1; n <= 4500; n++ {
		log.Info("line", "n", n)
		if n != 1 && n != 1999 && n != 2000 && n != 2001 && n != 4500 {
			continue
		}
		lines := book.Lines()
		if want := min(n, 2000); len(lines) != want {
			t.Fatalf("after %d lines there are %d, not %d", n, len(lines), want)
		}
		for i, l := range lines {
			if want := n - len(lines) + 1 + i; l.Number != uint64(want) || l.Text != fmt.Sprintf("line n=%d", want) {
				t.Fatalf("after %d lines the one at %d is %+v", n, i, l)
			}
		}
	}
}

func TestLinesAreBounded(t *testing.T) {
	book := logbook.New("")
	log := logger(book)
	log.Info(strings.Repeat("ü", 5000), "camera", strings.Repeat("x", 5000))
	log.Info("x"+strings.Repeat("ü", 5000), "password", strings.Repeat("x", 5000))
	for _, l := range book.Lines() {
		if len(l.Text) > 2000 || len(l.Text) < 1990 || len(l.Camera) > 64 || !strings.HasSuffix(l.Text, "ü…") {
			t.Errorf("%d and %d bytes: %q", len(l.Camera), len(l.Text), l.Text)
		}
	}
}

func TestManyAtOnce(t *testing.T) {
	book := logbook.New(t.TempDir())
	defer book.Close()
	log := logger(book)
	ctx, cancel := context.WithCancel(t.Context())
	var watching, writing sync.WaitGroup
	for range 3 {
		watching.Go(func() {
			seen := uint64(0)
			for n := range book.Watch(ctx) {
				if n <= seen {
					t.Errorf("%d after %d", n, seen)
				}
				seen = n
				book.Lines()
			}
		})
	}
	for g := range 8 {
		writing.Go(func() {
			with := log.With("camera", fmt.Sprint(g))
			for n := range 500 {
				with.Info("line", "n", n)
			}
		})
	}
	writing.Go(func() { book.SetFolder(t.TempDir()) })
	writing.Wait()
	cancel()
	watching.Wait()
	lines := book.Lines()
	if len(lines) != 2000 || lines[1999].Number != 4000 {
		t.Errorf("%d lines, the last is %+v", len(lines), lines[len(lines)-1])
	}
	if err := book.Problem(); err != nil {
		t.Error(err)
	}
}

func TestWatchIsToldFiveTimesASecond(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		book := logbook.New("")
		log := logger(book)
		log.Info("before")
		ctx, cancel := context.WithCancel(t.Context())
		var seen []uint64
		var last time.Time
		ended := make(chan struct{})
		go func() {
			defer close(ended)
			for n := range book.Watch(ctx) {
				seen, last = append(seen, n), time.Now()
			}
		}()
		synctest.Wait()
		if len(seen) != 1 || seen[0] != 1 {
			t.Fatalf("a new watcher is told %v", seen)
		}
		time.Sleep(time.Hour)
		synctest.Wait()
		if len(seen) != 1 {
			t.Fatalf("in a quiet hour a watcher is told %v", seen)
		}
		before := time.Now()
		log.Info("after an hour")
		synctest.Wait()
		if len(seen) != 2 || last != before {
			t.Fatalf("a line after an hour is told late: %v", seen)
		}
		for range 10_000 { // 10 s
			log.Info("much")
			time.Sleep(time.Millisecond)
		}
		time.Sleep(time.Second)
		synctest.Wait()
		if told := len(seen) - 2; told < 45 || told > 51 || seen[len(seen)-1] != 10_002 {
			t.Errorf("in 10 s a watcher is told %d times, at last of line %d", told, seen[len(seen)-1])
		}
		cancel()
		<-ended
		for range book.Watch(t.Context()) {
			break
		}
		for range book.Watch(ctx) {
			t.Error("it is told after its context is done")
		}
	})
}

func BenchmarkLog(b *testing.B) {
	for _, c := range []struct{ name, folder string }{{"memory", ""}, {"file", b.TempDir()}} {
		b.Run(c.name, func(b *testing.B) {
			book := logbook.New(c.folder)
			defer book.Close()
			log := logger(book).With("camera", "front-door")
			b.ReportAllocs()
			for b.Loop() {
				log.Info("camera is live", "url", "rtsp://admin:secret@10.0.0.7/stream", "after", time.Second)
			}
		})
	}
}
