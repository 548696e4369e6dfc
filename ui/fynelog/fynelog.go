// Package fynelog keeps what Fyne writes to the standard logger away from the
// person: lines about locales and preferences that they can do nothing about.
//
// Fyne writes one of them while its packages are being initialised (under LANG=C,
// "Error parsing user locale C"). Go initialises packages in the order of their
// import paths as soon as what they import is ready. This one imports so little
// that it comes before Fyne's lang package, and takes the logger first.
package fynelog

import (
	"bytes"
	"io"
	"log"
	"sync"
)

var (
	// Guarded by mu.
	mu   sync.Mutex
	take func(line string) // nil: lines are dropped
)

func init() { install() }

// SendTo has Fyne's lines given to f, each without its date, until undo is
// called. f must not write to the standard logger before it returns.
func SendTo(f func(line string)) (undo func()) {
	install() // again: slog.SetDefault takes the standard logger, too
	mu.Lock()
	defer mu.Unlock()
	take = f
	return func() {
		mu.Lock()
		defer mu.Unlock()
		take = nil
	}
}

// install puts the filter before whatever the standard logger writes to.
func install() {
	if _, done := log.Writer().(filter); !done {
		log.SetOutput(filter{log.Writer()})
	}
}

// filter passes every line on but Fyne's. The standard logger writes a line at a time.
type filter struct{ next io.Writer }

// How Fyne's lines begin (fyne.LogError), after the logger's date and time.
var (
	starts    = [][]byte{[]byte("Fyne error:  "), []byte("  Cause: "), []byte("  At: ")}
	dateWidth = len("2006/01/02 15:04:05.000000 ")
)

func (f filter) Write(line []byte) (int, error) {
	for _, start := range starts {
		if i := bytes.Index(line, start); i >= 0 && i <= dateWidth {
			mu.Lock()
			defer mu.Unlock()
			if take != nil {
				take(string(bytes.TrimSpace(line[i:])))
			}
			return len(line), nil
		}
	}
	return f.next.Write(line)
}
