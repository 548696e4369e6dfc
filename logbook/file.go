package logbook

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"time"
)

const (
	maxFile = 1 << 20 // bytes; then the next file is begun
	// tryAgain is how long a folder that could not be written is left alone.
	tryAgain = 10 * time.Second
	// lookEvery is how often it is seen that the file was removed or is full: people
	// clean up, and Traycam with another config writes into the same folder.
	lookEvery = time.Second
)

// names are the files, newest first.
var names = [...]string{"traycam.log", "traycam.1.log", "traycam.2.log"}

// file is where the lines are written.
type file struct {
	mu sync.Mutex
	// Guarded by mu.
	folder  string // "": nowhere
	open    *os.File
	size    int64
	looked  time.Time
	retry   time.Time // zero: it can be written, as far as is known
	written uint64    // number of the newest line that is in a file
	torn    bool      // the file ends with a part of a line
	buf     []byte
}

// SetFolder makes folder the place of the files, "" for none. Lines that are in
// memory only are written there too.
func (b *Book) SetFolder(folder string) {
	b.file.mu.Lock()
	if folder == b.file.folder {
		b.file.mu.Unlock()
		return
	}
	b.file.close()
	b.file.folder, b.file.retry = folder, time.Time{}
	b.setProblem(nil)
	b.file.mu.Unlock()
	b.write()
}

// Problem is why lines are not in files although there is a folder, else nil.
func (b *Book) Problem() error {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.problem
}

func (b *Book) setProblem(err error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.problem = err
}

// Close closes the file. Lines that come later are kept in memory only.
func (b *Book) Close() {
	b.file.mu.Lock()
	defer b.file.mu.Unlock()
	b.file.close()
	b.file.folder = ""
}

// write brings the files up to date.
func (b *Book) write() {
	f := &b.file
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.folder == "" || !f.retry.IsZero() && time.Now().Before(f.retry) {
		return
	}
	for {
		line, ok := b.after(f.written)
		if !ok {
			break
		}
		if err := f.append(line); err != nil {
			f.close()
			f.retry = time.Now().Add(tryAgain)
			b.setProblem(fmt.Errorf("write the log into %s: %w", f.folder, err))
			return
		}
		f.written = line.Number
	}
	if !f.retry.IsZero() {
		f.retry = time.Time{}
		b.setProblem(nil)
	}
}

func (f *file) append(l Line) error {
	f.buf = l.At.AppendFormat(f.buf[:0], "2006-01-02T15:04:05.000Z07:00")
	f.buf = fmt.Appendf(f.buf, " %-5s ", l.Level)
	if l.Camera != "" {
		f.buf = append(append(append(f.buf, '['), l.Camera...), "] "...)
	}
	f.buf = append(append(f.buf, l.Text...), '\n')

	f.look()
	if err := f.begin(); err != nil {
		return err
	}
	if f.size > 0 && f.size+int64(len(f.buf)) > maxFile {
		if err := f.rotate(); err != nil {
			return err
		}
	}
	if f.torn {
		f.buf = slices.Insert(f.buf, 0, '\n')
	}
	n, err := f.open.Write(f.buf)
	f.size += int64(n)
	if n > 0 {
		f.torn = err != nil
	}
	return err
}

// look closes the file where it is not the one in the folder any more.
func (f *file) look() {
	now := time.Now()
	if f.open == nil || now.Sub(f.looked) < lookEvery {
		return
	}
	f.looked = now
	there, err := os.Stat(filepath.Join(f.folder, names[0]))
	ours, ownErr := f.open.Stat()
	if err != nil || ownErr != nil || !os.SameFile(there, ours) {
		f.close()
		return
	}
	f.size = ours.Size()
}

// begin opens the file where it is not open.
func (f *file) begin() error {
	if f.open != nil {
		return nil
	}
	if err := os.MkdirAll(f.folder, 0o700); err != nil {
		return err
	}
	opened, err := os.OpenFile(filepath.Join(f.folder, names[0]), os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	info, err := opened.Stat()
	if err != nil {
		opened.Close()
		return err
	}
	f.open, f.size, f.looked = opened, info.Size(), time.Now()
	return nil
}

// rotate begins a new file, and lets go of the oldest.
func (f *file) rotate() error {
	f.close()
	for i := len(names) - 1; i > 0; i-- {
		err := os.Rename(filepath.Join(f.folder, names[i-1]), filepath.Join(f.folder, names[i]))
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	return f.begin()
}

func (f *file) close() {
	if f.open != nil {
		f.open.Close()
		f.open = nil
	}
}
