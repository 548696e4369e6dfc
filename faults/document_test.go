package faults

import (
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

var results = flag.String("results", "", "write docs/reliability.md, with what the tests noted in this `folder`")

const (
	document  = "../docs/reliability.md"
	unwritten = "not measured yet"
	begin     = "<!-- What follows is written by \"make torture\". -->\n"
)

// The table names every fault as package faults does.
func TestFaultsAreDocumented(t *testing.T) {
	old, err := os.ReadFile(document)
	if err != nil {
		t.Fatal(err)
	}
	introduction, rest, found := strings.Cut(string(old), begin)
	if !found {
		t.Fatalf("%s lacks the line %s", document, begin)
	}
	measured := measuredIn(rest)
	if *results != "" {
		noted(t, measured)
		if err := os.WriteFile(document, []byte(introduction+begin+table(measured)), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	if table(measured) != rest {
		t.Errorf("%s is not what package faults says; \"make torture\" writes it", document)
	}
}

func TestNamesAreUnique(t *testing.T) {
	seen := map[string]bool{}
	for _, section := range Sections {
		for _, fault := range section.Faults {
			if seen[fault.Name] {
				t.Errorf("two faults are called %q", fault.Name)
			}
			seen[fault.Name] = true
			if strings.Contains(fault.Name+fault.Made+fault.Promise, "|") {
				t.Errorf("%q: a | would end the cell", fault.Name)
			}
		}
	}
}

func table(measured map[string]string) string {
	var b strings.Builder
	for _, section := range Sections {
		fmt.Fprintf(&b, "\n## %s\n\n| What happens | How it is made | What is promised | What was measured |\n| --- | --- | --- | --- |\n", section.Title)
		for _, f := range section.Faults {
			last := measured[shown(f.Name)]
			if last == "" {
				last = unwritten
			}
			fmt.Fprintf(&b, "| %s | %s | %s | %s |\n", shown(f.Name), f.Made, f.Promise, last)
		}
	}
	return b.String()
}

// shown is a name as the document has it, with a capital letter.
func shown(name string) string { return strings.ToUpper(name[:1]) + name[1:] }

// measuredIn is what the document says, so that a fault that was not tried anew keeps its figures.
func measuredIn(text string) map[string]string {
	measured := map[string]string{}
	for line := range strings.Lines(text) {
		cells := strings.Split(strings.TrimSpace(line), " | ")
		if name, isRow := strings.CutPrefix(cells[0], "| "); isRow && len(cells) == 4 {
			measured[shown(name)] = strings.TrimSuffix(cells[3], " |")
		}
	}
	return measured
}

func noted(t *testing.T, measured map[string]string) {
	files, err := filepath.Glob(filepath.Join(*results, "*.json"))
	if err != nil || len(files) == 0 {
		t.Fatalf("no results in %s: %v", *results, err)
	}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		var r result
		if err := json.Unmarshal(text, &r); err != nil {
			t.Fatalf("%s: %v", file, err)
		}
		measured[shown(r.Name)] = strings.NewReplacer("|", "/", "\n", " ").Replace(r.Measured)
	}
}
