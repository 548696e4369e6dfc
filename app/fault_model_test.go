package app_test

import (
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"math/rand/v2"
	"net"
	"net/http"
	"os"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"

	"github.com/pelletier/go-toml/v2"
	"pgregory.net/rapid"

	"traycam/app"
	"traycam/faults"
	"traycam/streaming/camera"
)

// house is what a Traycam should be like: the model that people's commands are checked against.
type house struct {
	cameras   []app.CameraConfig
	streaming bool
	mode      string
	links     []string // tokens
	undos     []undo   // newest last
}

type undo struct {
	at     int
	camera app.CameraConfig
	do     func() error
}

// onDisk is what the config file says of them.
type onDisk struct {
	Cameras []struct {
		ID, Name, URL string
		Enabled       bool
	}
	Share struct {
		Mode  string
		Links []struct{ Name, Token string }
	}
}

func (r *rig) onDisk() (d onDisk, err error) {
	text, err := os.ReadFile(r.file)
	if errors.Is(err, os.ErrNotExist) {
		return d, nil // nothing has been saved yet
	}
	if err != nil {
		return d, err
	}
	return d, toml.Unmarshal(text, &d)
}

// Whatever people click, in whatever order: list, states, ports, page and file are what was last asked for.
func TestFaultRandomCommands(t *testing.T) {
	if faults.Long() {
		flag.Set("rapid.checks", "50")
	} else {
		flag.Set("rapid.checks", "3")
	}
	flag.Set("rapid.steps", "40")
	flag.Set("rapid.nofailfile", "true")
	commands, runs := 0, 0
	rapid.Check(t, func(rt *rapid.T) {
		runs++
		r := run(t, "stream_at_start = false\n")
		defer r.stop()
		m := &house{mode: "off"}
		ports := []int{freePort(t), freePort(t)}
		addresses := []string{"test:?size=160x120&fps=5", "push:"}
		for _, port := range ports {
			addresses = append(addresses, fmt.Sprintf("tcp://127.0.0.1:%d?listen", port))
		}
		anyone := func(rt *rapid.T) int {
			if len(m.cameras) == 0 {
				rt.Skip("no camera")
			}
			return rapid.IntRange(0, len(m.cameras)-1).Draw(rt, "camera")
		}
		act := func(f func(*rapid.T)) func(*rapid.T) {
			return func(rt *rapid.T) { f(rt); commands++ }
		}
		must := func(err error) {
			if err != nil {
				rt.Fatal(err)
			}
		}
		rt.Repeat(map[string]func(*rapid.T){
			"": func(rt *rapid.T) { r.mustBe(rt, m, ports) },
			"start": act(func(*rapid.T) {
				r.Start()
				m.streaming = true
			}),
			"stop": act(func(*rapid.T) {
				r.Stop()
				m.streaming = false
			}),
			"click start and stop": act(func(rt *rapid.T) {
				for range rapid.IntRange(1, 20).Draw(rt, "clicks") {
					if m.streaming = !m.streaming; m.streaming {
						r.Start()
					} else {
						r.Stop()
					}
				}
			}),
			"add": act(func(rt *rapid.T) {
				c := app.CameraConfig{
					Name: rapid.SampledFrom([]string{"Door", "Door", "Garten", "カメラ", "a/b \"c\"\n"}).Draw(rt, "name"),
					URL:  rapid.SampledFrom(addresses).Draw(rt, "url"), Enabled: rapid.Bool().Draw(rt, "on"),
				}
				id, err := r.AddCamera(c)
				if err != nil { // a name that is refused changes nothing
					return
				}
				c.ID = id
				m.cameras = append(m.cameras, c)
			}),
			"change": act(func(rt *rapid.T) {
				i := anyone(rt)
				c := m.cameras[i]
				c.URL, c.Rotate = rapid.SampledFrom(addresses).Draw(rt, "url"), rapid.SampledFrom([]int{0, 90}).Draw(rt, "turned")
				must(r.UpdateCamera(c))
				m.cameras[i] = c
			}),
			"switch": act(func(rt *rapid.T) {
				i := anyone(rt)
				m.cameras[i].Enabled = !m.cameras[i].Enabled
				must(r.SwitchCamera(m.cameras[i].ID, m.cameras[i].Enabled))
			}),
			"move": act(func(rt *rapid.T) {
				i, to := anyone(rt), anyone(rt)
				c := m.cameras[i]
				must(r.MoveCamera(c.ID, to))
				m.cameras = slices.Insert(slices.Delete(m.cameras, i, i+1), to, c)
			}),
			"remove": act(func(rt *rapid.T) {
				i := anyone(rt)
				c := m.cameras[i]
				back, err := r.RemoveCamera(c.ID)
				must(err)
				m.cameras = slices.Delete(m.cameras, i, i+1)
				m.undos = append(m.undos, undo{i, c, back})
			}),
			"undo": act(func(rt *rapid.T) {
				if len(m.undos) == 0 {
					rt.Skip("nothing removed")
				}
				last := m.undos[len(m.undos)-1]
				m.undos = m.undos[:len(m.undos)-1]
				if slices.ContainsFunc(m.cameras, func(c app.CameraConfig) bool { return c.ID == last.camera.ID }) {
					return // its ID has been given away: it would get another one
				}
				must(last.do())
				m.cameras = slices.Insert(m.cameras, min(last.at, len(m.cameras)), last.camera)
			}),
			"share": act(func(rt *rapid.T) {
				m.mode = rapid.SampledFrom([]string{"off", "link", "open"}).Draw(rt, "mode")
				must(r.Share(m.mode))
			}),
			"new link": act(func(rt *rapid.T) { must(r.NewLink()) }),
			"add link": act(func(rt *rapid.T) {
				link, err := r.AddLink(app.Link{Name: "Grandma"})
				must(err)
				m.links = append(m.links, link.Token)
			}),
			"remove link": act(func(rt *rapid.T) {
				if len(m.links) == 0 {
					rt.Skip("no link")
				}
				i := rapid.IntRange(0, len(m.links)-1).Draw(rt, "link")
				must(r.RemoveLink(m.links[i]))
				m.links = slices.Delete(m.links, i, i+1)
			}),
		})
	})
	faults.Held(t, "random commands", "%d commands in %d runs, checked after each one", commands, runs)
}

// stop ends the program before the test does.
func (r *rig) stop() {
	r.cancel()
	<-r.ended
}

// mustBe waits until snapshot, page, ports and file are as the model says.
func (r *rig) mustBe(rt *rapid.T, m *house, ports []int) {
	var why string
	s := r.await("the model's state", func(s app.Snapshot) bool {
		why = m.differs(s)
		return why == ""
	})
	if why != "" {
		rt.Fatal(why)
	}
	if d, err := r.onDisk(); err != nil {
		rt.Fatal(err)
	} else if why := m.differsOnDisk(d); why != "" {
		rt.Fatalf("in the file %s", why)
	}
	if why := m.differsOnPage(s.ViewerURL); why != "" {
		rt.Fatalf("in /state %s", why)
	}
	for _, port := range ports {
		listened := slices.ContainsFunc(m.cameras, func(c app.CameraConfig) bool {
			return m.streaming && c.Enabled && strings.Contains(c.URL, fmt.Sprint(port))
		})
		r.await(fmt.Sprintf("port %d listened on: %v", port, listened), func(app.Snapshot) bool { return listenedOn(port) == listened })
	}
}

// differs says in what a snapshot is not yet as it should be.
func (m *house) differs(s app.Snapshot) string {
	want := app.Stopped
	if m.streaming {
		want = app.Running
	}
	if s.Streaming != want || s.ViewerURL == "" {
		return "streaming is " + s.Streaming.String()
	}
	if s.Share.Mode != m.mode {
		return "the mode is " + s.Share.Mode
	}
	if !slices.EqualFunc(s.Share.Links, m.links, func(l app.LinkStatus, token string) bool { return l.Token == token }) {
		return "the links are others"
	}
	if !slices.EqualFunc(s.Cameras, m.cameras, func(is app.Camera, want app.CameraConfig) bool { return is.CameraConfig == want }) {
		return fmt.Sprintf("the cameras are %v, not %v", s.Cameras, m.cameras)
	}
	for _, c := range s.Cameras {
		if (c.State == camera.Off) != !(c.Enabled && m.streaming) {
			return fmt.Sprintf("%s is %v", c.ID, c.State)
		}
	}
	return ""
}

func (m *house) differsOnDisk(d onDisk) string {
	if d.Share.Mode != m.mode && !(d.Share.Mode == "" && m.mode == "off") {
		return "the mode is " + d.Share.Mode
	}
	if len(d.Share.Links) != len(m.links) || len(d.Cameras) != len(m.cameras) {
		return fmt.Sprintf("there are %d links and %d cameras", len(d.Share.Links), len(d.Cameras))
	}
	for i, c := range d.Cameras {
		if want := m.cameras[i]; c.ID != want.ID || c.Name != want.Name || c.URL != want.URL || c.Enabled != want.Enabled {
			return fmt.Sprintf("camera %d is %v, not %v", i, c, want)
		}
	}
	return ""
}

func (m *house) differsOnPage(url string) string {
	response, err := http.Get(url + "state")
	if err != nil {
		return err.Error()
	}
	defer response.Body.Close()
	var s struct {
		Streaming bool
		Cameras   []struct{ ID, Name string }
	}
	if err := json.NewDecoder(response.Body).Decode(&s); err != nil {
		return err.Error()
	}
	if s.Streaming != m.streaming {
		return fmt.Sprintf("streaming is %v", s.Streaming)
	}
	if len(s.Cameras) != len(m.cameras) {
		return fmt.Sprintf("there are %d cameras", len(s.Cameras))
	}
	return ""
}

// listenedOn tells whether somebody has a port of this computer, without connecting to it.
func listenedOn(port int) bool {
	ln, err := net.Listen("tcp", fmt.Sprintf("127.0.0.1:%d", port))
	if err == nil {
		ln.Close()
	}
	return errors.Is(err, syscall.EADDRINUSE)
}

func freePort(t *testing.T) int {
	t.Helper()
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer ln.Close()
	return ln.Addr().(*net.TCPAddr).Port
}

// Window, tray and a second window command at once: no camera is lost or doubled, and what is shown is what is saved.
func TestFaultCommandsAtOnce(t *testing.T) {
	each := 80
	if faults.Long() {
		each = 1000
	}
	r := run(t, "stream_at_start = false\n")
	var added, removed atomic.Int64
	var hands sync.WaitGroup
	for hand := range 4 {
		hands.Go(func() {
			rng := rand.New(rand.NewPCG(1, uint64(hand)))
			var mine []string
			var back []func() error
			for range each {
				switch rng.IntN(8) {
				case 0:
					r.Start()
				case 1:
					r.Stop()
				case 2:
					if len(mine) < 10 {
						id, err := r.AddCamera(app.CameraConfig{Name: "Door", URL: "push:", Enabled: true})
						if err != nil {
							t.Error(err)
							return
						}
						mine = append(mine, id)
						added.Add(1)
					}
				case 3:
					if len(mine) > 0 {
						i := rng.IntN(len(mine))
						undo, err := r.RemoveCamera(mine[i])
						if err != nil {
							t.Error(err)
							return
						}
						mine = slices.Delete(mine, i, i+1)
						back = append(back, undo)
						removed.Add(1)
					}
				case 4:
					if len(back) > 0 && len(mine) < 10 {
						if err := back[len(back)-1](); err != nil {
							t.Error(err)
							return
						}
						back = back[:len(back)-1]
						added.Add(1) // by whatever ID: it is in nobody's hands now
					}
				case 5:
					if len(mine) > 0 {
						if err := r.SwitchCamera(mine[rng.IntN(len(mine))], rng.IntN(2) == 0); err != nil {
							t.Error(err)
							return
						}
					}
				case 6:
					if len(mine) > 0 {
						if err := r.MoveCamera(mine[rng.IntN(len(mine))], rng.IntN(20)); err != nil {
							t.Error(err)
							return
						}
					}
				case 7:
					if err := r.Share([]string{"off", "link", "open"}[rng.IntN(3)]); err != nil {
						t.Error(err)
						return
					}
				}
			}
		})
	}
	hands.Wait()
	r.Start()
	s := r.await("all to run", func(s app.Snapshot) bool {
		return s.Streaming == app.Running && !slices.ContainsFunc(s.Cameras, func(c app.Camera) bool { return c.Enabled == (c.State == camera.Off) })
	})
	if want := int(added.Load() - removed.Load()); len(s.Cameras) != want {
		t.Errorf("%d cameras are there, of %d", len(s.Cameras), want)
	}
	m := &house{mode: s.Share.Mode, streaming: true}
	ids := map[string]bool{}
	for _, c := range s.Cameras {
		m.cameras = append(m.cameras, c.CameraConfig)
		ids[c.ID] = true
	}
	if len(ids) != len(s.Cameras) {
		t.Errorf("%d cameras have %d IDs", len(s.Cameras), len(ids))
	}
	d, err := r.onDisk()
	if err != nil {
		t.Fatal(err)
	}
	if why := m.differsOnDisk(d); why != "" {
		t.Errorf("in the file %s", why)
	}
	faults.Held(t, "commands at once", "%d commands by 4 at once; %d cameras added, %d removed, none lost", 4*each, added.Load(), removed.Load())
}
