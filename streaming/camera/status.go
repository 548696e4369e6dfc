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
// apart: the person at this computer may read it, viewers on the network may
// not. Sentence is a constant, the key of its translations.
type Reason struct {
	// Sentence holds %s where the address belongs and %v where the detail
	// belongs, each at most once.
	Sentence string
	// Address is what is filled in for the owner, such as "10.0.0.7:8888".
	Address string
	// Withheld is what viewers read in its place; "": "the camera's address".
	Withheld string
	// Detail is for everyone, such as a time of day or what the camera answered.
	Detail string
}

// String is the whole sentence, for the window and the log.
func (r Reason) String() string { return r.In(func(s string) string { return s }) }

// In is the whole sentence in another language.
func (r Reason) In(translate func(string) string) string {
	r.Detail = translate(r.Detail)
	return r.fill(translate(r.Sentence), r.Address)
}

// Public is the sentence without the address, for /state and the offline picture.
func (r Reason) Public() string {
	s := strings.Replace(r.Sentence, "The camera at %s", "The camera", 1)
	return r.fill(s, cmp.Or(r.Withheld, "the camera's address"))
}

func (r Reason) fill(sentence, address string) string {
	return strings.NewReplacer("%s", address, "%v", r.Detail).Replace(sentence)
}
