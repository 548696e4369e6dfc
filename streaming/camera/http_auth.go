package camera

import (
	"encoding/base64"
	"slices"
	"strings"
)

// A challenge is one way in which a web camera asks for the password
// (RFC 9110, 11.3).
type challenge struct {
	scheme     string            // in small letters
	parameters map[string]string // names in small letters
}

func (c challenge) isDigest() bool { return c.scheme == "digest" }

// isStale tells whether the password may have been right: only the camera's
// nonce is too old.
func (c challenge) isStale() bool { return strings.EqualFold(c.parameters["stale"], "true") }

// strength orders what Traycam can do; 0: nothing.
func (c challenge) strength() int {
	switch {
	case c.scheme == "basic":
		return 1
	case c.isDigest():
		return c.digestStrength()
	}
	return 0
}

// strongest is the best of what a camera offers, the first among equals.
func strongest(offered []challenge) (best challenge, ok bool) {
	for _, c := range offered {
		if c.strength() > best.strength() {
			best, ok = c, true
		}
	}
	return best, ok
}

// schemes is what a camera offers, for people.
func schemes(offered []challenge) string {
	var names []string
	for _, c := range offered {
		name := c.scheme
		if algorithm := c.parameters["algorithm"]; algorithm != "" {
			name += " " + algorithm
		}
		if !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	return strings.Join(names, ", ")
}

// parseChallenges reads WWW-Authenticate lines. A line may hold several
// challenges, and commas stand between those as between their parameters: a name
// is a parameter's if a = follows it.
func parseChallenges(lines []string) (all []challenge) {
	for _, s := range lines {
		var here *challenge
		for {
			s = strings.TrimLeft(s, " \t,;")
			if s == "" {
				break
			}
			name, rest := cutToken(s)
			if name == "" {
				s = s[1:] // neither a name nor between names
				continue
			}
			s = rest
			value, isParameter := strings.CutPrefix(strings.TrimLeft(rest, " \t"), "=")
			if !isParameter {
				all = append(all, challenge{strings.ToLower(name), map[string]string{}})
				here = &all[len(all)-1]
				continue
			}
			value, s = cutValue(strings.TrimLeft(value, " \t"))
			if here != nil {
				name = strings.ToLower(name)
				if _, twice := here.parameters[name]; !twice {
					here.parameters[name] = value
				}
			}
		}
	}
	return all
}

func cutToken(s string) (token, rest string) {
	n := 0
	for n < len(s) && isTokenByte(s[n]) {
		n++
	}
	return s[:n], s[n:]
}

// cutValue takes a parameter's value from the beginning of s: a quoted string
// without its quotes, or what reaches to the next comma or space.
func cutValue(s string) (value, rest string) {
	quoted, isQuoted := strings.CutPrefix(s, `"`)
	if !isQuoted {
		n := strings.IndexAny(s, ", \t;")
		if n < 0 {
			n = len(s)
		}
		return s[:n], s[n:]
	}
	var b strings.Builder
	for i := 0; i < len(quoted); i++ {
		switch c := quoted[i]; {
		case c == '"':
			return b.String(), quoted[i+1:]
		case c == '\\' && i+1 < len(quoted):
			i++
			b.WriteByte(quoted[i])
		default:
			b.WriteByte(c)
		}
	}
	return b.String(), ""
}

// quote makes a quoted string (RFC 9110, 5.6.4).
func quote(s string) string {
	return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(s) + `"`
}

// login is the password for what a camera asked, and how often it was told.
type login struct {
	user, password string
	challenge      challenge
	worked         bool // the camera accepted it once

	// Of digest.
	cnonce string // ours, for as long as the camera's nonce
	count  int    // requests with the camera's nonce
}

// header is the Authorization of the next request, which is GET uri.
func (l *login) header(uri string) string {
	if l.challenge.isDigest() {
		return l.digest("GET", uri)
	}
	return "Basic " + base64.StdEncoding.EncodeToString([]byte(l.user+":"+l.password))
}
