package logbook

import (
	"context"
	"fmt"
	"log/slog"
	"strconv"
	"strings"
	"time"
	"unicode"
)

// Handler records what it is given into the book, and passes on to next what next
// is enabled for. Debug is recorded only where next is enabled for it.
func (b *Book) Handler(next slog.Handler) slog.Handler { return &handler{book: b, next: next} }

type handler struct {
	book   *Book
	next   slog.Handler
	camera string
	text   string // attributes that were given already, each with a space before it
	group  string // before the keys of further attributes: "", or with a dot last
}

func (h *handler) Enabled(ctx context.Context, level slog.Level) bool {
	return level >= slog.LevelInfo || h.next.Enabled(ctx, level)
}

func (h *handler) Handle(ctx context.Context, r slog.Record) error {
	pass := h.next.Enabled(ctx, r.Level)
	if pass || r.Level >= slog.LevelInfo {
		text := make([]byte, 0, 256)
		text = append(text, oneLine(r.Message)...)
		text = append(text, h.text...)
		line := Line{At: r.Time.Round(0), Level: r.Level, Camera: h.camera}
		r.Attrs(func(a slog.Attr) bool {
			text = appendAttr(text, &line.Camera, h.group, a)
			return true
		})
		line.Text = string(text)
		h.book.add(line)
	}
	if !pass {
		return nil
	}
	return h.next.Handle(ctx, r)
}

func (h *handler) WithAttrs(attrs []slog.Attr) slog.Handler {
	if len(attrs) == 0 {
		return h
	}
	with := *h
	with.next = h.next.WithAttrs(attrs)
	text := []byte(h.text)
	for _, a := range attrs {
		text = appendAttr(text, &with.camera, h.group, a)
	}
	with.text = string(text)
	return &with
}

func (h *handler) WithGroup(name string) slog.Handler {
	if name == "" {
		return h
	}
	with := *h
	with.next = h.next.WithGroup(name)
	with.group += name + "."
	return &with
}

// appendAttr adds " key=value"; what stands outside groups under "camera" becomes *camera.
func appendAttr(text []byte, camera *string, group string, a slog.Attr) []byte {
	a.Value = a.Value.Resolve()
	switch {
	case a.Equal(slog.Attr{}):
		return text
	case a.Value.Kind() == slog.KindGroup:
		if a.Key != "" {
			group += a.Key + "."
		}
		for _, inner := range a.Value.Group() {
			text = appendAttr(text, camera, group, inner)
		}
		return text
	case group == "" && a.Key == "camera":
		*camera = oneLine(asText(a.Value))
		return text
	}
	text = append(text, ' ')
	text = appendQuoted(text, group+a.Key)
	text = append(text, '=')
	return appendQuoted(text, asText(a.Value))
}

func asText(v slog.Value) string {
	switch v.Kind() {
	case slog.KindTime:
		return v.Time().Format(time.RFC3339Nano)
	case slog.KindAny:
		return fmt.Sprintf("%+v", v.Any())
	}
	return v.String()
}

// appendQuoted puts s into quotes where it could not be told from its surroundings.
func appendQuoted(text []byte, s string) []byte {
	if s == "" || strings.ContainsFunc(s, func(r rune) bool { return r == ' ' || r == '"' || r == '=' || !unicode.IsPrint(r) }) {
		return strconv.AppendQuote(text, s)
	}
	return append(text, s...)
}

// oneLine has spaces for line breaks and for all that a terminal would obey.
func oneLine(s string) string {
	return strings.Map(func(r rune) rune {
		if !unicode.IsPrint(r) {
			return ' '
		}
		return r
	}, s)
}
