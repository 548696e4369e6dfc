package app

import "errors"

// ErrRunning is returned by [Claim] where a copy of Traycam with the same config
// runs already. It has been asked to show its window, where that was wanted.
var ErrRunning = errors.New("a copy of Traycam runs already")
