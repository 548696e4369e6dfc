package app

import (
	"errors"
	"fmt"
	"net/netip"
	"testing"

	"traycam/discover"
)

// Traycam's own page, which it tells the network of, is no camera.
func TestOurPageIsNoCamera(t *testing.T) {
	a := &App{listening: &listening{port: 8090}, places: []place{{netip.MustParseAddr("10.0.0.5"), "eth0"}}}
	for _, test := range []struct {
		found Found
		ours  bool
	}{
		{Found{Host: "10.0.0.5", URL: "http://10.0.0.5:8090/"}, true},
		{Found{Host: "10.0.0.5", URL: "http://10.0.0.5:8080/"}, false}, // another program's of this computer
		{Found{Host: "10.0.0.6", URL: "http://10.0.0.6:8090/"}, false}, // another Traycam's
	} {
		if got := a.isOurs(test.found); got != test.ours {
			t.Errorf("%s: %v", test.found.URL, got)
		}
	}
}

func TestPasswordHelps(t *testing.T) {
	if !PasswordHelps(fmt.Errorf("ask: %w", discover.ErrPassword)) || PasswordHelps(errors.New("no")) || PasswordHelps(nil) {
		t.Error("which errors another password mends")
	}
}
