package app

import (
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"traycam/sentence"
	"traycam/streaming"
)

// Link is a link of its own, beside the one for everybody: it may show some
// cameras only, may end by itself, and is removed alone.
type Link struct {
	// Token is the secret part.
	Token string
	// Name says who it is for. Any text, not empty.
	Name string
	// Cameras are the IDs of those that it shows; none: it shows all.
	Cameras []string
	// Expires is when it ends by itself, in UTC and whole seconds; zero: never.
	Expires time.Time
}

// LinkStatus is a link and how it is.
type LinkStatus struct {
	Link
	// URL is what to hand over, at the best address; empty while nobody in the
	// network could use it.
	URL string
	// Viewers counts the streams that are being watched by it now.
	Viewers int
	// Expired links let nobody in any more.
	Expired bool
}

const maxLinks = 100

// AddLink makes a link and saves. Its token is made here, whatever l has. It
// works once Share has been called with "link" or "open". Errors are sentences.
func (a *App) AddLink(l Link) (Link, error) {
	l.Token = newToken()
	l.Name = strings.TrimSpace(l.Name)
	l = l.normal()
	if !l.Expires.IsZero() && !l.Expires.After(time.Now()) {
		return Link{}, sentence.Errorf("the link would have ended already. Choose a later time")
	}
	err := a.change(func(config *Config) error {
		for _, id := range l.Cameras {
			is := func(c CameraConfig) bool { return c.ID == id }
			if !slices.ContainsFunc(config.Cameras, is) && !slices.ContainsFunc(a.temporary, is) {
				return errGone
			}
		}
		config.Share.Links = append(config.Share.Links, l)
		if wrong := config.Check(); wrong != nil {
			return wrong.Say
		}
		return nil
	})
	if err != nil {
		return Link{}, err
	}
	return l, nil
}

// RemoveLink removes a link and saves. The streams of those who came by it end;
// all others go on. Errors are sentences.
func (a *App) RemoveLink(token string) error {
	return a.change(func(config *Config) error {
		at := slices.IndexFunc(config.Share.Links, func(l Link) bool { return l.Token == token })
		if at < 0 {
			return sentence.Errorf("this link has been removed in the meantime")
		}
		config.Share.Links = slices.Delete(config.Share.Links, at, at+1)
		return nil
	})
}

// normal is l so that it can be compared with what is read from the file.
func (l Link) normal() Link {
	l.Cameras = slices.Clone(l.Cameras)
	if len(l.Cameras) == 0 {
		l.Cameras = nil
	}
	if l.Expires = l.Expires.Truncate(time.Second); l.Expires.IsZero() {
		l.Expires = time.Time{}
	} else {
		l.Expires = l.Expires.UTC()
	}
	return l
}

func (l Link) expired() bool { return !l.Expires.IsZero() && !time.Now().Before(l.Expires) }

// checkLinks returns the first thing that is wrong with the links, or nil.
func (s Share) checkLinks() *KeyError {
	if len(s.Links) > maxLinks {
		return &KeyError{Key: "share.links", Say: sentence.Errorf("there are %d of them, and no more than %d are possible", len(s.Links), maxLinks)}
	}
	seen := map[string]bool{s.Token: true}
	for i, l := range s.Links {
		wrong := func(key, say string, args ...any) *KeyError {
			return &KeyError{"share.links", i, key, sentence.Errorf(say, args...)}
		}
		switch {
		case strings.TrimSpace(l.Name) == "":
			return wrong("name", "say who the link is for")
		case !utf8.ValidString(l.Name) || utf8.RuneCountInString(l.Name) > MaxName:
			return wrong("name", "the name is longer than %d letters, or no text", MaxName)
		case l.Token == "": // one is made
		case !isToken(l.Token):
			return wrong("token", "a token takes %d or more letters, digits, '-' or '_'; leave it empty, and Traycam makes one", minToken)
		case seen[l.Token]:
			return wrong("token", "another link has the same token")
		}
		seen[l.Token] = true
		for _, id := range l.Cameras {
			if !isID(id) {
				return wrong("cameras", "%.80q is not the id of a camera", id)
			}
		}
	}
	return nil
}

// lacksToken tells whether a person wrote that others may watch, and has no token to write.
func (s Share) lacksToken() bool {
	return s.Mode == "link" && s.Token == "" ||
		s.Mode != "off" && slices.ContainsFunc(s.Links, func(l Link) bool { return l.Token == "" })
}

// giveTokens makes the tokens that are missing.
func (s *Share) giveTokens() {
	if s.Mode == "off" {
		return
	}
	if s.Token == "" {
		s.Token = newToken()
	}
	for i := range s.Links {
		if s.Links[i].Token == "" {
			s.Links[i].Token = newToken()
		}
	}
}

// forServer are the links as the server lets viewers in by them.
func (s Share) forServer() (links []streaming.Link) {
	for _, l := range s.Links {
		if isToken(l.Token) {
			links = append(links, streaming.Link{Token: l.Token, Name: l.Name, Cameras: l.Cameras, Expires: l.Expires})
		}
	}
	return links
}

// linkStatus is what a view may show of the links. best is the address of the
// page in the network, with a slash at its end; empty: there is none. a.mu is
// held, or a is not shared yet.
func (a *App) linkStatus(best string) (all []LinkStatus) {
	viewers := a.server.LinkViewers()
	for _, l := range a.config.Share.Links {
		one := LinkStatus{Link: l, Viewers: viewers[l.Token], Expired: l.expired()}
		if best != "" && l.Token != "" {
			one.URL = best + linkPath(l.Token)
		}
		all = append(all, one)
	}
	return all
}

// linkPath is where the page stands for who has the token, from the root on.
func linkPath(token string) string { return "v/" + token + "/" }

// values are the keys of one link.
func (l Link) values() []value {
	return []value{
		{"share.links", "token", l.Token, nil},
		{"share.links", "name", l.Name, nil},
		{"share.links", "cameras", l.Cameras, []string(nil)},
		{"share.links", "expires", l.Expires, time.Time{}},
	}
}
