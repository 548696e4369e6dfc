package app

import "testing"

func TestLocalName(t *testing.T) {
	for hostname, want := range map[string]string{
		"Kitchen-PC": "kitchen-pc.local", "pi.lan": "pi.local", "": "traycam.local", "localhost": "traycam.local",
		"my_pc": "traycam.local", "-x": "traycam.local", "büro": "traycam.local",
	} {
		if got := localNameOf(hostname); got != want {
			t.Errorf("%q: %s, want %s", hostname, got, want)
		}
	}
}
