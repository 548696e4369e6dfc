// Package camera is where frames come from: each kind of camera is a [Source],
// and [Supervise] keeps one running and says how it is.
package camera

import (
	"cmp"
	"fmt"
	"strings"
	"time"
)

// State is what a camera is doing now.
type State int

const (
	Off        State = iota // switched off, or streaming is stopped
	Connecting              // we are dialling it
	Waiting                 // we listen and it has not connected yet
	Live                    // frames arrive
	Stalled                 // it is connected and sends no whole frame
	Retrying                // it failed and will be tried again at NextTry
)

var stateNames = [...]string{"off", "connecting", "waiting", "live", "stalled", "retrying"}

// String is the state's name in /state and in the log.
func (s State) String() string {
	if s < 0 || int(s) >= len(stateNames) {
		return fmt.Sprintf("State(%d)", int(s))
	}
	return stateNames[s]
}

// Status is one camera's state, for people. Comparable.
type Status struct {
	State State
	// Reason says why, in a sentence with a next step. Empty where the state says it all.
	Reason Reason
	// NextTry is when a camera that is Retrying or Stalled will be tried again.
	NextTry time.Time
}

// Reason is a sentence for people, with the address that it is about kept
// apart: the person at this computer may read it, viewers on the network may not.
type Reason struct {
	// Sentence holds %s where the address belongs, at most once.
	Sentence string
	// Address is what is filled in for the owner, such as "10.0.0.7:8888".
	Address string
	// Withheld is what viewers read in its place; "": "the camera's address".
	Withheld string
}

// String is the whole sentence, for the window and the log.
func (r Reason) String() string { return strings.Replace(r.Sentence, "%s", r.Address, 1) }

// Public is the sentence without the address, for /state and the offline picture.
func (r Reason) Public() string {
	s := strings.Replace(r.Sentence, "The camera at %s", "The camera", 1)
	return strings.Replace(s, "%s", cmp.Or(r.Withheld, "the camera's address"), 1)
}
