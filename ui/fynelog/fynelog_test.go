package fynelog

import (
	"bytes"
	"errors"
	"log"
	"slices"
	"testing"

	"fyne.io/fyne/v2"
)

func TestOnlyFynesLinesAreTaken(t *testing.T) {
	was := log.Writer()
	defer log.SetOutput(was)
	var out bytes.Buffer
	log.SetOutput(&out)

	var taken []string
	undo := SendTo(func(line string) { taken = append(taken, line) })
	fyne.LogError("Preferences load error:", errors.New("EOF"))
	log.Print("a line of ours: Fyne error:  in the middle")
	undo()
	fyne.LogError("after the end", nil)

	if len(taken) != 3 || taken[0] != "Fyne error:  Preferences load error:" || taken[1] != "Cause: EOF" {
		t.Errorf("taken: %q", taken)
	}
	if lines := bytes.Count(out.Bytes(), []byte("\n")); lines != 1 || !bytes.Contains(out.Bytes(), []byte("a line of ours")) {
		t.Errorf("passed on: %q", out.String())
	}
	if slices.ContainsFunc(taken, func(s string) bool { return s == "" }) {
		t.Error("empty lines")
	}
}

// The filter must be in place before Fyne's packages are initialised.
func TestFilterComesFirst(t *testing.T) {
	if _, ok := log.Writer().(filter); !ok {
		t.Error("the standard logger is not filtered")
	}
}
