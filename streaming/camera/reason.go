package camera

import (
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"runtime"
	"strconv"

	"traycam/streaming/jpeg"
)

// Problem is an error that people can act on.
type Problem struct {
	Reason  Reason
	Stalled bool  // it stayed connected and sent no whole picture
	Err     error // the technical cause, for the log; may be nil
}

func (p *Problem) Error() string {
	if p.Err == nil {
		return p.Reason.String()
	}
	return p.Err.Error()
}

func (p *Problem) Unwrap() error { return p.Err }

// reasonFor is what a person is told of err.
func reasonFor(err error) Reason {
	if p, ok := errors.AsType[*Problem](err); ok {
		return p.Reason
	}
	return Reason{Sentence: "Something went wrong inside Traycam: %v", Detail: err.Error()}
}

// dialProblem explains why address could not be reached.
func dialProblem(address string, err error) error { return dialProblemOn(runtime.GOOS, address, err) }

func dialProblemOn(system, address string, err error) error {
	host, _, _ := net.SplitHostPort(address)
	sentence, where := "The camera at %s cannot be reached. Is the address right?", address
	dns, isDNS := errors.AsType[*net.DNSError](err)
	timeout, isNet := errors.AsType[net.Error](err)
	switch {
	case isDNS && dns.IsNotFound:
		sentence, where = "No device is called %s on this network. Is the name right?", host
	case isDNS:
		sentence, where = "The name %s could not be looked up. Is this computer connected to the network?", host
	case errors.Is(err, errConnRefused):
		sentence = "Nobody listens on %s. Is the camera on, and is the port right?"
	case errors.Is(err, errAccess), errors.Is(err, os.ErrPermission):
		sentence = "A firewall of this computer keeps Traycam from reaching %s. Let Traycam through there."
	case errors.Is(err, errNetUnreach), errors.Is(err, errNetDown):
		sentence = "This computer has no network in which %s could be. Is it connected?"
	case errors.Is(err, errHostUnreach) && system == "darwin": // macOS says so, too, to programs that it does not let into the network
		sentence = "There is no way to %s. If the camera is on, allow Traycam in System Settings, Privacy & Security, Local Network."
	case errors.Is(err, errHostUnreach), errors.Is(err, errHostDown):
		sentence = "There is no way to %s. Is the camera on, and is this computer on its network?"
	case isNet && timeout.Timeout():
		sentence = "No answer from %s. Is the camera on and on this network?"
	}
	return &Problem{Reason: Reason{Sentence: sentence, Address: where}, Err: fmt.Errorf("dial camera %s: %w", address, err)}
}

// PortInUse tells whether err is that something else listens on the port.
func PortInUse(err error) bool { return errors.Is(err, errAddrInUse) }

// listenProblem explains why port could not be opened.
func listenProblem(address string, port int, err error) error {
	r := Reason{Sentence: "Port %v cannot be opened. The log says why.", Detail: strconv.Itoa(port)}
	switch {
	case PortInUse(err):
		r.Sentence = "Port %v is already used by another camera or program. Give this camera another port."
	case errors.Is(err, os.ErrPermission):
		r.Sentence = "This computer does not let programs use port %v. Take one above 1023."
	case errors.Is(err, errAddrNotAvail):
		r.Sentence = "This computer does not have the address %s. Leave it out to listen on all."
		r.Address, r.Withheld = address, "that it should listen on"
	}
	return &Problem{Reason: r, Err: fmt.Errorf("listen for camera on %s: %w", address, err)}
}

// streamProblem explains why a connected camera's stream ended with err.
func streamProblem(address string, r *jpeg.Reader, err error) error {
	stats := r.Stats()
	p := &Problem{Err: fmt.Errorf("read camera %s: %w", address, err)}
	detail := ""
	say := func(sentence string) error {
		p.Reason = Reason{Sentence: sentence, Address: address, Detail: detail}
		return p
	}
	status, refused := errors.AsType[*jpeg.StatusError](err)
	silent := errors.Is(err, os.ErrDeadlineExceeded)
	what := r.Sniff()
	p.Stalled = silent
	switch {
	case refused:
		detail = status.Status
		return say("The camera at %s refuses to send its picture: it answered “%v”.")
	case stats.Bytes == 0 && silent:
		return say("The camera at %s is connected but sends nothing. Does it have to be started?")
	case stats.Bytes == 0 && errors.Is(err, io.EOF):
		return say("The camera at %s hangs up at once. It may be serving somebody else: many cameras allow one viewer.")
	case stats.Images == 0 && what != "":
		detail = what
		return say("What comes from %s is not JPEG pictures, but looks like %v. Set the camera to Motion JPEG (MJPEG).")
	case stats.Images == 0 && stats.TooLarge > 0:
		return say("The pictures from %s are too large: at most 16 MiB and 268 million pixels are taken. Choose a smaller size.")
	case stats.Images == 0 && silent:
		return say("The camera at %s sends data, but no whole picture in 10 seconds. Is the connection to it fast enough?")
	case stats.Images == 0 && stats.Dropped() > 0:
		return say("The pictures from %s arrive broken or cut short. Is the connection to the camera good?")
	case silent:
		return say("The camera at %s is still connected but has stopped sending pictures.")
	case errors.Is(err, io.EOF):
		return say("The camera at %s ended the connection.")
	}
	return say("The connection to the camera at %s broke off.")
}
