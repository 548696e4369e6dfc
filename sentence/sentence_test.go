package sentence

import (
	"errors"
	"fmt"
	"io/fs"
	"testing"
)

func TestIn(t *testing.T) {
	german := func(s string) string {
		return map[string]string{
			"port %d is taken: %w": "Port %d ist belegt: %w",
			"by %s":                "von %s",
		}[s]
	}
	inner := Errorf("by %s", "Door")
	err := Errorf("port %d is taken: %w", 9001, inner)
	for _, test := range []struct {
		err            error
		english, other string
	}{
		{err, "Port 9001 is taken: by Door.", "Port 9001 ist belegt: von Door."},
		{fmt.Errorf("add camera: %w", inner), "By Door.", "Von Door."},
		{errors.New("no way!"), "No way!", "No way!"},
		{errors.New(""), "", ""},
	} {
		if got := Of(test.err); got != test.english {
			t.Errorf("%q, want %q", got, test.english)
		}
		if got := In(test.err, german); got != test.other {
			t.Errorf("%q, want %q", got, test.other)
		}
	}
	if !errors.Is(Errorf("read: %w", fs.ErrNotExist), fs.ErrNotExist) {
		t.Error("what is wrapped is not found")
	}
}
