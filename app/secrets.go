package app

import (
	"errors"
	"fmt"
	"net"
	"strings"
	"time"

	"github.com/zalando/go-keyring"

	"traycam/sentence"
)

const (
	keyringService = "Traycam"
	refPrefix      = "keyring:"
	// maxPassword in bytes is what all systems' keyrings take.
	maxPassword = 2000
	// keyringPatience is how long a call waits: the system may be asking the person
	// to unlock the keyring, in a window that nobody looks at.
	keyringPatience = 5 * time.Second
)

var (
	errNoKeyring     = sentence.Errorf("this computer has no keyring for passwords that Traycam can use")
	errKeyringSilent = sentence.Errorf("the keyring does not answer. If a window asks to unlock it, do that, and try again")
	errKeyringLocked = sentence.Errorf("the keyring for passwords is locked, or was never set up. Unlock it, and try again")
	errNoSecret      = sentence.Errorf("the password is not in the keyring any more. Type it again")
)

// ring is the system's keyring. Its calls may block for as long as the person likes.
type ring interface {
	Set(service, user, password string) error
	Get(service, user string) (string, error)
	Delete(service, user string) error
}

type systemRing struct{}

func (systemRing) Set(service, user, password string) error {
	return keyring.Set(service, user, password)
}
func (systemRing) Get(service, user string) (string, error) { return keyring.Get(service, user) }
func (systemRing) Delete(service, user string) error        { return keyring.Delete(service, user) }

// secrets keeps passwords in the system's keyring. Its methods may be called at
// once; each returns within seconds, with a sentence where it could not be done.
// What was given up on may still be done later, when the person unlocks the keyring.
type secrets struct {
	ring ring
	busy chan struct{} // holds one while a call is in the keyring
}

func newSecrets() *secrets { return &secrets{ring: systemRing{}, busy: make(chan struct{}, 1)} }

// put keeps a password under a name and returns what get and remove find it by.
func (s *secrets) put(name, password string) (ref string, err error) {
	if len(password) > maxPassword {
		return "", sentence.Errorf("the password is longer than a keyring takes")
	}
	_, err = s.call(func() (string, error) {
		if err := s.ring.Set(keyringService, name, password); err != nil {
			return "", err
		}
		// On Linux a person's "no" to the keyring's question is no error of Set.
		if kept, err := s.ring.Get(keyringService, name); err != nil || kept != password {
			return "", errKeyringLocked
		}
		return "", nil
	})
	if err != nil {
		return "", err
	}
	return refPrefix + name, nil
}

func (s *secrets) get(ref string) (string, error) {
	name, err := nameOf(ref)
	if err != nil {
		return "", err
	}
	return s.call(func() (string, error) { return s.ring.Get(keyringService, name) })
}

// remove forgets a password. One that is not there is no error.
func (s *secrets) remove(ref string) error {
	name, err := nameOf(ref)
	if err != nil {
		return err
	}
	_, err = s.call(func() (string, error) { return "", s.ring.Delete(keyringService, name) })
	if errors.Is(err, errNoSecret) {
		return nil
	}
	return err
}

func nameOf(ref string) (string, error) {
	name, found := strings.CutPrefix(ref, refPrefix)
	if !found || name == "" {
		return "", sentence.Errorf("%q names no password in the keyring; that would be %s and a name there", ref, refPrefix)
	}
	return name, nil
}

// call runs f and waits for it, but not for long. One f at a time is run.
func (s *secrets) call(f func() (string, error)) (string, error) {
	if !keyringReachable() {
		return "", errNoKeyring
	}
	patience := time.NewTimer(keyringPatience)
	defer patience.Stop()
	select {
	case s.busy <- struct{}{}:
	case <-patience.C:
		return "", errKeyringSilent
	}
	type result struct {
		value string
		err   error
	}
	done := make(chan result, 1)
	go func() {
		defer func() { <-s.busy }()
		value, err := withoutPanic(f)
		done <- result{value, err}
	}()
	select {
	case r := <-done:
		return r.value, keyringError(r.err)
	case <-patience.C:
		return "", errKeyringSilent
	}
}

// withoutPanic runs f: the library does not check all that a keyring answers, and
// not that the bus goes away while it waits.
func withoutPanic(f func() (string, error)) (value string, err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("unexpected answer: %v", p)
		}
	}()
	return f()
}

// keyringError is what err means to people.
func keyringError(err error) error {
	_, unreachable := errors.AsType[*net.OpError](err)
	_, isSaid := errors.AsType[*sentence.Error](err)
	switch {
	case err == nil, isSaid:
		return err
	case unreachable, noKeyringService(err), errors.Is(err, keyring.ErrUnsupportedPlatform):
		return errNoKeyring
	case errors.Is(err, keyring.ErrNotFound):
		return errNoSecret
	case strings.Contains(err.Error(), "failed to unlock"):
		return errKeyringLocked
	}
	return sentence.Errorf("the keyring could not do it: %w", err)
}
