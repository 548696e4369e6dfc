package app

import (
	"bytes"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"github.com/pelletier/go-toml/v2"
	"github.com/pelletier/go-toml/v2/unstable"
)

// The text of the config file, cut into sections. A section is a header such as
// [[cameras]] with its keys and what stands before it since the last key: the
// comments above it. The first section has no header.
type section struct {
	name string // "", "share", "cameras"; anything else is not ours
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
		if there < 0 && v.is != v.unsaid {
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
	written := false
	cameras := func() {
		for _, c := range config.Cameras {
			add(cameraSection(sections, c.ID).with(c.values()))
		}
		written = true
	}
	for _, s := range sections[1:] {
		switch {
		case s.name != "cameras":
			add(s.with(bySection[s.name]))
		case !written:
			cameras()
		}
	}
	if !written {
		cameras()
	}
	return out
}

// cameraSection is the section of the camera with that id, or a new one.
func cameraSection(sections []section, id string) section {
	for _, s := range sections {
		if s.name == "cameras" && s.stringAt("id") == id {
			return s
		}
	}
	return newSection("[cameras]")
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
	nested := false    // inside a table inside a camera, which is not ours
	for parser.NextExpression() {
		e := parser.Expression()
		if e.Kind != unstable.KeyValue && e.Kind != unstable.Table && e.Kind != unstable.ArrayTable {
			continue
		}
		name := []string{}
		for key := e.Key(); key.Next(); {
			name = append(name, string(key.Node().Data))
		}
		current := &sections[len(sections)-1]
		begin := begins[len(begins)-1]
		if e.Kind == unstable.KeyValue {
			value := e.Value()
			from := int(value.Raw.Offset)
			to := from + int(value.Raw.Length)
			whole := int(e.Raw.Offset) + int(e.Raw.Length)
			last = lineEnd(text, max(to, whole))
			if nested {
				continue
			}
			if len(name) == 1 && value.Raw.Length > 0 {
				current.keys[name[0]] = span{from - begin, to - begin}
			}
			current.end = last - begin
			continue
		}
		header := e.Child()
		at := lineEnd(text, int(header.Raw.Offset))
		if nested = len(name) > 1 && name[0] == "cameras"; nested {
			last = at // it stays with its camera
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
		case !ok && v.is != v.unsaid:
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

// means tells whether a value as it is written says v already.
func means(written []byte, v any) bool {
	if n, ok := v.(int); ok {
		v = int64(n)
	}
	return valueOf(written) == v
}

func valueOf(written []byte) any {
	var m map[string]any
	if toml.Unmarshal(append([]byte("v = "), written...), &m) != nil {
		return nil
	}
	switch v := m["v"].(type) {
	case string, int64, bool:
		return v
	}
	return nil // nothing of ours
}

// literal writes a value as TOML does.
func literal(v any) string {
	switch v := v.(type) {
	case int:
		return strconv.Itoa(v)
	case bool:
		return strconv.FormatBool(v)
	}
	return quote(v.(string))
}

// quote writes a basic string (TOML 1.0, "String").
func quote(s string) string {
	var b strings.Builder
	b.WriteByte('"')
	for _, r := range s {
		switch {
		case r == '"' || r == '\\':
			b.WriteByte('\\')
			b.WriteRune(r)
		case r < ' ' || r == 0x7f:
			fmt.Fprintf(&b, "\\u%04X", r)
		default:
			b.WriteRune(r)
		}
	}
	b.WriteByte('"')
	return b.String()
}

// rewrite writes the whole file anew, keeping the keys of text that are not ours.
func rewrite(text []byte, config Config) ([]byte, error) {
	all := map[string]any{}
	if err := toml.Unmarshal(text, &all); err != nil {
		return nil, err
	}
	for _, v := range config.values() {
		section := all
		if v.section != "" {
			section, _ = all[v.section].(map[string]any)
		}
		if _, there := section[v.key]; !there && v.is == v.unsaid {
			continue
		}
		if section == nil {
			section = map[string]any{}
			all[v.section] = section
		}
		section[v.key] = v.is
	}

	before, _ := all["cameras"].([]any)
	cameras := []map[string]any{}
	for _, c := range config.Cameras {
		out := map[string]any{}
		for _, b := range before {
			if m, ok := b.(map[string]any); ok && m["id"] == c.ID {
				out = m
			}
		}
		for _, v := range c.values() {
			if _, there := out[v.key]; there || v.is != v.unsaid {
				out[v.key] = v.is
			}
		}
		cameras = append(cameras, out)
	}
	all["cameras"] = cameras
	written, err := toml.Marshal(all)
	return append([]byte(newText), written...), err
}

// lineOf is the line, from 1, of the key that a *KeyError is about.
func lineOf(text []byte, wrong *KeyError) int {
	name, key := "", wrong.Key
	if wrong.Camera >= 0 {
		name = "cameras"
	} else if before, after, found := strings.Cut(key, "."); found {
		name, key = before, after
	}
	begin, n := 0, 0
	for _, s := range cut(text) {
		if s.name == name {
			if name != "cameras" || n == wrong.Camera {
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

func dotted(key toml.Key) string { return strings.Join(key, ".") }
