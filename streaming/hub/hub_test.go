package hub_test

import (
	"context"
	"fmt"
	"sync"
	"testing"
	"testing/synctest"

	"go.uber.org/goleak"

	"traycam/streaming/hub"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func TestLatest(t *testing.T) {
	var h hub.Hub[string]
	if v, ok := h.Latest(); ok {
		t.Fatalf("a new hub has the value %q", v)
	}
	h.Publish("a")
	h.Publish("b")
	if v, ok := h.Latest(); v != "b" || !ok {
		t.Fatalf("Latest() = %q, %v after publishing a and b", v, ok)
	}
}

func TestWatchBeginsWithTheNewestValue(t *testing.T) {
	var h hub.Hub[int]
	h.Publish(1)
	h.Publish(2)
	for v := range h.Watch(t.Context()) {
		if v != 2 {
			t.Fatalf("the first value is %d, not the newest", v)
		}
		break
	}
	if n := h.Watchers(); n != 0 {
		t.Fatalf("%d watchers after the loop was left", n)
	}
}

func TestSlowWatcherSkipsToTheNewest(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var h hub.Hub[int]
		h.Publish(1)
		ctx, cancel := context.WithCancel(t.Context())
		busy := make(chan struct{})
		var seen []int
		var watching sync.WaitGroup
		watching.Go(func() {
			for v := range h.Watch(ctx) {
				seen = append(seen, v)
				<-busy
			}
		})
		synctest.Wait()
		for v := range 1000 {
			h.Publish(v + 2) // must not block, though nobody takes them
		}
		close(busy)
		synctest.Wait()
		cancel()
		watching.Wait()
		if got := fmt.Sprint(seen); got != "[1 1001]" {
			t.Fatalf("a watcher that was busy saw %s", got)
		}
	})
}

func TestEveryWatcherSeesTheLastValue(t *testing.T) {
	const last = 5000
	var h hub.Hub[int]
	var watching sync.WaitGroup
	for range 50 {
		watching.Go(func() {
			before := 0
			for v := range h.Watch(t.Context()) {
				if v <= before {
					t.Errorf("%d came after %d", v, before)
				}
				if before = v; v == last {
					return
				}
			}
		})
	}
	for v := range last {
		h.Publish(v + 1)
	}
	watching.Wait()
}

func TestWatchEndsWithItsContext(t *testing.T) {
	var h hub.Hub[int]
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	h.Publish(1)
	n := 0
	for range h.Watch(ctx) {
		n++
		cancel()
		h.Publish(2)
	}
	if n != 1 || h.Watchers() != 0 {
		t.Fatalf("%d values, %d watchers after the context was done", n, h.Watchers())
	}
}

func TestPublishAllocatesNothing(t *testing.T) {
	var h hub.Hub[*int]
	v := new(int)
	if n := testing.AllocsPerRun(100, func() { h.Publish(v) }); n != 0 {
		t.Fatalf("%v allocations in each Publish", n)
	}
}

func BenchmarkPublish(b *testing.B) {
	for _, n := range []int{1, 100, 1000} {
		b.Run(fmt.Sprintf("watchers=%d", n), func(b *testing.B) {
			var h hub.Hub[*int]
			var watching sync.WaitGroup
			defer watching.Wait()
			ctx, cancel := context.WithCancel(b.Context())
			defer cancel()
			for range n {
				watching.Go(func() {
					for range h.Watch(ctx) {
					}
				})
			}
			for h.Watchers() < n {
			}
			v := new(int)
			b.ReportAllocs()
			for b.Loop() {
				h.Publish(v)
			}
		})
	}
}
