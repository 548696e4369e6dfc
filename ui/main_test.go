package ui

import (
	"os"
	"testing"
)

// The tests are in English, whatever the machine speaks.
func TestMain(m *testing.M) {
	os.Setenv("LC_ALL", "en_US.UTF-8")
	os.Setenv("LANGUAGE", "en_US")
	os.Exit(m.Run())
}
