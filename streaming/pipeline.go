package streaming

import (
	"context"
	"fmt"
	"image"
	"iter"
	"log/slog"
	"runtime/debug"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"traycam/streaming/camera"
	"traycam/streaming/frame"
	"traycam/streaming/hub"
	"traycam/streaming/picture"
	"traycam/streaming/viewer"
)

// silence is after how long without a frame viewers get the newest one again,
// or the offline picture where the camera is down: a player should see life.
const silence = time.Second

// pipeline is the way of one camera's pictures to its viewers. It outlives
// changes of the camera's settings, and so do its viewers' streams.
type pipeline struct {
	id      string
	log     *slog.Logger
	changed func()
	frames  hub.Hub[*frame.Frame]
	viewers atomic.Int64
	watched *watched // the Server's

	// Guarded by Server.mu.
	camera Camera
	end    context.CancelFunc // ends stream
	unplug func()             // lets the camera go and waits; nil while it is not supervised
	lent   int                // how many trials have the camera now

	mu sync.Mutex
	// Guarded by mu.
	stream    context.Context // what viewers' streams last for; nil while stopped
	name      string
	turn      frame.Turn
	keep      bool         // the last picture is shown while the camera is down
	push      *camera.Push // nil where it is another kind of camera
	status    camera.Status
	newest    *frame.Frame // from the camera; nil before the first
	format    string       // how its pictures come
	offline   *frame.Frame // the picture for offlineOf
	offlineOf offlinePicture
	owed      bool // the offline picture is to be seen, and nobody has asked for it yet
	watching  int
	sent      time.Time // when something was last published
	again     *time.Timer
	pace      frame.Pace
	rate      meter
	number    uint64 // of the newest frame
	dropped   uint64
	repaired  uint64
}

// offlinePicture is what an offline picture shows.
type offlinePicture struct {
	name, reason  string
	width, height int
}

func newPipeline(c Camera, watched *watched, log *slog.Logger, changed func()) *pipeline {
	return &pipeline{
		id: c.ID, camera: c, name: c.Name, turn: c.Turn, keep: c.keeps(), pace: frame.Pace{FPS: c.MaxFPS},
		watched: watched, log: log.With("camera", c.ID), changed: changed,
	}
}

// keeps tells whether its last picture stays. One that is switched off shows nothing.
func (c Camera) keeps() bool { return c.KeepLast && c.Enabled }

// start begins to take the camera in, until stop is called.
func (p *pipeline) start() {
	p.mu.Lock()
	p.stream, p.end = context.WithCancel(context.Background())
	p.newest = nil // what was seen before a stop is the past
	if p.camera.Enabled {
		p.status.State = camera.Connecting
	}
	p.publishOffline()
	p.again = time.AfterFunc(silence, p.repeat)
	p.mu.Unlock()
	p.plug()
}

// stop ends streams and lets the camera go. It returns when the camera has ended.
func (p *pipeline) stop() {
	if p.end == nil {
		return
	}
	p.end()
	p.end = nil
	p.pull()
	p.mu.Lock()
	defer p.mu.Unlock()
	p.stream = nil
	p.again.Stop()
	p.again = nil
}

// configure changes the camera's settings, restarting the camera only if it has to.
func (p *pipeline) configure(c Camera) {
	if c == p.camera {
		return
	}
	old := p.camera
	p.camera = c
	p.mu.Lock()
	p.name = c.Name
	p.pace = frame.Pace{FPS: c.MaxFPS}
	p.look(c.Turn, c.keeps())
	p.mu.Unlock()
	// The name is part of the test picture.
	if p.end != nil && (c.URL != old.URL || c.Enabled != old.Enabled || c.Name != old.Name && isTest(c.URL) || c.FFmpeg != old.FFmpeg && camera.MayNeedFFmpeg(c.URL)) {
		p.pull()
		p.plug()
	}
}

// look changes how the camera is shown, at once. p.mu is held.
func (p *pipeline) look(turn frame.Turn, keep bool) {
	if turn == p.turn && keep == p.keep {
		return
	}
	p.turn, p.keep = turn, keep
	if p.newest != nil {
		p.newest = p.newest.Turned(turn)
	}
	if p.again != nil {
		p.showAgain()
	}
}

func isTest(url string) bool { return strings.HasPrefix(strings.TrimSpace(url), "test:") }

// plug begins to supervise the camera, if it is switched on and not lent.
func (p *pipeline) plug() {
	if p.lent > 0 {
		return // whoever gives it back plugs it
	}
	source, err := camera.Open(p.camera.URL, camera.Options{Name: p.camera.Name, FFmpeg: p.camera.FFmpeg})
	p.mu.Lock()
	p.push, _ = source.(*camera.Push)
	p.mu.Unlock()
	if !p.camera.Enabled {
		p.setStatus(camera.Status{State: camera.Off})
		return
	}
	if err != nil {
		p.log.Error("camera cannot be used", "err", err)
		p.setStatus(camera.Status{State: camera.Retrying, Reason: camera.Reason{Sentence: "This camera's address cannot be used: %s.", Address: err.Error()}})
		return
	}
	p.mu.Lock()
	ctx, cancel := context.WithCancel(p.stream)
	p.mu.Unlock()
	done := make(chan struct{})
	go func() {
		defer close(done)
		defer p.recover()
		camera.Supervise(ctx, source, camera.Sink{Frame: p.publish, Turn: p.turned, Status: p.setStatus, Format: p.setFormat, Lost: p.lost, Log: p.logProblem})
	}()
	p.unplug = func() { cancel(); <-done }
}

// recover lets a panic end what is done for this camera only. To be deferred.
func (p *pipeline) recover() {
	if r := recover(); r != nil {
		p.log.Error("a mistake in Traycam", "panic", r, "stack", string(debug.Stack()))
		p.setStatus(camera.Status{State: camera.Retrying, Reason: camera.Mistake})
	}
}

// pull lets the camera go and waits until it has ended.
func (p *pipeline) pull() {
	if p.unplug != nil {
		p.unplug()
		p.unplug = nil
	}
	p.mu.Lock()
	p.rate = meter{}
	p.mu.Unlock()
	p.setStatus(camera.Status{State: camera.Off})
}

// turned is how pictures are to be shown.
func (p *pipeline) turned() frame.Turn {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.turn
}

// publish numbers a frame and passes it on.
func (p *pipeline) publish(f *frame.Frame) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if !p.pace.Pass(f.At) {
		return
	}
	f = f.Turned(p.turn) // which may have changed while it was laid out
	p.number++
	f.Seq = p.number
	p.rate.add(f.At, len(f.JPEG))
	first := p.newest == nil
	p.newest = f
	p.pass(f, f.At)
	if first {
		p.changed()
	}
}

// pass hands f to the viewers. p.mu is held, so that no old frame follows a newer one.
func (p *pipeline) pass(f *frame.Frame, now time.Time) {
	p.sent, p.owed = now, false
	p.frames.Publish(f)
	if p.again != nil {
		p.again.Reset(silence)
	}
}

// repeat is called when nothing has been published for a while.
func (p *pipeline) repeat() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.again == nil || time.Since(p.sent) < silence/2 {
		return // stopped, or a frame came while the timer was firing
	}
	p.showAgain()
}

// showAgain passes on what is to be seen while no frame comes. p.mu is held.
func (p *pipeline) showAgain() {
	if p.status.State == camera.Live && p.newest != nil || p.keeping() {
		p.pass(p.newest, time.Now())
		return
	}
	p.publishOffline()
}

// keeping tells whether viewers see the last picture of a camera that is down. p.mu is held.
func (p *pipeline) keeping() bool {
	return p.again != nil && p.keep && p.newest != nil && p.status.State != camera.Live
}

// publishOffline passes on the offline picture, drawn anew where it would say
// something else. To draw it takes tens of milliseconds, so it waits for somebody to watch. p.mu is held.
func (p *pipeline) publishOffline() {
	if p.watching == 0 {
		p.owed = true
		return
	}
	want := offlinePicture{name: p.name, reason: reasonInWords(p.status, p.push != nil)}
	if p.newest != nil {
		want.width, want.height = p.newest.Width, p.newest.Height
	}
	now := time.Now()
	if p.offline == nil || p.offlineOf != want {
		jpeg, size, err := p.draw(want)
		if err != nil {
			p.log.Error("the offline picture cannot be drawn", "err", err)
			return
		}
		p.offline, p.offlineOf = frame.New(jpeg, size.X, size.Y, now), want
		p.offline.Offline = true
		p.offline.Seq = p.number
	}
	p.pass(p.offline, now)
}

// draw draws the offline picture; what stands in it comes from people and cameras.
func (p *pipeline) draw(o offlinePicture) (jpeg []byte, size image.Point, err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("panic: %v\n%s", r, debug.Stack())
		}
	}()
	jpeg, size = picture.Offline(o.name, o.reason, o.width, o.height)
	return jpeg, size, nil
}

// reasonInWords is what viewers are told of a camera that sends no picture.
func reasonInWords(s camera.Status, posted bool) string {
	if reason := s.Reason.Public(); reason != "" {
		if s.State == camera.Waiting && !posted {
			reason += " Waiting for it to connect again."
		}
		return reason
	}
	switch {
	case s.State == camera.Off:
		return "This camera is switched off."
	case s.State == camera.Waiting && posted:
		return "Waiting for the first picture to be posted."
	case s.State == camera.Waiting:
		return "Waiting for the camera to connect."
	default:
		return "Connecting to the camera…"
	}
}

func (p *pipeline) setStatus(s camera.Status) {
	p.mu.Lock()
	before := p.status
	p.status = s
	p.mu.Unlock()
	if before.State != s.State {
		var why []any
		if reason := s.Reason.String(); reason != "" {
			why = []any{"reason", reason}
		}
		p.log.Info("camera is "+s.State.String(), why...)
	}
	p.changed()
}

func (p *pipeline) setFormat(format string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.format = format
}

func (p *pipeline) lost(dropped, repaired uint64) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.dropped += dropped
	p.repaired += repaired
}

func (p *pipeline) logProblem(err error) { p.log.Warn("camera ended", "err", err) }

// snapshot is how the camera is now.
func (p *pipeline) snapshot() CameraStatus {
	p.mu.Lock()
	defer p.mu.Unlock()
	s := CameraStatus{
		ID: p.id, Name: p.name, Status: p.status,
		Turn: p.turn, Kept: p.keeping(),
		Format: p.format, Frames: p.number, Dropped: p.dropped, Repaired: p.repaired,
		Viewers: int(p.viewers.Load()),
	}
	s.FPS, s.BitsPerSecond = p.rate.now(time.Now())
	if p.newest != nil {
		s.Width, s.Height, s.LastFrame = p.newest.Width, p.newest.Height, p.newest.At
	}
	return s
}

// Join counts a viewer in until leave is called. The context that it returns ends
// with the streaming of this camera. False: streaming is stopped.
func (p *pipeline) Join(from viewer.From) (_ context.Context, leave func(), ok bool) {
	p.mu.Lock()
	stream := p.stream
	p.mu.Unlock()
	if stream == nil || stream.Err() != nil {
		return nil, nil, false
	}
	p.viewers.Add(1)
	forget := p.watched.add(Watcher{Address: from.Address, Local: from.Local, Camera: p.id, Link: from.Link.Name, token: from.Link.Token})
	p.changed()
	return stream, func() {
		p.viewers.Add(-1)
		forget()
		p.changed()
	}, true
}

// Watch yields the newest picture, which may be the offline one, and then newer
// ones, until ctx is done.
func (p *pipeline) Watch(ctx context.Context) iter.Seq[*frame.Frame] {
	return func(yield func(*frame.Frame) bool) {
		p.beginWatching()
		defer p.endWatching()
		p.frames.Watch(ctx)(yield)
	}
}

func (p *pipeline) beginWatching() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.watching++
	if p.owed {
		p.publishOffline()
	}
}

func (p *pipeline) endWatching() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.watching--
}

// Newest is the newest picture, nil while the camera is not live.
func (p *pipeline) Newest() *frame.Frame {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.status.State != camera.Live {
		return nil
	}
	return p.newest
}

// public is what viewers may know: no address, no password.
func (p *pipeline) public() viewer.CameraState {
	s := p.snapshot()
	return viewer.CameraState{
		ID: s.ID, Name: s.Name, State: s.State.String(), Reason: s.Reason.Public(),
		Width: s.Width, Height: s.Height, Rotate: s.Turn.Degrees(), Mirror: s.Turn.Mirror, Kept: s.Kept, FPS: s.FPS, BitsPerSecond: s.BitsPerSecond,
		Frames: s.Frames, Dropped: s.Dropped, Repaired: s.Repaired,
		Viewers: s.Viewers, LastFrame: s.LastFrame,
	}
}
