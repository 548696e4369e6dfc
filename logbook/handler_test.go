package logbook_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"reflect"
	"strings"
	"testing"
	"testing/slogtest"
	"time"

	"traycam/logbook"
)

// TestHandler has slogtest look at what is recorded.
func TestHandler(t *testing.T) {
	var book *logbook.Book
	slogtest.Run(t, func(*testing.T) slog.Handler {
		book = logbook.New("")
		return book.Handler(slog.DiscardHandler)
	}, func(*testing.T) map[string]any {
		line := book.Lines()[0]
		message, rest, _ := strings.Cut(line.Text, " ")
		result := map[string]any{slog.MessageKey: message, slog.LevelKey: line.Level}
		if !line.At.IsZero() {
			result[slog.TimeKey] = line.At
		}
		for pair := range strings.FieldsSeq(rest) {
			key, value, _ := strings.Cut(pair, "=")
			into, groups := result, strings.Split(key, ".")
			for _, group := range groups[:len(groups)-1] {
				if into[group] == nil {
					into[group] = map[string]any{}
				}
				into = into[group].(map[string]any)
			}
			into[groups[len(groups)-1]] = value
		}
		return result
	})
}

// TestPassesOn has slogtest look at what the next handler gets.
func TestPassesOn(t *testing.T) {
	var out bytes.Buffer
	slogtest.Run(t, func(*testing.T) slog.Handler {
		out.Reset()
		return logbook.New("").Handler(slog.NewJSONHandler(&out, nil))
	}, func(t *testing.T) map[string]any {
		result := map[string]any{}
		if err := json.Unmarshal(out.Bytes(), &result); err != nil {
			t.Fatal(err)
		}
		return result
	})
}

func TestLevels(t *testing.T) {
	for level, want := range map[slog.Level]struct{ recorded, passed string }{
		slog.LevelDebug: {"debug info error", "debug info error"},
		slog.LevelInfo:  {"info error", "info error"},
		slog.LevelError: {"info error", "error"},
	} {
		var out bytes.Buffer
		book := logbook.New("")
		log := slog.New(book.Handler(slog.NewTextHandler(&out, &slog.HandlerOptions{Level: level})))
		log.Debug("debug")
		log.Info("info")
		log.Error("error")
		var recorded []string
		for _, l := range book.Lines() {
			recorded = append(recorded, l.Text)
		}
		var passed []string
		for line := range strings.Lines(out.String()) {
			_, message, _ := strings.Cut(line, "msg=")
			passed = append(passed, strings.TrimSpace(message))
		}
		if !reflect.DeepEqual(recorded, strings.Fields(want.recorded)) || !reflect.DeepEqual(passed, strings.Fields(want.passed)) {
			t.Errorf("at %v %q is recorded and %q passed on", level, recorded, passed)
		}
	}
}

func TestText(t *testing.T) {
	book := logbook.New("")
	log := logger(book)
	at := time.Date(2026, 11, 2, 3, 4, 5, 0, time.UTC)
	for _, c := range []struct {
		log          *slog.Logger
		message      string
		args         []any
		camera, text string
	}{
		{log, "plain", nil, "", "plain"},
		{log.With("camera", "door"), "live", []any{"fps", 12.5}, "door", "live fps=12.5"},
		{log, "live", []any{"camera", "door", "after", time.Second}, "door", "live after=1s"},
		{log.With("camera", "door"), "live", []any{"camera", "yard"}, "yard", "live"},
		{log.WithGroup("http").With("camera", "door"), "got", []any{"status", 200}, "", "got http.camera=door http.status=200"},
		{log, "two\nlines\x1b[31m", []any{"err", errors.New("a\nb"), "empty", ""}, "", `two lines [31m err="a\nb" empty=""`},
		{log, "odd", []any{"a key", `a "value"`, "at", at, "nil", nil}, "", `odd "a key"="a \"value\"" at=2026-11-02T03:04:05Z nil=<nil>`},
		{log, "dial", []any{"url", "rtsp://u:p@h/"}, "", "dial url=rtsp://u:…@h/"},
		{log.With("token", "abc"), "see http://h/v/abc/door", nil, "", "see http://h/v/…/door token=…"},
	} {
		c.log.Info(c.message, c.args...)
		lines := book.Lines()
		last := lines[len(lines)-1]
		if last.Camera != c.camera || last.Text != c.text || last.At.IsZero() || last.Level != slog.LevelInfo {
			t.Errorf("%q %v: %+v", c.message, c.args, last)
		}
	}
}

func TestNextSaysWhatIsWrong(t *testing.T) {
	broken := logbook.New("").Handler(slog.NewTextHandler(brokenPipe{}, nil))
	if err := broken.Handle(context.Background(), slog.Record{}); !errors.Is(err, io.ErrClosedPipe) {
		t.Errorf("%v", err)
	}
}

type brokenPipe struct{}

func (brokenPipe) Write([]byte) (int, error) { return 0, io.ErrClosedPipe }
