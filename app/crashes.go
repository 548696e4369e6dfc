package app

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"slices"
	"strings"
	"time"

	"github.com/gofrs/flock"

	"traycam/logbook"
)

const (
	maxCrash   = 256 << 10 // bytes of what Go said; the goroutine that is to blame comes first
	maxCrashes = 5         // reports that are kept
	crashLines = 200       // of the log, in a report
)

// Crashes are the reports of runs of Traycam that ended in a mistake, in one folder. Each run has a file
// of its own there, which Go writes into as it dies, and a lock, which ends with the run.
type Crashes struct {
	folder string
	own    string // without .txt and .lock
	lock   *flock.Flock
}

// CatchCrashes makes Go write into a file in folder when this run ends in a
// mistake, beside standard error, until Close.
func CatchCrashes(folder, version string) (*Crashes, error) {
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return nil, err
	}
	began := time.Now()
	c := &Crashes{folder: folder, own: filepath.Join(folder, fmt.Sprintf("running-%d-%d", os.Getpid(), began.UnixNano()))}
	c.lock = flock.New(c.own + ".lock") // before the file, so that none is without
	if held, err := c.lock.TryLock(); err != nil || !held {
		return nil, cmp.Or(err, errors.New("the lock is another's"))
	}
	file, err := os.OpenFile(c.own+".txt", os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o600)
	if err == nil {
		defer file.Close() // Go keeps a copy
		fmt.Fprintf(file, "Traycam %s, %s %s, %s, started %s\n", version, runtime.GOOS, runtime.GOARCH, runtime.Version(), began.Format(time.RFC3339))
		err = debug.SetCrashOutput(file, debug.CrashOptions{})
	}
	if err != nil {
		c.Close()
		return nil, err
	}
	return c, nil
}

// Close ends a run well: nothing is left of it. c may be nil.
func (c *Crashes) Close() {
	if c == nil {
		return
	}
	debug.SetCrashOutput(nil, debug.CrashOptions{})
	os.Remove(c.own + ".txt")
	remove(c.lock)
}

// last keeps the reports of runs that are over, with the end of the log in logFolder, and is the file of
// the newest one; empty where there is none. c may be nil.
func (c *Crashes) last(logFolder string) (report string) {
	if c == nil {
		return ""
	}
	files, _ := filepath.Glob(filepath.Join(quoteGlob(c.folder), "running-*.txt"))
	for _, file := range files {
		name := strings.TrimSuffix(file, ".txt")
		if name == c.own {
			continue
		}
		lock := flock.New(name + ".lock")
		if over, err := lock.TryLock(); err != nil || !over {
			continue // it runs
		}
		kept, err := c.keep(file, logFolder)
		if err != nil {
			remove(lock) // perhaps the next start has room for it
			continue
		}
		report = cmp.Or(kept, report)
		os.Remove(file)
		remove(lock)
	}
	kept, _ := filepath.Glob(filepath.Join(quoteGlob(c.folder), "crash-*.txt"))
	slices.Sort(kept) // their names are their times
	for len(kept) > maxCrashes {
		if kept[0] != report { // it is the oldest where the clock was set back
			os.Remove(kept[0])
		}
		kept = kept[1:]
	}
	return report
}

// keep makes a report of what Go wrote into file; empty where that is nothing.
func (c *Crashes) keep(file, logFolder string) (report string, err error) {
	f, err := os.Open(file)
	if err != nil {
		return "", err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return "", err
	}
	said, err := io.ReadAll(io.LimitReader(f, maxCrash))
	if _, crash, _ := bytes.Cut(said, []byte("\n")); err != nil || len(crash) == 0 {
		return "", err
	}
	var b bytes.Buffer
	for line := range strings.Lines(string(said)) {
		b.WriteString(logbook.Scrub(line))
	}
	b.WriteString("\n\n== Log\n\n")
	for _, line := range logbook.Tail(logFolder, crashLines) {
		fmt.Fprintln(&b, logbook.Scrub(line))
	}
	report = filepath.Join(c.folder, "crash-"+info.ModTime().Format("2006-01-02T15.04.05.000")+".txt")
	return report, writeAtomically(report, b.Bytes())
}

// remove removes a lock's file, where the system lets it be removed only once it is let go.
func remove(lock *flock.Flock) {
	if runtime.GOOS != "windows" {
		os.Remove(lock.Path())
	}
	lock.Unlock()
	os.Remove(lock.Path())
}

// quoteGlob is a folder's name for filepath.Glob, which takes [ for more than itself.
func quoteGlob(folder string) string {
	if runtime.GOOS == "windows" {
		return folder // there it knows no quoting
	}
	return strings.NewReplacer(`\`, `\\`, "*", `\*`, "?", `\?`, "[", `\[`).Replace(folder)
}

// CrashReport is what is known of the run of Traycam that ended in a mistake.
func (a *App) CrashReport() (string, error) {
	a.mu.Lock()
	file := a.crash
	a.mu.Unlock()
	if file == "" {
		return "", nil
	}
	text, err := os.ReadFile(file)
	return string(text), err
}

// DismissCrash lets Snapshots speak of it no longer; the report stays where it is.
func (a *App) DismissCrash() {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.crash = ""
	poke(a.changed)
}
