package ui

import (
	"bytes"
	"image"
	"io"
	"log/slog"
	"strings"
	"testing"

	"traycam/faults"
)

// A picture that makes its decoder panic is not shown, and the next one is.
func TestFaultMistakeWithOnePreview(t *testing.T) {
	const magic = "a bug"
	image.RegisterFormat("bug", magic, func(io.Reader) (image.Image, error) { panic(magic) },
		func(io.Reader) (image.Config, error) { panic(magic) })
	var b bytes.Buffer
	log := slog.New(slog.NewTextHandler(&b, nil))
	size := image.Pt(previewWidth, previewHeight)
	if m := decodeGuarded(log, "garden", []byte(magic), size); m != nil {
		t.Error("it is shown")
	}
	if m := decodeGuarded(log, "garden", testFrame(1, 1280, 720).JPEG, size); m == nil {
		t.Error("the next one is not shown")
	}
	if !strings.Contains(b.String(), "camera=garden") || !strings.Contains(b.String(), "fault_test.go") {
		t.Errorf("the log has no stack:\n%s", &b)
	}
	faults.Held(t, "a mistake with one preview", "1 picture of 2 is left out")
}
