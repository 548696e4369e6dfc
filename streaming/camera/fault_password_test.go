package camera_test

import (
	"testing"

	"traycam/faults"
)

func TestFaultPasswordElsewhere(t *testing.T) {
	t.Run("another host", redirectsWithoutPassword)
	t.Run("from https to http", passwordStaysEncrypted)
	if !t.Failed() {
		faults.Held(t, "a camera that sends Traycam on to another host", "neither the password nor a digest of it came there, whether it asked or not")
	}
}
