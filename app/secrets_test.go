package app

import (
	"errors"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/zalando/go-keyring"

	"traycam/sentence"
)

// reachable lets calls through to a keyring that is not the system's.
func reachable(t *testing.T) { t.Setenv("DBUS_SESSION_BUS_ADDRESS", "unix:path=/nowhere") }

func TestSecrets(t *testing.T) {
	reachable(t)
	keyring.MockInit()
	s := newSecrets()
	for _, password := range []string{"first", "second ü\n", strings.Repeat("x", 2000)} {
		ref, err := s.put("front-door", password)
		if err != nil || ref != "keyring:front-door" {
			t.Fatalf("%q, %v", ref, err)
		}
		if got, err := s.get(ref); err != nil || got != password {
			t.Errorf("%q, %v", got, err)
		}
	}
	if got, _ := keyring.Get("Traycam", "front-door"); len(got) != 2000 {
		t.Errorf("the keyring has %q", got)
	}
	if err := s.remove("keyring:front-door"); err != nil {
		t.Error(err)
	}
	if err := s.remove("keyring:front-door"); err != nil {
		t.Errorf("removing it again: %v", err)
	}
	if _, err := s.get("keyring:front-door"); !errors.Is(err, errNoSecret) {
		t.Errorf("%v", err)
	}
	if _, err := s.put("front-door", strings.Repeat("x", 2001)); err == nil {
		t.Error("no error for a password that is too long")
	}
	for _, ref := range []string{"", "front-door", "keyring:", "file:front-door"} {
		if _, err := s.get(ref); err == nil {
			t.Errorf("no error for %q", ref)
		}
		if err := s.remove(ref); err == nil {
			t.Errorf("no error for %q", ref)
		}
	}
	keyring.MockInitWithError(errors.New("it is on fire"))
	if _, err := s.get("keyring:front-door"); sentence.Of(err) != "The keyring could not do it: it is on fire." {
		t.Errorf("%v", err)
	}
}

// fakeRing does what a test wants.
type fakeRing struct {
	get func() (string, error)
}

func (fakeRing) Set(_, _, _ string) error          { return nil }
func (r fakeRing) Get(_, _ string) (string, error) { return r.get() }
func (fakeRing) Delete(_, _ string) error          { return nil }

func TestKeyringThatAsksThePerson(t *testing.T) {
	reachable(t)
	synctest.Test(t, func(t *testing.T) {
		answer := make(chan string)
		var asked atomic.Int32
		s := newSecrets()
		s.ring = fakeRing{get: func() (string, error) {
			asked.Add(1)
			return <-answer, nil
		}}
		var calls sync.WaitGroup
		for range 10 {
			calls.Go(func() {
				begin := time.Now()
				if _, err := s.get("keyring:door"); !errors.Is(err, errKeyringSilent) || time.Since(begin) != 5*time.Second {
					t.Errorf("%v after %v", err, time.Since(begin))
				}
			})
		}
		calls.Wait()
		if asked.Load() != 1 {
			t.Errorf("the keyring was asked %d times", asked.Load())
		}
		answer <- "late" // the person unlocks it
		synctest.Wait()
		go func() { answer <- "in time" }()
		if got, err := s.get("keyring:door"); err != nil || got != "in time" {
			t.Errorf("%q, %v", got, err)
		}
	})
}

func TestKeyringThatAnswersOddly(t *testing.T) {
	reachable(t)
	s := newSecrets()
	s.ring = fakeRing{get: func() (string, error) { panic("interface conversion") }}
	if _, err := s.get("keyring:door"); err == nil || !strings.Contains(err.Error(), "interface conversion") {
		t.Errorf("%v", err)
	}
	// The person said no, and the library takes it for a yes.
	s.ring = fakeRing{get: func() (string, error) { return "old", nil }}
	if _, err := s.put("door", "new"); !errors.Is(err, errKeyringLocked) {
		t.Errorf("%v", err)
	}
	s.ring = fakeRing{get: func() (string, error) {
		return "", errors.New("failed to unlock correct collection '/org/freedesktop/secrets/collection/login'")
	}}
	if _, err := s.get("keyring:door"); !errors.Is(err, errKeyringLocked) {
		t.Errorf("%v", err)
	}
}
