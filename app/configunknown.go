package app

import (
	"bytes"
	"reflect"
	"slices"
	"strings"

	"github.com/pelletier/go-toml/v2/unstable"
)

// unknownKey is a key of the config file that Traycam does not know.
type unknownKey struct {
	name string // with the sections that it is in
	line int    // from 1
}

// maxUnknownTold is how many unknown keys are told of, and maxUnknown how many a
// config file may have. go-toml compares each key with all others: 10,000 take
// it 0.5 s, 100,000 already 40 s.
const (
	maxUnknownTold = 20
	maxUnknown     = 10_000
)

// unknownKeys are the keys of text that have no place in fileConfig: the first
// ones to tell of, where that is of a section its header alone, and how many
// there are, or more than maxUnknown. Text may have mistakes: it is read up to the
// first one. (go-toml would tell them too, but goes through the whole text for
// each.)
func unknownKeys(text []byte) (told []unknownKey, count int) {
	tell := func(path []string, at *unstable.Node) {
		if len(told) < maxUnknownTold {
			line := 1 + bytes.Count(text[:at.Raw.Offset], []byte("\n"))
			told = append(told, unknownKey{strings.Join(path, "."), line})
		}
	}
	var walk func(path []string, ours bool, e *unstable.Node)
	walk = func(path []string, ours bool, e *unstable.Node) {
		if e.Kind == unstable.KeyValue {
			path = slices.Concat(path, names(e))
			if ours && !isOurs(path) {
				ours = false
				key := e.Key()
				key.Next()
				tell(path, key.Node())
			}
			if !ours {
				count++
			}
			e = e.Value()
		}
		if e.Kind == unstable.InlineTable || e.Kind == unstable.Array {
			for children := e.Children(); children.Next(); {
				walk(path, ours, children.Node())
			}
		}
	}
	var section []string
	ours := true
	var parser unstable.Parser
	for parser.Reset(text); count <= maxUnknown && parser.NextExpression(); {
		switch e := parser.Expression(); e.Kind {
		case unstable.Table, unstable.ArrayTable:
			section = names(e)
			if ours = isOurs(section); !ours {
				count++
				tell(section, e.Child())
			}
		case unstable.KeyValue:
			walk(section, ours, e)
		}
	}
	return told, count
}

// names are the parts of e's dotted key.
func names(e *unstable.Node) (parts []string) {
	for key := e.Key(); key.Next(); {
		parts = append(parts, string(key.Node().Data))
	}
	return parts
}

// isOurs tells whether path leads to a field of fileConfig, as go-toml finds
// them: without regard to capitals.
func isOurs(path []string) bool {
	at := reflect.TypeFor[fileConfig]()
	for _, name := range path {
		if at.Kind() == reflect.Slice {
			at = at.Elem()
		}
		if at.Kind() != reflect.Struct {
			return false
		}
		field, found := at.FieldByNameFunc(func(s string) bool {
			f, _ := at.FieldByName(s)
			return strings.EqualFold(f.Tag.Get("toml"), name)
		})
		if !found {
			return false
		}
		at = field.Type
	}
	return true
}
