// Package app is the controller: what the program is doing now, and the
// commands that change it. Views watch its Snapshots and call its methods.
package app

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"iter"
	"log/slog"
	"net/netip"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"traycam/logbook"
	"traycam/sentence"
	"traycam/streaming"
	"traycam/streaming/camera"
	"traycam/streaming/frame"
	"traycam/streaming/hub"
)

// Options are what an App is made with.
type Options struct {
	// ConfigFile is where the config is, or will be.
	ConfigFile string
	// Port, if not nil, is the port for this run.
	Port *int
	// Cameras are added for this run and saved nowhere. Their IDs are made here.
	Cameras []CameraConfig
	Version string
	Home    string // the project's page, "https://…"; empty: nobody said where
	Web     fs.FS  // the viewer page's files
	Log     *slog.Logger
	// Keyring keeps passwords in the system's keyring, where there is one.
	Keyring bool
	// Book is the log that people can read; nil: there is none. It writes files
	// into LogFolder, unless the person chose another folder.
	Book      *logbook.Book
	LogFolder string
	// Crashes has the report of the last run, where that ended in a mistake. May be nil.
	Crashes *Crashes
}

// App is the program without its window. Its methods may be called at once, and
// none waits for a camera or a viewer.
type App struct {
	opt       Options
	server    *streaming.Server
	snapshots hub.Hub[Snapshot]
	changed   chan struct{} // holds at most one: a Snapshot is due
	work      chan struct{} // holds at most one: Run has something to apply
	look      chan struct{} // holds at most one: the config file may have changed
	secrets   *secrets      // nil: passwords stay in the config file

	needPassword chan struct{} // holds at most one: a camera may need one that is not known
	watchers     atomic.Int64

	mu sync.Mutex
	// Guarded by mu.
	file      configFile
	config    Config         // as on disk
	temporary []CameraConfig // for this run only
	want      bool           // whether to stream
	streaming Streaming
	reason    error      // why streaming has failed
	unknown   []error    // sentences about keys of the config file
	unread    error      // why a change of the config file is not in use
	unmoved   error      // why the port is not the config's
	listening *listening // nil while no port is held
	lost      bool       // the port that is held does not answer any more
	places    []place    // where the network reaches the port, best first
	unshared  error      // why the network does not
	named     string     // the name that the network is told; empty: none
	crash     string     // the report of the last run, where that ended in a mistake

	passwords map[string]string // by the reference in the config file
	withheld  map[string]error  // why the keyring did not give one

	// Owned by Run.
	rate      outRate
	running   bool // streaming was started
	hosts     hosts
	doors     map[netip.AddrPort]*door
	announcer announcer
	roaming   *time.Ticker // while sharing: the addresses may have changed
}

// New reads the config. The error names the file, and line and key where it can.
func New(opt Options) (*App, error) {
	a := &App{
		opt:     opt,
		changed: make(chan struct{}, 1),
		work:    make(chan struct{}, 1),
		look:    make(chan struct{}, 1),

		needPassword: make(chan struct{}, 1),
		passwords:    map[string]string{},
		withheld:     map[string]error{},
		file:         configFile{path: opt.ConfigFile},
	}
	if opt.Keyring {
		a.secrets = newSecrets()
	}
	var err error
	if a.config, a.unknown, err = a.file.load(); err != nil {
		return nil, err
	}
	for _, notice := range a.notices() {
		opt.Log.Warn(sentence.Of(notice))
	}
	for _, c := range opt.Cameras {
		c.ID = freeID(c, a.everyCamera())
		if err := c.check(); err != nil {
			return nil, fmt.Errorf("camera %q: %w", c.Name, err.Say)
		}
		a.temporary = append(a.temporary, c)
	}
	if a.crash = opt.Crashes.last(a.LogFolder()); a.crash != "" {
		opt.Log.Warn("Traycam ended unexpectedly last time; please report it", "report", a.crash)
	}
	a.want = a.config.StreamAtStart
	a.server = streaming.New(streaming.Options{Version: opt.Version, Web: opt.Web, Sharing: sharePage{a}, Log: opt.Log, Changed: func() { poke(a.changed) }})
	a.letIn()
	a.publish()
	return a, nil
}

// notices are sentences that the person should know and that stop nothing. a.mu
// is held, or a is not shared yet.
func (a *App) notices() (all []error) {
	var unlogged error
	if a.opt.Book != nil {
		if err := a.opt.Book.Problem(); err != nil {
			unlogged = sentence.Errorf("the log cannot be written to files: %w. Choose another folder in the settings", err)
		}
	}
	for _, s := range []error{a.unread, a.unmoved, unlogged} {
		if s != nil {
			all = append(all, s)
		}
	}
	return append(all, a.unknown...)
}

// Run is the program: it streams when it should, and serves viewers, until ctx
// is done and everything has ended. Without a port that Listen took, it only
// shows that; Start tries again to take one.
func (a *App) Run(ctx context.Context) {
	var fetching sync.WaitGroup
	defer fetching.Wait() // last: a keyring may be slow
	defer a.watchFile()()
	a.roaming = time.NewTicker(lookEvery)
	defer a.roaming.Stop()
	defer func() {
		a.announcer.close()
		a.closeDoors(nil)
		a.stopStreaming()
		a.closePort()
	}()
	fetching.Go(func() { a.fetchPasswords(ctx) })
	a.apply(ctx)
	tick := time.NewTicker(snapshotEvery)
	tick.Stop()
	ticking := false
	changed := a.changed
	var rested <-chan time.Time // a busy moment is not worth more than a few pictures of it
	for {
		if watched := a.watchers.Load() > 0; watched != ticking {
			if ticking = watched; ticking {
				tick.Reset(snapshotEvery)
			} else {
				tick.Stop()
			}
		}
		select {
		case <-ctx.Done():
			return
		case <-a.work:
			a.apply(ctx)
		case <-a.look:
			a.reload()
		case <-a.roaming.C:
			a.holdDoors(ctx)
		case <-changed:
			a.publish()
			changed, rested = nil, time.After(snapshotEvery/5)
		case <-rested:
			changed, rested = a.changed, nil
		case <-tick.C:
			a.publish()
		}
	}
}

// snapshotEvery is how often a view that watches sees new rates and counts.
const snapshotEvery = 500 * time.Millisecond

// apply makes what runs what the person wants. Called by Run alone.
func (a *App) apply(ctx context.Context) {
	a.server.Configure(a.allCameras())
	if a.opt.Book != nil && a.opt.LogFolder != "" {
		a.opt.Book.SetFolder(a.LogFolder())
	}
	a.holdPort()
	a.holdDoors(ctx)
	a.mu.Lock()
	want := a.want && a.listening != nil
	a.mu.Unlock()
	switch {
	case want && !a.running:
		a.setStreaming(Starting)
		a.server.Start()
		a.running = true
		a.setStreaming(Running)
	case !want && a.running:
		a.stopStreaming()
	}
	a.serve(ctx) // after the start, so that the first viewer finds it streaming
	a.publish()  // at once: a person waits for it
}

func (a *App) stopStreaming() {
	if !a.running {
		return
	}
	a.setStreaming(Stopping)
	a.server.Stop()
	a.running = false
	a.setStreaming(Stopped)
}

func (a *App) setStreaming(s Streaming) {
	a.mu.Lock()
	a.streaming, a.reason = s, nil
	a.mu.Unlock()
	a.opt.Log.Info("streaming is " + s.String())
	a.publish()
}

// Start begins streaming. It returns at once; Snapshots tell how it goes.
func (a *App) Start() { a.wantStreaming(true) }

// Stop ends streaming: cameras are let go and streams end. It returns at once.
func (a *App) Stop() { a.wantStreaming(false) }

func (a *App) wantStreaming(want bool) {
	a.mu.Lock()
	a.want = want
	a.mu.Unlock()
	poke(a.work)
}

// Watch yields the newest Snapshot and then newer ones, at most ten a second,
// until ctx is done.
func (a *App) Watch(ctx context.Context) iter.Seq[Snapshot] {
	return func(yield func(Snapshot) bool) {
		a.watchers.Add(1)
		defer a.watchers.Add(-1)
		poke(a.changed)
		for s := range a.snapshots.Watch(ctx) {
			if !yield(s) {
				return
			}
		}
	}
}

// Newest is the newest picture of a camera, nil where it is not live.
func (a *App) Newest(id string) *frame.Frame { return a.server.Newest(id) }

// CheckURL returns nil if address is a camera address, else a sentence about
// what to type.
func CheckURL(address string) error {
	_, err := camera.Open(address, camera.Options{})
	return err
}

// CheckURL is [CheckURL], for views.
func (a *App) CheckURL(address string) error { return CheckURL(address) }

// change edits the config and saves it; nothing changes where that cannot be done.
// edit is called with a.mu held.
func (a *App) change(edit func(*Config) error) error {
	a.mu.Lock()
	defer a.mu.Unlock()
	config := a.config.Clone()
	if err := edit(&config); err != nil {
		return err
	}
	if !same(config, a.config) {
		err := a.file.save(config)
		if errors.Is(err, errChanged) {
			poke(a.look)
		}
		if err != nil {
			return err
		}
	}
	a.config = config
	a.letIn()
	poke(a.work)
	return nil
}

// allCameras is what the server is to be configured with.
func (a *App) allCameras() (cameras []streaming.Camera, maxViewers int) {
	a.mu.Lock()
	defer a.mu.Unlock()
	for _, c := range a.everyCamera() {
		cameras = append(cameras, a.open(c))
	}
	return cameras, a.config.MaxViewers
}

// everyCamera is those of the config and then those for this run, in a slice of
// its own. a.mu is held, or a is not shared yet.
func (a *App) everyCamera() []CameraConfig { return slices.Concat(a.config.Cameras, a.temporary) }

// open is the camera as the server takes it in: with its password, and switched
// off for as long as that is not known. a.mu is held.
func (a *App) open(c CameraConfig) streaming.Camera {
	password, known := a.passwords[c.Password]
	if c.Password != "" && !known {
		poke(a.needPassword)
		c.Enabled = false
	}
	return streaming.Camera{
		ID: c.ID, Name: c.Name, URL: withPassword(c.URL, password), Enabled: c.Enabled, MaxFPS: c.MaxFPS,
		Turn: frame.TurnBy(c.Rotate, c.Mirror), KeepLast: c.WhenDown == KeepLast, FFmpeg: a.config.FFmpeg,
	}
}

// publish makes a Snapshot of now the newest.
func (a *App) publish() {
	status, hosts := a.server.Status(), a.hosts.now()
	a.mu.Lock()
	defer a.mu.Unlock()
	s := Snapshot{
		Streaming: a.streaming, Reason: a.reason, Notices: a.notices(),
		Version: a.opt.Version, Home: a.opt.Home, Settings: a.config.Settings, PortGiven: a.opt.Port != nil, Hosts: hosts, LogFolder: cmp.Or(a.config.LogFolder, a.opt.LogFolder),
		BitsOut: a.rate.bits(a.server.BytesSent(), time.Now()),
		Share:   a.shareStatus(),
		Crash:   a.crash,
	}
	if a.listening != nil {
		s.ViewerURL = a.listening.url()
	}
	for i, c := range a.everyCamera() {
		cam := Camera{CameraConfig: c, Temporary: i >= len(a.config.Cameras)}
		if at := slices.IndexFunc(status, func(s streaming.CameraStatus) bool { return s.ID == c.ID }); at >= 0 {
			cam.fill(status[at])
		}
		if locked := a.locked(c); locked != nil {
			cam.Status = *locked
		}
		s.Viewers += cam.Viewers
		s.Cameras = append(s.Cameras, cam)
	}
	a.snapshots.Publish(s)
}

func (c *Camera) fill(s streaming.CameraStatus) {
	c.Status = s.Status
	c.Width, c.Height = s.Width, s.Height
	c.FPS, c.BitsPerSecond = s.FPS, s.BitsPerSecond
	c.Frames, c.Dropped, c.Repaired = s.Frames, s.Dropped, s.Repaired
	c.LastFrame, c.Viewers = s.LastFrame, s.Viewers
}

// outRate is the rate of a counter of bytes, over the last second or two.
type outRate struct {
	at    time.Time
	bytes int64
	rate  float64
}

func (r *outRate) bits(bytes int64, now time.Time) float64 {
	if span := now.Sub(r.at); span >= time.Second {
		if !r.at.IsZero() && span < 5*time.Second {
			r.rate = float64(bytes-r.bytes) * 8 / span.Seconds()
		} else {
			r.rate = 0
		}
		r.at, r.bytes = now, bytes
	}
	return r.rate
}

func poke(c chan<- struct{}) {
	select {
	case c <- struct{}{}:
	default:
	}
}
