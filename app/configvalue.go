package app

import (
	"fmt"
	"reflect"
	"strconv"
	"strings"
	"time"

	"github.com/pelletier/go-toml/v2"
)

// means tells whether a value as it is written says v already.
func means(written []byte, v any) bool {
	if n, ok := v.(int); ok {
		v = int64(n)
	}
	return reflect.DeepEqual(valueOf(written), v)
}

func valueOf(written []byte) any {
	var m map[string]any
	if toml.Unmarshal(append([]byte("v = "), written...), &m) != nil {
		return nil
	}
	switch v := m["v"].(type) {
	case string, int64, bool:
		return v
	case []any:
		var all []string
		for _, one := range v {
			s, ok := one.(string)
			if !ok {
				return nil
			}
			all = append(all, s)
		}
		return all
	case time.Time:
		return Link{Expires: v}.normal().Expires
	case toml.LocalDateTime:
		return Link{Expires: v.AsTime(time.Local)}.normal().Expires
	case toml.LocalDate:
		return Link{Expires: v.AsTime(time.Local)}.normal().Expires
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
	case []string:
		all := make([]string, len(v))
		for i, s := range v {
			all[i] = quote(s)
		}
		return "[" + strings.Join(all, ", ") + "]"
	case time.Time:
		return v.Local().Format(time.RFC3339)
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
