package app

import (
	"bufio"
	"fmt"
	"io"
	"runtime"
	"time"

	"traycam/logbook"
)

// Report writes what helps to find out why something does not work: version,
// system, settings and state without passwords and links, and the log.
func (a *App) Report(w io.Writer) error {
	s, _ := a.snapshots.Latest()
	a.mu.Lock()
	config := a.config.Clone()
	a.mu.Unlock()

	b := bufio.NewWriter(w)
	fmt.Fprintf(b, "Traycam %s\n%s, %s %s, %s\n", a.opt.Version, time.Now().Format(time.RFC3339), runtime.GOOS, runtime.GOARCH, runtime.Version())
	fmt.Fprintf(b, "\n== Settings\n\n")
	if config.Share.Token != "" {
		config.Share.Token = "…"
	}
	writeValues(b, config.values())
	for _, l := range config.Share.Links {
		l.Token = "…"
		fmt.Fprintln(b)
		writeValues(b, l.values())
	}
	for _, c := range config.Cameras {
		fmt.Fprintln(b)
		writeValues(b, c.values())
	}

	fmt.Fprintf(b, "\n== State\n\n%s, %d viewers\n", s.Streaming, s.Viewers)
	if s.Reason != nil {
		fmt.Fprintln(b, s.Reason)
	}
	for _, notice := range s.Notices {
		fmt.Fprintln(b, notice)
	}
	for _, c := range s.Cameras {
		fmt.Fprintf(b, "%s: %s %s %d×%d, %.1f fps, %.0f bit/s, %d frames, %d dropped, %d repaired, %d viewers\n",
			c.ID, c.State, logbook.Scrub(c.Reason.String()), c.Width, c.Height, c.FPS, c.BitsPerSecond, c.Frames, c.Dropped, c.Repaired, c.Viewers)
	}

	fmt.Fprintf(b, "\n== Log\n\n")
	if a.opt.Book != nil {
		for _, line := range a.opt.Book.Lines() {
			fmt.Fprintln(b, line.At.Format(time.DateOnly), line)
		}
	}
	return b.Flush()
}

func writeValues(w io.Writer, values []value) {
	for _, v := range values {
		is := literal(v.is)
		if text, ok := v.is.(string); ok {
			is = quote(logbook.Scrub(text))
		}
		fmt.Fprintf(w, "%s = %s\n", v.key, is)
	}
}
