// Package faults is the table of what can go wrong around Traycam and what it promises
// then: docs/reliability.md. Tests that make a fault say here what they measured; only tests import it.
package faults

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"testing"
)

// Fault is one row of the table.
type Fault struct {
	Name    string // unique; what a test calls it by
	Made    string // how the test makes it
	Promise string // what Traycam does then
}

// Section is a part of the table.
type Section struct {
	Title  string
	Faults []Fault
}

// Sections are the whole table, in its order.
var Sections = []Section{cameras, viewers, machine, people, attackers, months, crashes}

// Long tells whether the long form of a test is wanted, as "make torture" does. "make test" takes the short one.
func Long() bool { return os.Getenv("TRAYCAM_TORTURE") != "" }

// Held notes for the table what was measured while the fault called name lasted, once its promise has
// been checked. Of a test that failed nothing is noted. Several goroutines may call it, for faults of their own.
func Held(t testing.TB, name, format string, args ...any) {
	t.Helper()
	if !known(name) {
		t.Fatalf("no fault is called %q in package faults", name)
	}
	measured := fmt.Sprintf(format, args...)
	t.Logf("%s: %s", name, measured)
	folder := os.Getenv("TRAYCAM_FAULTS")
	if folder == "" || t.Failed() {
		return
	}
	text, err := json.Marshal(result{name, measured})
	if err == nil {
		err = os.WriteFile(filepath.Join(folder, fileName(name)), text, 0o644)
	}
	if err != nil {
		t.Fatalf("note what was measured: %v", err)
	}
}

// result is what a test found out, in a file of its own in the folder that TRAYCAM_FAULTS names.
type result struct{ Name, Measured string }

func fileName(name string) string { return fmt.Sprintf("%x.json", name) }

func known(name string) bool {
	for _, section := range Sections {
		for _, fault := range section.Faults {
			if fault.Name == name {
				return true
			}
		}
	}
	return false
}
