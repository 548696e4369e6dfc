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

// onlyLocalNames refuses requests whose Host is not this computer: a page of
// strangers whose name was pointed at 127.0.0.1 could otherwise read pictures
// (DNS rebinding). Requests without a Host are from no browser.
func onlyLocalNames(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Host != "" && !isThisComputer(r.Host) {
			http.Error(w, "This name is not a name of the computer that Traycam runs on. Use http://localhost with the port.", http.StatusForbidden)
			return
		}
		next.ServeHTTP(w, r)
	})
}

// isThisComputer takes a Host header.
func isThisComputer(host string) bool {
	if name, _, err := net.SplitHostPort(host); err == nil {
		host = name
	}
	host = strings.ToLower(strings.TrimSuffix(strings.Trim(host, "[]"), "."))
	if host == "localhost" || strings.HasSuffix(host, ".localhost") { // RFC 6761, 6.3
		return true
	}
	if address, err := netip.ParseAddr(host); err == nil {
		return address.Unmap().IsLoopback() || isOwnAddress(address.Unmap())
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
