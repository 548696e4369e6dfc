package ui

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"traycam/app"
)

func TestTrayFor(t *testing.T) {
	cameras := func(c ...trayCamera) (out [trayCameras]trayCamera) {
		copy(out[:], c)
		return out
	}
	all := cameras(
		trayCamera{"front-door", "Front door · 2 viewers"},
		trayCamera{"garage", "Garage · trying again"},
		trayCamera{"garden", "Garden · waiting"},
		trayCamera{"demo-1", "Demo 1 · off"},
	)
	with := func(change func(*app.Snapshot)) app.Snapshot {
		s := house()
		change(&s)
		return s
	}
	door := house().Cameras[:1]
	for _, test := range []struct {
		name     string
		snapshot app.Snapshot
		want     trayMenu
	}{
		{"nothing yet", app.Snapshot{}, trayMenu{
			Status: "Stopped · no cameras", StartStop: "Start streaming", CanToggle: true,
		}},
		{"a camera needs attention", house(), trayMenu{
			Icon: iconAttention, Status: "Streaming · 4 cameras · 4 viewers",
			CanOpen: true, StartStop: "Stop streaming", CanToggle: true, Cameras: all,
		}},
		{"all is well", with(func(s *app.Snapshot) { s.Cameras, s.Viewers = door, 1 }), trayMenu{
			Icon: iconStreaming, Status: "Streaming · 1 camera · 1 viewer",
			CanOpen: true, StartStop: "Stop streaming", CanToggle: true, Cameras: cameras(all[0]),
		}},
		{"starting", with(func(s *app.Snapshot) { s.Streaming = app.Starting; s.Cameras = door }), trayMenu{
			Icon: iconStreaming, Status: "Starting… · 1 camera",
			CanOpen: true, StartStop: "Stop streaming", Cameras: cameras(all[0]),
		}},
		{"stopping", with(func(s *app.Snapshot) { s.Streaming = app.Stopping; s.Cameras = door }), trayMenu{
			Status: "Stopping… · 1 camera", CanOpen: true, StartStop: "Start streaming", Cameras: cameras(all[0]),
		}},
		{"stopped", with(func(s *app.Snapshot) { s.Streaming, s.Viewers = app.Stopped, 0 }), trayMenu{
			Status: "Stopped · 4 cameras", CanOpen: true, StartStop: "Start streaming", CanToggle: true, Cameras: all,
		}},
		{"cannot stream", app.Snapshot{Streaming: app.Failed, Reason: errors.New("port 8090 is taken"), Cameras: door}, trayMenu{
			Icon: iconAttention, Status: "Not streaming · 1 camera", StartStop: "Start streaming", CanToggle: true, Cameras: cameras(all[0]),
		}},
	} {
		t.Run(test.name, func(t *testing.T) {
			if got := trayFor(test.snapshot); got != test.want {
				t.Errorf("\n got %+v\nwant %+v", got, test.want)
			}
		})
	}
}

func TestTrayForManyCameras(t *testing.T) {
	var s app.Snapshot
	for i := range trayCameras + 1 {
		s.Cameras = append(s.Cameras, makeCamera(fmt.Sprint(i), fmt.Sprint("Camera ", i), "test:", "live"))
	}
	m := trayFor(s)
	if !m.More || m.Cameras[trayCameras-1] != (trayCamera{"9", "Camera 9 · live"}) {
		t.Errorf("%+v", m)
	}
	s.Cameras = s.Cameras[:trayCameras]
	if trayFor(s).More {
		t.Error("More… without more cameras")
	}
}

// What changes all the time must not make the menu another one.
func TestTrayForIsStill(t *testing.T) {
	before, after := house(), house()
	after.BitsOut = 1
	after.Cameras[0].FPS, after.Cameras[0].Frames = 12, 99
	after.Cameras[1].NextTry = at.Add(time.Hour)
	if trayFor(before) != trayFor(after) {
		t.Error("the menu differs")
	}
}

// A name cannot turn round the words that stand behind it.
func TestNamesStayInTheirPlace(t *testing.T) {
	if got := oneLine("Door\u202e\u2066\n!"); got != "Door   !" {
		t.Errorf("%q", got)
	}
}
