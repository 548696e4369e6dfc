package logbook

import "strings"

const hidden = "…"

// Scrub puts … in the place of what must not be read over a shoulder or sent with
// a bug report: passwords in URLs, the values of key=, token= and their like, and
// the secret part of links (/v/…/). Where it cannot tell it hides too much.
func Scrub(s string) string {
	s = replace(s, "://", userPassword)
	s = replace(s, "=", secretValue)
	return replace(s, "/v/", linkSecret)
}

// replace hides what find finds around each mark: after begin bytes behind the
// mark, to end. end 0 is nothing.
func replace(s, mark string, find func(before, after string) (begin, end int)) string {
	var out strings.Builder
	done, at := 0, 0
	for {
		i := strings.Index(s[at:], mark)
		if i < 0 {
			break
		}
		at += i + len(mark)
		if begin, end := find(s[:at-len(mark)], s[at:]); end > 0 {
			out.WriteString(s[done : at+begin])
			out.WriteString(hidden)
			at += end
			done = at
		}
	}
	if done == 0 {
		return s
	}
	out.WriteString(s[done:])
	return out.String()
}

const space = " \t\r\n"

// userPassword finds the password in user:password@. People type passwords that
// a URL must not hold as they are, so it may hold slashes and @.
func userPassword(_, after string) (begin, end int) {
	colon := strings.IndexAny(after, ":/?#@"+space)
	if colon < 0 || after[colon] != ':' || after[0] == '[' { // an IPv6 address is no user
		return 0, 0
	}
	password := after[colon+1:]
	at := strings.LastIndexByte(upTo(password, space), '@')
	if at < 0 && !isPort(password) {
		at = strings.LastIndexByte(upTo(password, "/?#\r\n"), '@') // with spaces in it
	}
	if at < 0 {
		return 0, 0
	}
	return colon + 1, colon + 1 + at
}

func isPort(s string) bool {
	port := upTo(s, "/?#,;)\"'"+space)
	return port != "" && strings.Trim(port, "0123456789") == ""
}

// secretNames are the ends of keys whose values are hidden. The last ones are
// those of cameras' own addresses.
var secretNames = []string{"key", "token", "secret", "password", "passwd", "pass", "pwd", "loginpas"}

func secretValue(before, after string) (begin, end int) {
	named := false
	for _, name := range secretNames {
		from := len(before) - len(name)
		named = named || from >= 0 && strings.EqualFold(before[from:], name)
	}
	if !named {
		return 0, 0
	}
	for _, quote := range []string{`"`, `\"`} {
		if rest, found := strings.CutPrefix(after, quote); found {
			return len(quote), len(quote) + endOfQuote(rest, quote)
		}
	}
	return 0, len(upTo(after, `&"`+space))
}

// endOfQuote is where the quote that s begins in ends.
func endOfQuote(s, quote string) int {
	for i := 0; i < len(s); i++ {
		if strings.HasPrefix(s[i:], quote) {
			return i
		}
		if s[i] == '\\' && quote == `"` {
			i++
		}
	}
	return len(s)
}

// linkSecret finds the token of a link, http://HOST/v/TOKEN/.
func linkSecret(_, after string) (begin, end int) {
	return 0, len(upTo(after, `/?#"`+space))
}

func upTo(s, stops string) string {
	if i := strings.IndexAny(s, stops); i >= 0 {
		return s[:i]
	}
	return s
}
