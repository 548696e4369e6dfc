package streaming

import (
	"fmt"
	"testing"
)

func TestWatched(t *testing.T) {
	var w watched
	var forget []func()
	for n := range 300 {
		forget = append(forget, w.add(Watcher{Camera: fmt.Sprint(n)}))
	}
	before := w.now()
	if len(before) != maxWatchers || before[0].Camera != "0" || before[199].Camera != "199" {
		t.Errorf("%d watchers, from %+v", len(before), before[0])
	}
	forget[0]()
	forget[100]()
	after := w.now()
	if len(after) != maxWatchers || after[0].Camera != "1" || after[199].Camera != "201" || before[0].Camera != "0" {
		t.Errorf("%d watchers, from %+v", len(after), after[0])
	}
	for i := 1; i < len(after); i++ {
		if after[i].Since.Before(after[i-1].Since) {
			t.Errorf("%+v is after %+v", after[i], after[i-1])
		}
	}
	if allocs := testing.AllocsPerRun(10, func() { w.now() }); allocs != 0 {
		t.Errorf("%v allocations where nothing has changed", allocs)
	}
	forget[1]()
	if got := w.now(); got[0].Camera != "2" {
		t.Errorf("the first is %+v", got[0])
	}
}
