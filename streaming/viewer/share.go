package viewer

import (
	"context"
	"crypto/subtle"
	"net"
	"net/http"
	"net/netip"
	"path"
	"strings"
	"sync/atomic"
)

// Access says who may watch from the network. The zero value: nobody.
type Access struct {
	Open  bool   // everybody there
	Token string // who has the link /v/Token/; empty: there is no link
}

// From is where a viewer is.
type From struct {
	Address string // IP address
	Local   bool   // this computer
}

// arrival is how a request came in.
type arrival struct {
	network bool
	base    string // the path that the tree stands at, with a slash at its end
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
	return From{Address: from.String(), Local: local}
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
	access := g.access.Load()
	link, isLink := strings.CutPrefix(r.URL.Path, linkPrefix)
	if !isLink {
		if access.Open {
			g.pass(w, r, "/")
			return
		}
		http.NotFound(w, r)
		return
	}
	token, _, whole := strings.Cut(link, "/")
	if !g.fits(r, token, access.Token) {
		http.NotFound(w, r)
		return
	}
	base := linkPrefix + token + "/"
	if !whole {
		if r.URL.RawQuery != "" {
			base += "?" + r.URL.RawQuery
		}
		http.Redirect(w, r, base, http.StatusTemporaryRedirect)
		return
	}
	g.pass(w, r, base)
}

// fits tells whether token is the one that is wanted. Who tries out too many is not told.
func (g *gate) fits(r *http.Request, token, want string) bool {
	from := client(r)
	if want == "" || g.guesses.tooMany(from) {
		return false
	}
	if subtle.ConstantTimeCompare([]byte(token), []byte(want)) == 1 {
		return true
	}
	g.guesses.wrong(from, token)
	return false
}

// pass answers r from the tree that stands at base.
func (g *gate) pass(w http.ResponseWriter, r *http.Request, base string) {
	prefix := strings.TrimSuffix(base, "/")
	p := strings.TrimPrefix(r.URL.Path, prefix)
	if clean := path.Clean(p); p != clean && (clean == "/" || p != clean+"/") {
		http.NotFound(w, r) // the mux would send the client on to the clean path, at the root
		return
	}
	r = r.WithContext(context.WithValue(r.Context(), arrivalKey{}, arrival{network: true, base: base}))
	http.StripPrefix(prefix, g.tree).ServeHTTP(w, r)
}
