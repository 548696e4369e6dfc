package camera

import (
	"crypto/md5" // #nosec G501 -- what most cameras know, and nothing else
	"crypto/rand"
	"crypto/sha256"
	"crypto/sha512"
	"encoding/hex"
	"fmt"
	"hash"
	"slices"
	"strings"
)

// algorithms are those of RFC 7616, 6.1, each also with -sess behind its name.
var algorithms = map[string]struct {
	strength int
	hash     func() hash.Hash
}{
	"md5":         {2, md5.New},
	"sha-256":     {3, sha256.New},
	"sha-512-256": {4, sha512.New512_256},
}

// algorithm is the algorithm's name in small letters, without -sess.
func (c challenge) algorithm() (name string, session bool) {
	name = strings.ToLower(c.parameters["algorithm"])
	if name == "" {
		name = "md5" // RFC 7616, 3.3
	}
	return strings.CutSuffix(name, "-sess")
}

// digestStrength is 0 where Traycam does not know the algorithm, or where the
// camera wants only what digests the body of a request, too.
func (c challenge) digestStrength() int {
	name, _ := c.algorithm()
	if _, hasNonce := c.parameters["nonce"]; !hasNonce || c.parameters["qop"] != "" && !c.takesAuth() {
		return 0
	}
	return algorithms[name].strength
}

// takesAuth tells whether the camera knows qop=auth. Those of before RFC 2617
// know none.
func (c challenge) takesAuth() bool {
	for _, qop := range strings.FieldsFunc(c.parameters["qop"], func(r rune) bool { return r == ',' || r == ' ' || r == '\t' }) {
		if strings.EqualFold(qop, "auth") {
			return true
		}
	}
	return false
}

// Digest is the Authorization for a request to a web service that asked for the
// password in these WWW-Authenticate lines. False: it does not take Digest as
// Traycam knows it. Basic is never used, which would tell the password.
func Digest(asked []string, user, password, method, uri string) (authorization string, ok bool) {
	best, ok := strongest(slices.DeleteFunc(parseChallenges(asked), func(c challenge) bool { return !c.isDigest() }))
	if !ok {
		return "", false
	}
	l := &login{user: user, password: password, challenge: best}
	return l.digest(method, uri), true
}

// digest is the Authorization for a request (RFC 7616, 3.4).
func (l *login) digest(method, uri string) string {
	name, session := l.challenge.algorithm()
	sum := func(parts ...string) string {
		h := algorithms[name].hash()
		h.Write([]byte(strings.Join(parts, ":")))
		return hex.EncodeToString(h.Sum(nil))
	}
	if l.cnonce == "" {
		l.cnonce = rand.Text()
	}
	l.count++
	asked := l.challenge.parameters
	count := fmt.Sprintf("%08x", l.count)
	secret := sum(l.user, asked["realm"], l.password)
	if session {
		secret = sum(secret, asked["nonce"], l.cnonce)
	}
	what := sum(method, uri)
	withCount := l.challenge.takesAuth()
	response := sum(secret, asked["nonce"], what)
	if withCount {
		response = sum(secret, asked["nonce"], count, l.cnonce, "auth", what)
	}

	var b strings.Builder
	b.WriteString("Digest username=" + quote(l.user) + ", realm=" + quote(asked["realm"]) +
		", nonce=" + quote(asked["nonce"]) + ", uri=" + quote(uri) + ", response=" + quote(response))
	if a := asked["algorithm"]; a != "" {
		b.WriteString(", algorithm=" + a)
	}
	if opaque, given := asked["opaque"]; given {
		b.WriteString(", opaque=" + quote(opaque))
	}
	if withCount {
		b.WriteString(", qop=auth, nc=" + count)
	}
	if withCount || session {
		b.WriteString(", cnonce=" + quote(l.cnonce))
	}
	return b.String()
}
