package app

import (
	"bytes"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"time"

	"github.com/pelletier/go-toml/v2"
	"github.com/pelletier/go-toml/v2/unstable"
)

// The text of the config file, cut into sections. A section is a header such as
// [[cameras]] with its keys and what stands before it since the last key: the
// comments above it. The first section has no header.
type section struct {
	name string // "", "share", "share.links", "cameras"; anything else is not ours
	text []byte
	keys map[string]span // our keys' values, as places in text
	end  int             // where a further key goes: behind the last one
}

type span struct{ from, to int }

// newText is what a first save begins with.
const newText = `# Traycam's settings. Traycam changes single values here and leaves the rest,
# your comments too, as it is. Changes that you save take effect at once.

`

// edit returns the file's text with config's values in it.
func (f *configFile) edit(config Config) ([]byte, error) {
	text := f.text
	if text == nil {
		text = []byte(newText)
	}
	edited := assemble(text, config)
	// What was written must say what was meant. Where a person's way of writing
	// was too much for editing in place (inline tables, dotted keys), write anew.
	if got, _, err := f.parse(edited); err == nil && same(got, config) {
		return edited, nil
	}
	edited, err := rewrite(text, config)
	if err != nil {
		return nil, err
	}
	got, _, err := f.parse(edited)
	if err == nil && !same(got, config) {
		err = errors.New("they would be read back as something else")
	}
	if err != nil {
		return nil, fmt.Errorf("the settings cannot be written: %w", err)
	}
	return edited, nil
}

func same(a, b Config) bool {
	if len(a.Cameras) == 0 && len(b.Cameras) == 0 {
		a.Cameras, b.Cameras = nil, nil
	}
	if len(a.Share.Links) == 0 && len(b.Share.Links) == 0 {
		a.Share.Links, b.Share.Links = nil, nil
	}
	return reflect.DeepEqual(a, b)
}

// assemble puts config's values into text section by section, in the order that
// they have there.
func assemble(text []byte, config Config) []byte {
	sections := cut(text)
	bySection := map[string][]value{}
	at := 1 // where a section that is missing goes: behind the last one of ours
	for _, v := range config.values() {
		there := slices.IndexFunc(sections, func(s section) bool { return s.name == v.section })
		if there < 0 && !v.goesUnsaid() {
			sections = slices.Insert(sections, at, newSection(v.section))
			there = at
		}
		if there > 0 {
			at = there + 1
		}
		bySection[v.section] = append(bySection[v.section], v)
	}
	out := sections[0].with(bySection[""])
	add := func(text []byte) {
		if len(out) > 0 && out[len(out)-1] != '\n' {
			out = append(out, '\n')
		}
		out = append(out, text...)
	}
	written := map[string]bool{}
	cameras := func() {
		there := cameraSections(sections)
		for _, c := range config.Cameras {
			s, found := there[c.ID]
			if !found {
				s = newSection("[cameras]")
			}
			add(s.with(c.values()))
		}
		written["cameras"] = true
	}
	unused := slices.Clone(sections)
	links := func() {
		for _, l := range config.Share.Links {
			add(takeLinkSection(&unused, l).with(l.values()))
		}
		written["share.links"] = true
	}
	noLinks := !slices.ContainsFunc(sections, func(s section) bool { return s.name == "share.links" })
	for _, s := range sections[1:] {
		switch {
		case s.name == "cameras":
			if !written[s.name] {
				cameras()
			}
		case s.name == "share.links":
			if !written[s.name] {
				links()
			}
		default:
			add(s.with(bySection[s.name]))
			if s.name == "share" && noLinks {
				links()
			}
		}
	}
	if !written["cameras"] {
		cameras()
	}
	return out
}

// takeLinkSection takes l's section out of sections: the one with its token, or
// one that a person wrote without a token; else it is a new one.
func takeLinkSection(sections *[]section, l Link) section {
	for _, token := range []string{l.Token, ""} {
		at := slices.IndexFunc(*sections, func(s section) bool {
			return s.name == "share.links" && s.stringAt("token") == token && (token != "" || s.stringAt("name") == l.Name)
		})
		if at >= 0 {
			s := (*sections)[at]
			*sections = slices.Delete(*sections, at, at+1)
			return s
		}
	}
	return newSection("[share.links]")
}

// cameraSections are the sections of cameras by id.
func cameraSections(sections []section) map[string]section {
	all := map[string]section{}
	for _, s := range sections {
		if s.name == "cameras" {
			all[s.stringAt("id")] = s
		}
	}
	return all
}

func newSection(name string) section {
	text := "\n[" + name + "]\n"
	return section{name: strings.Trim(name, "[]"), text: []byte(text), end: len(text)}
}

// cut finds the sections of text, which is TOML without errors.
func cut(text []byte) []section {
	var parser unstable.Parser
	parser.Reset(blankBOM(text))
	sections := []section{{keys: map[string]span{}}}
	begins := []int{0} // where each section begins in text
	last := 0          // behind the line of the last key or header
	nested := false    // inside a table inside a camera or link, which is not ours
	for parser.NextExpression() {
		e := parser.Expression()
		if e.Kind != unstable.KeyValue && e.Kind != unstable.Table && e.Kind != unstable.ArrayTable {
			continue
		}
		name := names(e)
		current := &sections[len(sections)-1]
		begin := begins[len(begins)-1]
		if e.Kind == unstable.KeyValue {
			value := e.Value()
			from := int(value.Raw.Offset)
			to := from + int(value.Raw.Length)
			whole := int(e.Raw.Offset) + int(e.Raw.Length)
			if value.Kind == unstable.Array { // the parser does not tell where it is
				from, to = arrayStart(text, e), whole
			}
			last = lineEnd(text, max(to, whole))
			if nested {
				continue
			}
			if len(name) == 1 && to > from {
				current.keys[name[0]] = span{from - begin, to - begin}
			}
			current.end = last - begin
			continue
		}
		header := e.Child()
		at := lineEnd(text, int(header.Raw.Offset))
		if nested = len(name) > 1 && name[0] == "cameras" || len(name) > 2 && name[0] == "share" && name[1] == "links"; nested {
			last = at // it stays with its camera or link
			continue
		}
		current.text = text[begin:last]
		begins = append(begins, last)
		sections = append(sections, section{name: strings.Join(name, "."), keys: map[string]span{}, end: at - last})
		last = at
	}
	begin := begins[len(begins)-1]
	sections[len(sections)-1].text = text[begin:]
	return sections
}

// arrayStart is the place of the bracket that begins e's value, an array.
func arrayStart(text []byte, e *unstable.Node) int {
	at := 0
	for key := e.Key(); key.Next(); {
		at = int(key.Node().Raw.Offset) + int(key.Node().Raw.Length)
	}
	return at + max(0, bytes.IndexByte(text[at:], '['))
}

// lineEnd is the place behind the line break that follows at.
func lineEnd(text []byte, at int) int {
	if i := bytes.IndexByte(text[at:], '\n'); i >= 0 {
		return at + i + 1
	}
	return len(text)
}

// with returns the section's text with values in it.
func (s section) with(values []value) []byte {
	type change struct {
		span
		text string
	}
	var changes []change
	added := ""
	for _, v := range values {
		at, ok := s.keys[v.key]
		switch {
		case ok && !means(s.text[at.from:at.to], v.is):
			changes = append(changes, change{at, literal(v.is)})
		case !ok && !v.goesUnsaid():
			added += v.key + " = " + literal(v.is) + "\n"
		}
	}
	if added != "" {
		if s.end > 0 && s.text[s.end-1] != '\n' {
			added = "\n" + added
		}
		end := s.end
		if s.end == 0 { // no key yet: behind the comments
			end = len(s.text)
		}
		changes = append(changes, change{span{end, end}, added})
	}
	slices.SortStableFunc(changes, func(a, b change) int { return a.from - b.from })
	var out []byte
	at := 0
	for _, c := range changes {
		out = append(append(out, s.text[at:c.from]...), c.text...)
		at = c.to
	}
	return append(out, s.text[at:]...)
}

// stringAt is the string that a key has, empty where it has none.
func (s section) stringAt(key string) string {
	at, ok := s.keys[key]
	if !ok {
		return ""
	}
	v, _ := valueOf(s.text[at.from:at.to]).(string)
	return v
}

// lineOf is the line, from 1, of the key that a *KeyError is about.
func lineOf(text []byte, wrong *KeyError) int {
	name, key := wrong.List, wrong.Key
	if before, after, found := strings.Cut(key, "."); found && name == "" {
		name, key = before, after
	}
	begin, n := 0, 0
	for _, s := range cut(text) {
		if s.name == name {
			if wrong.List == "" || n == wrong.At {
				at := s.end // a key that is missing: where it would go
				if place, ok := s.keys[key]; ok {
					at = place.from
				}
				return 1 + bytes.Count(text[:min(begin+at, len(text))], []byte("\n"))
			}
			n++
		}
		begin += len(s.text)
	}
	return 1
}

// lineOfNoTime is the line, from 1, of the first link's expires that is no time; 1 where that cannot be told.
func lineOfNoTime(text []byte) int {
	begin := 0
	for _, s := range cut(text) {
		if at, ok := s.keys["expires"]; ok && s.name == "share.links" {
			if _, isTime := valueOf(s.text[at.from:at.to]).(time.Time); !isTime {
				return 1 + bytes.Count(text[:begin+at.from], []byte("\n"))
			}
		}
		begin += len(s.text)
	}
	return 1
}

func dotted(key toml.Key) string { return strings.Join(key, ".") }
