package app

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"net/netip"
	"net/url"
	"runtime/debug"
	"slices"
	"strconv"

	"traycam/discover"
	"traycam/sentence"
)

type (
	// Found is something in the network that may be a camera.
	Found = discover.Found
	// Stream is a way in which an ONVIF camera gives its picture.
	Stream = discover.Stream
)

// FindCameras asks the network for cameras, and yields all that has answered so far
// whenever there is more. It ends by itself after some seconds, and when ctx is done.
func (a *App) FindCameras(ctx context.Context) iter.Seq[[]Found] {
	return func(yield func([]Found) bool) {
		defer a.recovered("find cameras")
		for found := range discover.Look(ctx) {
			if !yield(slices.DeleteFunc(found, a.isOurs)) {
				return
			}
		}
	}
}

// CameraStreams asks an ONVIF camera that was found for its streams. Errors are
// sentences. [PasswordHelps] tells those that another password would mend.
func (a *App) CameraStreams(ctx context.Context, f Found, user, password string) (streams []Stream, err error) {
	err = sentence.Errorf("something went wrong inside Traycam; the log tells more")
	defer a.recovered("ask camera for its streams")
	streams, err = discover.Streams(ctx, f, user, password)
	return streams, err
}

// PasswordHelps tells whether err of [App.CameraStreams] is for want of the right password.
func PasswordHelps(err error) bool { return errors.Is(err, discover.ErrPassword) }

// isOurs tells whether what was found is Traycam's own viewer page.
func (a *App) isOurs(f Found) bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	u, err := url.Parse(f.URL)
	host, _ := netip.ParseAddr(f.Host)
	return err == nil && a.listening != nil && u.Port() == strconv.Itoa(a.listening.port) &&
		slices.ContainsFunc(a.places, func(p place) bool { return p.Address == host })
}

// recovered ends what is being done after a panic, since devices answer as they like. To be deferred.
func (a *App) recovered(what string) {
	if r := recover(); r != nil {
		a.opt.Log.Error("panic", "while", what, "err", fmt.Sprint(r), "stack", string(debug.Stack()))
	}
}
