package main

import (
	"bytes"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"traycam/logbook"
)

func TestCommandLine(t *testing.T) {
	broken := filepath.Join(t.TempDir(), "config.toml")
	if err := os.WriteFile(broken, []byte("port = \n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		args        string
		status      int
		out, errOut string
	}{
		{"--help", 0, "traycam --headless", ""},
		{"--version", 0, "traycam ", ""},
		{"--nonsense", 2, "", "flag provided but not defined: -nonsense"},
		{"start", 2, "", `"start" is not a flag`},
		{"--port many", 2, "", "-port"},
		{"--port 70000", 2, "", "--port takes a number from 0 to 65535"},
		{"--log-level loud", 2, "", "log-level"},
		{"--log-format xml", 2, "", "--log-format takes text or json"},
		{"--camera door", 2, "", "NAME=URL"},
		{"--headless --config " + broken, 1, "", "line 1"},
		{"--headless --config " + broken + "/none.toml", 1, "", "none.toml cannot be read"},
		{"--camera Door=gopher:", 2, "", `"gopher:" is not a kind of camera address`},
	} {
		var out, errOut bytes.Buffer
		status := run(strings.Fields(c.args), &out, &errOut)
		if status != c.status || !strings.Contains(out.String(), c.out) || !strings.Contains(errOut.String(), c.errOut) {
			t.Errorf("traycam %s: status %d\n%s%s", c.args, status, out.String(), errOut.String())
		}
		if c.status != 0 && strings.Count(errOut.String(), "\n") != 1 {
			t.Errorf("traycam %s: not one line: %q", c.args, errOut.String())
		}
	}
}

func TestLogGoesIntoTheBookToo(t *testing.T) {
	for format, want := range map[string]string{"text": `level=ERROR msg=lost url=http://u:p@h/`, "json": `"level":"ERROR","msg":"lost","url":"http://u:p@h/"}`} {
		var out bytes.Buffer
		book := logbook.New("")
		log := newLog(flags{format: format, level: slog.LevelError}, &out, book)
		log.Info("live")
		log.Error("lost", "url", "http://u:p@h/")
		if text := out.String(); strings.Count(text, "\n") != 1 || !strings.HasSuffix(text, want+"\n") {
			t.Errorf("standard error has %s", text)
		}
		if lines := book.Lines(); len(lines) != 2 || lines[1].Text != "lost url=http://u:…@h/" {
			t.Errorf("the book has %+v", lines)
		}
	}
}
