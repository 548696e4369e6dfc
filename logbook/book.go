// Package logbook is the program's log as people read it in a window: the last
// lines in memory, the last megabytes in files, without passwords.
package logbook

import (
	"context"
	"iter"
	"log/slog"
	"sync"
	"time"
	"unicode/utf8"
)

const (
	maxLines  = 2000
	maxText   = 2000 // bytes of Line.Text
	maxCamera = 64   // bytes of Line.Camera
	// watchEvery is how often a watcher is told of new lines, at most.
	watchEvery = 200 * time.Millisecond
)

// Line is one line of the log.
type Line struct {
	Number uint64 // from 1, without gaps
	At     time.Time
	Level  slog.Level
	Camera string // the attribute "camera": a camera's id; empty where there is none
	Text   string // the message and the other attributes, as key=value
}

// String is the line with its time of day, as the window shows it.
func (l Line) String() string {
	text := l.At.Format("15:04:05") + " " + l.Level.String() + " " + l.Text
	if l.Camera != "" {
		text += " camera=" + l.Camera
	}
	return text
}

// Book keeps the last 2,000 lines. Its methods may be called at once.
type Book struct {
	file file

	mu sync.Mutex // may be taken while file.mu is held, not the other way round
	// Guarded by mu.
	lines    []Line // line n is at (n-1) % maxLines
	newest   uint64 // number of the newest line; 0: none yet
	watchers map[chan struct{}]struct{}
	problem  error
}

// New makes an empty book. It writes files into folder; where that is "", none.
func New(folder string) *Book {
	return &Book{file: file{folder: folder}, watchers: map[chan struct{}]struct{}{}}
}

// Lines is a copy of the last lines, oldest first.
func (b *Book) Lines() []Line {
	b.mu.Lock()
	defer b.mu.Unlock()
	lines := make([]Line, 0, len(b.lines))
	for n := b.newest - uint64(len(b.lines)); n < b.newest; n++ {
		lines = append(lines, b.lines[n%maxLines])
	}
	return lines
}

// Watch yields the newest line's number, if there is a line, and again when there
// are newer ones, at most five times a second, until ctx is done or the loop is left.
func (b *Book) Watch(ctx context.Context) iter.Seq[uint64] {
	return func(yield func(uint64) bool) {
		wake := make(chan struct{}, 1) // holds at most one: there may be a newer line
		wake <- struct{}{}             // there are lines already, perhaps
		b.mu.Lock()
		b.watchers[wake] = struct{}{}
		b.mu.Unlock()
		defer func() {
			b.mu.Lock()
			defer b.mu.Unlock()
			delete(b.watchers, wake)
		}()
		var seen uint64
		for {
			select {
			case <-wake:
			case <-ctx.Done():
				return
			}
			b.mu.Lock()
			newest := b.newest
			b.mu.Unlock()
			if newest == seen {
				continue
			}
			if seen = newest; ctx.Err() != nil || !yield(seen) {
				return
			}
			select {
			case <-time.After(watchEvery):
			case <-ctx.Done():
				return
			}
		}
	}
}

// add gives the line its number and keeps it.
func (b *Book) add(l Line) {
	l.Camera, l.Text = cut(Scrub(l.Camera), maxCamera), cut(Scrub(l.Text), maxText)
	b.mu.Lock()
	if len(b.lines) < maxLines {
		b.lines = append(b.lines, Line{})
	}
	b.newest++
	l.Number = b.newest
	b.lines[(l.Number-1)%maxLines] = l
	for wake := range b.watchers {
		select {
		case wake <- struct{}{}:
		default: // it has not yet seen the last wake-up: it will find this line
		}
	}
	b.mu.Unlock()
	b.write()
}

// after is the oldest line that is kept and newer than number.
func (b *Book) after(number uint64) (Line, bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if number >= b.newest {
		return Line{}, false
	}
	oldest := b.newest - uint64(len(b.lines))
	return b.lines[max(number, oldest)%maxLines], true
}

// cut shortens s to at most limit bytes, the sign that it is cut among them.
func cut(s string, limit int) string {
	const sign = "…"
	if len(s) <= limit {
		return s
	}
	end := limit - len(sign)
	for !utf8.RuneStart(s[end]) {
		end--
	}
	return s[:end] + sign
}
