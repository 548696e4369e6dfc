package camera

import (
	"bufio"
	"bytes"
	"context"
	"crypto/sha256"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/url"
	"strings"

	"traycam/streaming/tcp"
)

// webConn is a connection to a web camera. It closes when its context is done.
type webConn struct {
	net.Conn
	r       *bufio.Reader // of the connection; no line in it is longer than its buffer
	release func() bool
}

func (c *webConn) Close() error {
	c.release()
	return c.Conn.Close()
}

// dialWeb connects to where u points. Its errors are for people.
func dialWeb(ctx context.Context, u *url.URL, pin []byte) (*webConn, error) {
	address := hostPort(u)
	conn, err := (&net.Dialer{Timeout: dialTimeout}).DialContext(ctx, "tcp", address)
	if err != nil {
		return nil, dialProblem(address, err)
	}
	// The socket itself: a TLS connection would first say good-bye, which may take seconds.
	socket := conn
	release := context.AfterFunc(ctx, func() { socket.Close() })
	if u.Scheme == "https" {
		secure := tls.Client(conn, tlsConfig(u, pin))
		handshake, cancel := context.WithTimeout(ctx, dialTimeout)
		defer cancel()
		if err := secure.HandshakeContext(handshake); err != nil {
			release()
			socket.Close()
			return nil, tlsProblem(address, err)
		}
		conn = secure
	}
	return &webConn{Conn: conn, r: bufio.NewReaderSize(tcp.Reader(conn), maxLine), release: release}, nil
}

// otherCertificate is a certificate that is not the one that is trusted.
type otherCertificate struct{ fingerprint string }

func (o *otherCertificate) Error() string {
	return fmt.Sprintf("the certificate is %s, which is not the pinned one", o.fingerprint)
}

func fingerprint(certificate []byte) string {
	return fmt.Sprintf("sha256:%x", sha256.Sum256(certificate))
}

// tlsConfig trusts the pinned certificate alone, or as usual where none is pinned.
func tlsConfig(u *url.URL, pin []byte) *tls.Config {
	name, _, _ := strings.Cut(u.Hostname(), "%") // without the zone of an IPv6 address
	config := &tls.Config{ServerName: name}
	if pin != nil {
		config.InsecureSkipVerify = true // #nosec G402 -- in favour of what is stricter
		config.VerifyConnection = func(state tls.ConnectionState) error {
			if len(state.PeerCertificates) == 0 {
				return errors.New("no certificate")
			}
			leaf := state.PeerCertificates[0].Raw
			if sum := sha256.Sum256(leaf); !bytes.Equal(sum[:], pin) {
				return &otherCertificate{fingerprint(leaf)}
			}
			return nil
		}
	}
	return config
}

// hostPort is where u points, as net.Dial takes it and people read it.
func hostPort(u *url.URL) string { return net.JoinHostPort(u.Hostname(), port(u)) }

func port(u *url.URL) string {
	switch {
	case u.Port() != "":
		return u.Port()
	case u.Scheme == "https":
		return "443"
	}
	return "80"
}

// sameHost tells whether a and b are the same computer and port.
func sameHost(a, b *url.URL) bool {
	return strings.EqualFold(a.Hostname(), b.Hostname()) && port(a) == port(b)
}

// hostHeader is what a request to u has as its Host (RFC 9112, 3.2): without
// the scheme's own port, which some cameras do not know themselves by.
func hostHeader(u *url.URL) string {
	name, _, _ := strings.Cut(u.Hostname(), "%")
	if strings.Contains(name, ":") {
		name = "[" + name + "]"
	}
	if p := port(u); p != port(&url.URL{Scheme: u.Scheme}) {
		name += ":" + p
	}
	return name
}

// requestURI is u's path and query as they were written, but for what would
// break the request line or a quoted string.
func requestURI(u *url.URL) string {
	var b strings.Builder
	for _, c := range []byte(u.RequestURI()) {
		if c <= ' ' || c >= 0x7F || c == '"' || c == '\\' {
			fmt.Fprintf(&b, "%%%02X", c)
		} else {
			b.WriteByte(c)
		}
	}
	return b.String()
}
