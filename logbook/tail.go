package logbook

import (
	"bytes"
	"io"
	"os"
	"path/filepath"
	"strings"
)

// Tail is the last lines that were written to the files in folder, at most n.
func Tail(folder string, n int) (lines []string) {
	if folder == "" {
		return nil
	}
	for _, name := range names {
		if len(lines) >= n {
			break
		}
		lines = append(tail(filepath.Join(folder, name), n-len(lines)), lines...)
	}
	return lines
}

func tail(file string, n int) []string {
	f, err := os.Open(file)
	if err != nil {
		return nil
	}
	defer f.Close()
	text, err := io.ReadAll(io.LimitReader(f, 2*maxFile)) // another program's file may have the name
	if err != nil || len(text) == 0 {
		return nil
	}
	lines := strings.Split(string(bytes.TrimSuffix(text, []byte("\n"))), "\n")
	return lines[max(0, len(lines)-n):]
}
