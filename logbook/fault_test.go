//go:build linux

package logbook_test

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"traycam/faults"
	"traycam/logbook"
)

// A full disk loses no line that is still in memory, and no half of one runs into the next.
func TestFaultDiskIsFullForTheLog(t *testing.T) {
	if os.Geteuid() != 0 {
		t.Skip("mounting a small disk needs root")
	}
	folder := t.TempDir()
	if err := syscall.Mount("tmpfs", folder, "tmpfs", 0, "size=64k"); err != nil {
		t.Skipf("a small disk cannot be mounted here: %v", err)
	}
	defer func() {
		if err := syscall.Unmount(folder, syscall.MNT_DETACH); err != nil {
			t.Error(err)
		}
	}()
	synctest.Test(t, func(t *testing.T) {
		filler := filepath.Join(folder, "filler")
		if err := os.WriteFile(filler, make([]byte, 40<<10), 0o600); err != nil {
			t.Fatal(err)
		}
		book := logbook.New(folder)
		defer book.Close()
		log := logger(book)
		lines := 0
		for ; book.Problem() == nil && lines < 1000; lines++ {
			log.Info(fmt.Sprintf("line %d %s", lines, strings.Repeat("x", 100)))
		}
		if problem := book.Problem(); problem == nil || !strings.Contains(problem.Error(), folder) {
			t.Fatalf("after %d lines: %v", lines, problem)
		}
		for range 100 {
			log.Info(fmt.Sprintf("line %d %s", lines, strings.Repeat("x", 100)))
			lines++
		}
		os.Remove(filler)
		time.Sleep(11 * time.Second) // of the bubble's
		log.Info("there is room")
		if err := book.Problem(); err != nil {
			t.Errorf("with room again: %v", err)
		}
		text := read(t, folder, "traycam.log")
		whole := regexp.MustCompile(`(?m)^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}\S{1,6} INFO  line (\d+) x{100}$`).FindAllStringSubmatch(text, -1)
		for n := range max(lines, len(whole)) {
			if n >= len(whole) || whole[n][1] != fmt.Sprint(n) {
				t.Fatalf("line %d is lost, or runs into another:\n%s", n, text[len(text)-2000:])
			}
		}
		faults.Held(t, "the disk is full as the log is written", "%d lines, 100 of them while it was full: none lost, none run into another", lines)
	})
}
