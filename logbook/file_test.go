package logbook_test

import (
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"traycam/logbook"
)

func read(t *testing.T, path ...string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(path...))
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func TestFile(t *testing.T) {
	folder := filepath.Join(t.TempDir(), "cache", "log")
	book := logbook.New("")
	log := logger(book)
	log.Info("before there is a folder")
	book.SetFolder(folder)
	log.With("camera", "door").Warn("camera is lost", "err", "line\nbreak")
	book.Close()
	log.Info("after the end")
	want := regexp.MustCompile(`^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}\S+ INFO  before there is a folder
\S+ WARN  \[door\] camera is lost err="line\\nbreak"
$`)
	if text := read(t, folder, "traycam.log"); !want.MatchString(text) {
		t.Errorf("the file is\n%s", text)
	}
	if len(book.Lines()) != 3 || book.Problem() != nil {
		t.Errorf("%d lines in memory, problem %v", len(book.Lines()), book.Problem())
	}
	if runtime.GOOS == "windows" {
		return
	}
	for path, mode := range map[string]os.FileMode{folder: 0o700, filepath.Join(folder, "traycam.log"): 0o600} {
		if info, err := os.Stat(path); err != nil || info.Mode().Perm() != mode {
			t.Errorf("%s has mode %v, %v", path, info.Mode().Perm(), err)
		}
	}
}

func TestRotation(t *testing.T) {
	folder := t.TempDir()
	book := logbook.New(folder)
	log := logger(book)
	for n := range 2500 { // 5 MB
		log.Info(strings.Repeat("x", 1900), "n", n)
	}
	book.Close()
	entries, err := os.ReadDir(folder)
	if err != nil || len(entries) != 3 {
		t.Fatalf("%d files, %v", len(entries), err)
	}
	var all string
	for _, name := range []string{"traycam.2.log", "traycam.1.log", "traycam.log"} {
		text := read(t, folder, name)
		if len(text) > 1<<20 || name != "traycam.log" && len(text) < 1<<20-2000 {
			t.Errorf("%s has %d bytes", name, len(text))
		}
		all += text
	}
	if !strings.HasSuffix(all, " n=2499\n") {
		t.Errorf("it ends with %q", all[len(all)-20:])
	}
	// A file of an earlier run is gone on with.
	before := len(read(t, folder, "traycam.log"))
	book = logbook.New(folder)
	logger(book).Info("again")
	book.Close()
	if text := read(t, folder, "traycam.log"); len(text) <= before || !strings.HasSuffix(text, "again\n") {
		t.Errorf("%d bytes before, then %d", before, len(text))
	}
}

func TestFolderThatCannotBeWritten(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		folder := filepath.Join(t.TempDir(), "log")
		if err := os.WriteFile(folder, nil, 0o600); err != nil { // a file where the folder should be
			t.Fatal(err)
		}
		book := logbook.New(folder)
		defer book.Close()
		log := logger(book)
		log.Info("one")
		if err := book.Problem(); err == nil || !strings.Contains(err.Error(), folder) {
			t.Fatalf("problem: %v", err)
		}
		if err := os.Remove(folder); err != nil {
			t.Fatal(err)
		}
		log.Info("two")
		time.Sleep(11 * time.Second)
		log.Info("three")
		if err := book.Problem(); err != nil {
			t.Errorf("problem: %v", err)
		}
		if text := read(t, folder, "traycam.log"); strings.Count(text, "\n") != 3 || !strings.Contains(text, "one\n") {
			t.Errorf("the file is\n%s", text)
		}
		other := filepath.Join(t.TempDir(), "other")
		book.SetFolder(other)
		log.Info("four")
		if text := read(t, other, "traycam.log"); strings.Count(text, "\n") != 1 {
			t.Errorf("the other file is\n%s", text)
		}
	})
}

func TestFileThatIsRemoved(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("Windows does not remove a file that is open")
	}
	synctest.Test(t, func(t *testing.T) {
		folder := filepath.Join(t.TempDir(), "log")
		book := logbook.New(folder)
		defer book.Close()
		log := logger(book)
		log.Info("one")
		if err := os.RemoveAll(folder); err != nil {
			t.Fatal(err)
		}
		time.Sleep(2 * time.Second)
		log.Info("two")
		if text := read(t, folder, "traycam.log"); !strings.HasSuffix(text, "two\n") {
			t.Errorf("the file is\n%s", text)
		}
	})
}
