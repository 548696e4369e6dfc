package viewer

import (
	"fmt"
	"io"
	"os"
	"runtime"
)

// process writes what the program itself takes, under the names that Prometheus'
// own libraries have for it. What the system does not tell is left out.
func process(w io.Writer) {
	gauge := func(name, help string, value int) {
		fmt.Fprintf(w, "# HELP %s %s\n# TYPE %s gauge\n%s %d\n", name, help, name, name, value)
	}
	gauge("go_goroutines", "Goroutines that there are now.", runtime.NumGoroutine())
	if bytes, ok := resident(); ok {
		gauge("process_resident_memory_bytes", "Memory that the program holds.", bytes)
	}
	if files, ok := openFiles(); ok {
		gauge("process_open_fds", "Files and connections that are open.", files)
	}
}

// resident reads Linux' /proc: the second number is in pages.
func resident() (bytes int, ok bool) {
	text, err := os.ReadFile("/proc/self/statm")
	if err != nil {
		return 0, false
	}
	var size, pages int
	_, err = fmt.Sscan(string(text), &size, &pages)
	return pages * os.Getpagesize(), err == nil
}

func openFiles() (n int, ok bool) {
	folder, err := os.Open("/proc/self/fd")
	if err != nil {
		return 0, false
	}
	defer folder.Close()
	names, err := folder.Readdirnames(-1)
	return len(names) - 1, err == nil // without folder itself
}
