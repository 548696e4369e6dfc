package app

import (
	"net/url"
	"slices"
	"strings"
)

// userPart is an address with a user, taken apart at user:password.
type userPart struct {
	before, user, password, after string // as they are written; after begins with @
	hasUser, hasPassword          bool
}

// userOf takes apart http, https and rtsp addresses. All others have no user.
func userOf(cameraURL string) (u userPart) {
	scheme, rest, found := strings.Cut(cameraURL, "://")
	if !found || !slices.Contains([]string{"http", "https", "rtsp"}, strings.ToLower(scheme)) {
		return u
	}
	authority := rest
	if end := strings.IndexAny(rest, "/?#"); end >= 0 {
		authority = rest[:end]
	}
	at := strings.LastIndexByte(authority, '@')
	if at < 0 {
		return u
	}
	u.hasUser = true
	u.before, u.after = cameraURL[:len(scheme)+len("://")], rest[at:]
	u.user, u.password, u.hasPassword = strings.Cut(authority[:at], ":")
	return u
}

// splitPassword takes the password out of a camera's address,
// scheme://user:password@host. An address without one stays to the letter.
func splitPassword(cameraURL string) (without, password string) {
	u := userOf(cameraURL)
	if !u.hasPassword {
		return cameraURL, ""
	}
	password, err := url.PathUnescape(u.password)
	if err != nil {
		password = u.password // typed as it is, with a % in it
	}
	return u.before + u.user + u.after, password
}

// withPassword puts a password into an address that has a user. One that has none,
// and any with an empty password, stays to the letter.
func withPassword(cameraURL, password string) string {
	u := userOf(cameraURL)
	if !u.hasUser || password == "" {
		return cameraURL
	}
	return u.before + u.user + url.UserPassword("", password).String() + u.after
}
