package viewer

import (
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"os"
	"strings"
)

// onlyReading lets GET and HEAD pass.
func onlyReading(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method != http.MethodGet && r.Method != http.MethodHead {
			w.Header().Set("Allow", "GET, HEAD")
			http.Error(w, "Traycam only shows pictures: GET and HEAD.", http.StatusMethodNotAllowed)
			return
		}
		next.ServeHTTP(w, r)
	})
}

// onlyPosting lets POST and PUT pass, but not from a page of another site: a
// browser would let any page send pictures to this computer.
func onlyPosting(next http.HandlerFunc) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		if r.Method != http.MethodPost && r.Method != http.MethodPut {
			w.Header().Set("Allow", "POST, PUT")
			http.Error(w, "Pictures are sent here with POST or PUT.", http.StatusMethodNotAllowed)
			return
		}
		if isForeignPage(r) {
			refuse(w, "A page of another site must not send pictures.", http.StatusForbidden)
			return
		}
		next(w, r)
	}
}

// isForeignPage tells whether a browser sends r for a page that is not ours.
func isForeignPage(r *http.Request) bool {
	switch r.Header.Get("Sec-Fetch-Site") {
	case "cross-site", "same-site": // another port of this computer is the same site
		return true
	}
	origins, sent := r.Header["Origin"]
	if !sent {
		return false
	}
	origin, err := url.Parse(origins[0])
	return err != nil || len(origins) > 1 || !strings.EqualFold(origin.Host, r.Host)
}

// isOnThisComputer tells whether r was sent here by a program on this computer.
// What a proxy passes on may come from anywhere.
func isOnThisComputer(r *http.Request) bool {
	for _, name := range []string{"Forwarded", "X-Forwarded-For", "X-Real-Ip", "Via"} {
		if r.Header.Get(name) != "" {
			return false
		}
	}
	from, err := netip.ParseAddrPort(r.RemoteAddr)
	return err == nil && from.Addr().Unmap().IsLoopback()
}

// onlyNames refuses requests whose Host isOurs does not take: a page of
// strangers whose name was pointed at 127.0.0.1, or at this computer's address,
// could otherwise read pictures (DNS rebinding). Requests without a Host are
// from no browser. advice is a sentence.
func onlyNames(isOurs func(host string) bool, advice string, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Host != "" && !isOurs(r.Host) {
			http.Error(w, "This name is not a name of the computer that Traycam runs on. "+advice, http.StatusForbidden)
			return
		}
		next.ServeHTTP(w, r)
	})
}

// isLocalName takes a Host header that came over loopback.
func isLocalName(host string) bool {
	name := bareHost(host)
	if name == "localhost" || strings.HasSuffix(name, ".localhost") { // RFC 6761, 6.3
		return true
	}
	if address, err := netip.ParseAddr(name); err == nil && address.Unmap().IsLoopback() {
		return true
	}
	return isNetworkName(host)
}

// bareHost is a Host header without port, brackets and the root's dot.
func bareHost(host string) string {
	if name, _, err := net.SplitHostPort(host); err == nil {
		host = name
	}
	return strings.ToLower(strings.TrimSuffix(strings.Trim(host, "[]"), "."))
}

// isNetworkName takes a Host header: this computer's addresses and names in the network.
func isNetworkName(host string) bool {
	host = bareHost(host)
	if address, err := netip.ParseAddr(host); err == nil {
		return !address.Unmap().IsLoopback() && isOwnAddress(address.Unmap())
	}
	name, err := os.Hostname()
	if err != nil || name == "" {
		return false
	}
	name = strings.ToLower(name)
	short, _, _ := strings.Cut(name, ".")
	return host == name || host == short || host == short+".local"
}

func isOwnAddress(address netip.Addr) bool {
	own, err := net.InterfaceAddrs()
	if err != nil {
		return false
	}
	for _, a := range own {
		if network, err := netip.ParsePrefix(a.String()); err == nil && network.Addr().Unmap() == address.WithZone("") {
			return true
		}
	}
	return false
}

// safeHeaders keeps answers from being taken for anything but what they are,
// and their address from leaking. Pages of others may show pictures, and nothing else.
func safeHeaders(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("X-Content-Type-Options", "nosniff")
		w.Header().Set("Referrer-Policy", "no-referrer")
		w.Header().Set("Cross-Origin-Resource-Policy", "same-origin")
		if len(r.TransferEncoding) > 0 {
			// Beside it there may have been a Content-Length, by which a proxy saw the request
			// end elsewhere: the connection must end with it (RFC 9112, 6.1).
			w.Header().Set("Connection", "close")
		}
		next.ServeHTTP(w, r)
	})
}
