package viewer

import (
	"context"
	"crypto/subtle"
	"net"
	"net/http"
	"net/netip"
	"path"
	"slices"
	"strings"
	"sync/atomic"
	"time"
)

// Access says who may watch from the network. The zero value: nobody.
type Access struct {
	Open  bool   // everybody there
	Token string // who has the link /v/Token/; empty: there is no link
	Links []Link // further links
}

// Link lets in who has its token, to some cameras or all.
type Link struct {
	Token   string
	Name    string   // who it is for
	Cameras []string // IDs; none: all
	Expires time.Time
}

// Over tells whether the link has expired at now.
func (l Link) Over(now time.Time) bool { return !l.Expires.IsZero() && !now.Before(l.Expires) }

func (l Link) equal(other Link) bool {
	return l.Token == other.Token && l.Name == other.Name && slices.Equal(l.Cameras, other.Cameras) && l.Expires.Equal(other.Expires)
}

// Equal tells whether a and b let in the same.
func (a Access) Equal(b Access) bool {
	return a.Open == b.Open && a.Token == b.Token && slices.EqualFunc(a.Links, b.Links, Link.equal)
}

// Lets returns the link by which a lets in at base, the path at which the tree
// stands for a visitor; the zero value where that is none of Links. False: it
// lets nobody in there.
func (a Access) Lets(base string, now time.Time) (Link, bool) {
	if base == "/" {
		return Link{}, a.Open
	}
	token := strings.TrimSuffix(strings.TrimPrefix(base, linkPrefix), "/")
	return a.find(token, now)
}

// Keeps tells whether who came in at base under a may stay under b.
func (a Access) Keeps(b Access, base string, now time.Time) bool {
	if base == "" { // nothing was asked for yet
		return a.Open == b.Open
	}
	before, _ := a.Lets(base, now)
	after, ok := b.Lets(base, now)
	return ok && a.Open == b.Open && before.equal(after)
}

// find returns the link with that token, the zero value for that for everybody.
// Its time tells nothing of the tokens but their lengths.
func (a Access) find(token string, now time.Time) (found Link, ok bool) {
	fits := func(want string) bool {
		return subtle.ConstantTimeCompare([]byte(token), []byte(want)) == 1 && want != ""
	}
	ok = fits(a.Token)
	for _, l := range a.Links {
		if fits(l.Token) && !l.Over(now) {
			found, ok = l, true
		}
	}
	return found, ok
}

// From is where a viewer is.
type From struct {
	Address string // IP address
	Local   bool   // this computer
	Link    Link   // by which of Access.Links it was let in; the zero value: another way
}

// A Visit is a connection from the network.
type Visit interface {
	// CameBy notes the path at which the tree stands for its visitor.
	CameBy(base string)
}

type visitKey struct{}

// WithVisit tells requests with ctx what connection they came by.
func WithVisit(ctx context.Context, v Visit) context.Context {
	return context.WithValue(ctx, visitKey{}, v)
}

// arrival is how a request came in.
type arrival struct {
	network bool
	base    string // the path that the tree stands at, with a slash at its end
	link    Link   // as in From
}

type arrivalKey struct{}

func arrivalOf(r *http.Request) arrival {
	if a, ok := r.Context().Value(arrivalKey{}).(arrival); ok {
		return a
	}
	return arrival{base: "/"}
}

// fromOf is where the viewer is that r came from. Loopback stays this computer
// whatever is behind it: a reverse proxy hides its viewers.
func fromOf(r *http.Request) From {
	from := client(r)
	local := !arrivalOf(r).network
	if to, ok := r.Context().Value(http.LocalAddrContextKey).(*net.TCPAddr); ok && to.AddrPort().Addr().Unmap() == from {
		local = true
	}
	return From{Address: from.String(), Local: local, Link: arrivalOf(r).link}
}

// client is the address that r came from; not valid where there is none.
func client(r *http.Request) netip.Addr {
	from, _ := netip.ParseAddrPort(r.RemoteAddr)
	return from.Addr().Unmap().WithZone("")
}

// onlyLoopback hides what is nobody's business in the network.
func onlyLoopback(next http.HandlerFunc) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		if arrivalOf(r).network {
			http.NotFound(w, r)
			return
		}
		next(w, r)
	}
}

// gate lets in who may watch from the network. Whatever it refuses looks like
// an unknown path.
type gate struct {
	access  atomic.Pointer[Access]
	guesses guesses
	tree    http.Handler
}

func newGate(tree http.Handler) *gate {
	g := &gate{tree: tree}
	g.access.Store(&Access{})
	return g
}

// linkPrefix is what the paths of links begin with.
const linkPrefix = "/v/"

func (g *gate) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	base, whole := "/", true
	if rest, isLink := strings.CutPrefix(r.URL.Path, linkPrefix); isLink {
		var token string
		token, _, whole = strings.Cut(rest, "/")
		base = linkPrefix + token + "/"
	}
	link, ok := g.lets(r, base)
	if !ok {
		http.NotFound(w, r)
		return
	}
	if !whole {
		if r.URL.RawQuery != "" {
			base += "?" + r.URL.RawQuery
		}
		http.Redirect(w, r, base, http.StatusTemporaryRedirect) // #nosec G710 -- base begins with /v/
		return
	}
	g.pass(w, r, base, link)
}

// lets tells whether r may come in at base, and by which link. Who tries out too
// many is not told.
func (g *gate) lets(r *http.Request, base string) (Link, bool) {
	from := client(r)
	if base != "/" && g.guesses.tooMany(from) {
		return Link{}, false
	}
	// Whoever narrows the access changes it and then ends the visits that it no
	// longer lets in. So that none is missed, the visit is noted first.
	if visit, ok := r.Context().Value(visitKey{}).(Visit); ok {
		visit.CameBy(base)
	}
	link, ok := g.access.Load().Lets(base, time.Now())
	if !ok && base != "/" {
		g.guesses.wrong(from, base)
	}
	return link, ok
}

// pass answers r from the tree that stands at base.
func (g *gate) pass(w http.ResponseWriter, r *http.Request, base string, link Link) {
	prefix := strings.TrimSuffix(base, "/")
	p := strings.TrimPrefix(r.URL.Path, prefix)
	if clean := path.Clean(p); p != clean && (clean == "/" || p != clean+"/") {
		http.NotFound(w, r) // the mux would send the client on to the clean path, at the root
		return
	}
	r = r.WithContext(context.WithValue(r.Context(), arrivalKey{}, arrival{network: true, base: base, link: link}))
	http.StripPrefix(prefix, g.tree).ServeHTTP(w, r)
}
