package viewer

import (
	"net"
	"net/http"
	"net/netip"
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
// and their address from leaking.
func safeHeaders(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("X-Content-Type-Options", "nosniff")
		w.Header().Set("Referrer-Policy", "no-referrer")
		next.ServeHTTP(w, r)
	})
}
