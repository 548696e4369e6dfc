package app_test

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"traycam/app"
)

func TestOneRunningCopy(t *testing.T) {
	for _, dir := range []string{"short", strings.Repeat("long", 30)} {
		config := filepath.Join(t.TempDir(), dir, "config.toml")
		raise, release, err := app.Claim(config, true)
		if err != nil {
			t.Fatal(err)
		}
		if _, _, err := app.Claim(config, false); !errors.Is(err, app.ErrRunning) {
			t.Errorf("a second hidden start: %v", err)
		}
		if _, _, err := app.Claim(config, true); !errors.Is(err, app.ErrRunning) {
			t.Errorf("a second start: %v", err)
		}
		select {
		case <-raise:
		case <-time.After(10 * time.Second):
			t.Error("the first copy was not asked to show its window")
		}
		release()
		// It starts again, also after a copy that was killed and left its socket.
		os.WriteFile(config+".sock", nil, 0o600)
		_, release, err = app.Claim(config, true)
		if err != nil {
			t.Fatal(err)
		}
		release()
	}
}
