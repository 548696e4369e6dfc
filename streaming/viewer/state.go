package viewer

import (
	"encoding/json"
	"math"
	"net/http"
	"time"
)

// CameraState is one camera in /state: what anybody who may watch may know.
type CameraState struct {
	ID            string
	Name          string
	State         string // off, connecting, waiting, live, stalled, retrying
	Reason        string // a sentence, or empty
	Width, Height int    // pixels as it is shown, 0 before the first frame
	Rotate        int    // degrees clockwise, and
	Mirror        bool   // then left for right: how pictures are turned
	Kept          bool   // it is down, and its last picture goes on being shown
	FPS           float64
	BitsPerSecond float64
	Frames        uint64 // since the program started
	Dropped       uint64 // thrown away on the way in
	Repaired      uint64 // given Huffman tables
	Viewers       int
	LastFrame     time.Time // zero before the first frame
}

// stateJSON and cameraJSON are the form of /state, which programs rely on.
type stateJSON struct {
	Version   string       `json:"version"`
	Streaming bool         `json:"streaming"`
	Viewers   int          `json:"viewers"`
	Cameras   []cameraJSON `json:"cameras"`
}

type cameraJSON struct {
	ID            string  `json:"id"`
	Name          string  `json:"name"`
	State         string  `json:"state"`
	Reason        string  `json:"reason"`
	Width         int     `json:"width"`
	Height        int     `json:"height"`
	Rotate        int     `json:"rotate,omitempty"`
	Mirror        bool    `json:"mirror,omitempty"`
	Kept          bool    `json:"kept,omitempty"`
	FPS           float64 `json:"fps"`             // to one decimal
	BitsPerSecond int64   `json:"bits_per_second"` // to three digits
	Frames        uint64  `json:"frames"`
	Dropped       uint64  `json:"dropped"`
	Repaired      uint64  `json:"repaired"`
	Viewers       int     `json:"viewers"`
	LastFrame     *string `json:"last_frame"` // RFC 3339 in UTC, null before the first frame
}

func (h *Handler) state(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	json.NewEncoder(w).Encode(h.stateNow(h.camerasFor(r)))
}

// stateNow is the state of the cameras that a request may see.
func (h *Handler) stateNow(cameras Cameras) stateJSON {
	out := stateJSON{Version: h.opt.Version, Streaming: h.all.Streaming(), Cameras: []cameraJSON{}}
	for _, c := range cameras.State() {
		out.Viewers += c.Viewers
		out.Cameras = append(out.Cameras, c.json())
	}
	return out
}

func (c CameraState) json() cameraJSON {
	j := cameraJSON{
		ID: c.ID, Name: c.Name, State: c.State, Reason: c.Reason,
		Width: c.Width, Height: c.Height, Rotate: c.Rotate, Mirror: c.Mirror, Kept: c.Kept,
		FPS: math.Round(c.FPS*10) / 10, BitsPerSecond: threeDigits(c.BitsPerSecond),
		Frames: c.Frames, Dropped: c.Dropped, Repaired: c.Repaired, Viewers: c.Viewers,
	}
	if !c.LastFrame.IsZero() {
		at := c.LastFrame.UTC().Format("2006-01-02T15:04:05.000Z07:00")
		j.LastFrame = &at
	}
	return j
}

// threeDigits rounds to what the measurement is good for.
func threeDigits(f float64) int64 {
	if f < 1000 {
		return int64(math.Round(f))
	}
	unit := math.Pow(10, math.Floor(math.Log10(f))-2)
	return int64(math.Round(f/unit) * unit)
}

// health is for supervisors of processes: 200 while streaming, else 503.
func (h *Handler) health(w http.ResponseWriter, _ *http.Request) {
	if !h.all.Streaming() {
		unavailable(w, "stopped", 5)
		return
	}
	w.Header().Set("Cache-Control", "no-store")
	w.Write([]byte("ok"))
}
