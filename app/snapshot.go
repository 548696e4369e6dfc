package app

import (
	"time"

	"traycam/streaming/camera"
)

// Streaming is what the program as a whole is doing.
type Streaming int

const (
	Stopped  Streaming = iota
	Starting           // cameras are being started
	Running            // cameras are taken in and viewers are served
	Stopping           // cameras and streams are being ended
	Failed             // it cannot run; Snapshot.Reason says why
)

var streamingNames = [...]string{"stopped", "starting", "running", "stopping", "failed"}

func (s Streaming) String() string { return streamingNames[s] }

// Snapshot is everything that a view may show: one value, never modified once
// it has been published, slices included.
type Snapshot struct {
	Streaming Streaming
	// Reason is why Streaming is Failed: a sentence with a next step, else nil.
	Reason error
	// ViewerURL is the page on this computer, "http://localhost:8090/". Empty
	// while no port is held.
	ViewerURL string
	// Version is the program's own.
	Version string
	// Home is the project's page, with the releases below it; empty: not known.
	Home string
	// Hosts are this computer's addresses in the network, the likeliest first.
	Hosts []string
	// LogFolder is where log files go; empty: nowhere.
	LogFolder string
	// Settings are the person's choices. Where PortGiven, the port of this run came
	// from the command line and Settings.Port is for the next one.
	Settings  Settings
	PortGiven bool
	// Cameras are in the person's order.
	Cameras []Camera
	// Viewers counts the streams that are being watched now, over all cameras.
	Viewers int
	// BitsOut is what goes to viewers now, in bits per second.
	BitsOut float64
	Share   ShareStatus
	// Notices are things that the person should know and that stop nothing, such
	// as a config key that Traycam does not know. Sentences.
	Notices []error
	// Crash is the file that tells how Traycam ended last time, where that was a mistake.
	Crash string
}

// Camera is one camera in a Snapshot.
type Camera struct {
	CameraConfig
	// Temporary cameras were added on the command line for this run only.
	Temporary bool

	camera.Status

	// Width and Height of the newest frame in pixels, 0 before the first.
	Width, Height int
	// FPS and BitsPerSecond are what arrives now.
	FPS, BitsPerSecond float64
	// Frames arrived since the camera was added or the program started. Dropped were thrown away on the
	// way in (cut short, not a JPEG, too large). Repaired got Huffman tables.
	Frames, Dropped, Repaired uint64
	// LastFrame is when the newest frame arrived, zero before the first.
	LastFrame time.Time
	// Viewers counts the streams of this camera that are being watched now.
	Viewers int
}
