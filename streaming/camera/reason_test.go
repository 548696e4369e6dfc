package camera

import (
	"context"
	"errors"
	"net"
	"os"
	"strings"
	"syscall"
	"testing"
)

// What systems say when a camera cannot be reached, and what people read of it.
func TestWhyACameraIsNotReached(t *testing.T) {
	refused := func(err error) error {
		return &net.OpError{Op: "dial", Net: "tcp", Err: os.NewSyscallError("connect", err)}
	}
	for _, c := range []struct {
		system string
		err    error
		words  string
	}{
		{"linux", refused(errConnRefused), "Nobody listens on 10.0.0.7:81."},
		{"linux", refused(errHostUnreach), "Is the camera on, and is this computer on its network?"},
		{"darwin", refused(errHostUnreach), "Privacy & Security, Local Network."},
		{"darwin", refused(errHostDown), "Is the camera on, and is this computer on its network?"},
		{"linux", refused(errNetUnreach), "This computer has no network in which 10.0.0.7:81 could be."},
		{"windows", refused(errNetDown), "Is it connected?"},
		{"windows", refused(errAccess), "A firewall of this computer keeps Traycam from reaching 10.0.0.7:81."},
		{"linux", refused(syscall.EPERM), "A firewall of this computer"},
		{"linux", &net.OpError{Op: "dial", Err: os.ErrDeadlineExceeded}, "No answer from 10.0.0.7:81."},
		{"linux", context.DeadlineExceeded, "No answer from 10.0.0.7:81."},
		{"linux", &net.DNSError{Err: "no such host", Name: "10.0.0.7", IsNotFound: true}, "No device is called 10.0.0.7 on this network."},
		{"linux", &net.DNSError{Err: "server misbehaving", Name: "10.0.0.7", IsTemporary: true}, "could not be looked up. Is this computer connected"},
		{"linux", errors.New("odd"), "cannot be reached. Is the address right?"},
	} {
		p, ok := errors.AsType[*Problem](dialProblemOn(c.system, "10.0.0.7:81", c.err))
		if !ok || !strings.Contains(p.Reason.String(), c.words) {
			t.Errorf("%s, %v: people read %q", c.system, c.err, p.Reason)
		}
		if public := p.Reason.Public(); strings.Contains(public, "10.0.0.7") {
			t.Errorf("%s, %v: viewers read %q", c.system, c.err, public)
		}
	}
}
