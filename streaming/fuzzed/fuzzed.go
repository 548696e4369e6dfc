// Package fuzzed holds fuzz targets to limits. Only tests import it.
package fuzzed

import (
	"runtime/metrics"
	"testing"
	"time"
)

const (
	mostBytes = 64 << 20
	longest   = 10 * time.Second
)

// Within is called at the beginning of what is done for one input. That fails
// where it allocates more than 64 MiB, counting what was freed in between as well, so
// that it never held more. Where it has not ended after 10 s the process panics,
// which go test takes for a failure of that input.
func Within(t testing.TB) {
	before := allocated()
	watch := time.AfterFunc(longest, func() { panic("an input that does not end within " + longest.String()) })
	t.Cleanup(func() {
		watch.Stop()
		if n := allocated() - before; n > mostBytes {
			t.Errorf("one input took %d bytes of memory, more than %d", n, mostBytes)
		}
	})
}

// allocated is how many bytes this process has allocated since its start.
func allocated() uint64 {
	sample := []metrics.Sample{{Name: "/gc/heap/allocs:bytes"}}
	metrics.Read(sample)
	return sample[0].Value.Uint64()
}
