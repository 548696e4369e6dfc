//go:build linux

package main

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// load is what a server has to carry.
type load struct {
	size         size
	fps, cameras int
	viewers      int // of each camera; or pages that watch all of them
	seconds      int
	stalled      float64 // share of the viewers that read nothing
	slow         int     // bytes a second that one more viewer gets; 0: there is none
	stopped      bool    // streaming is stopped
}

// result is one measurement.
type result struct {
	gigabytes float64 // of JPEGs delivered
	cpuPerGB  float64 // CPU seconds for each of them
	p50, p99  time.Duration
	most      time.Duration
	missing   float64         // % of the pictures that were due
	first     time.Duration   // from connect to the first picture, p50
	cpu       float64         // % of a core
	rss       int             // KB
	perViewer float64         // KB, without the kernel's
	sockets   int             // KB more than before the viewers came
	switches  float64         // voluntary, a second
	track     []int           // rss over the time, KB
	ages      []time.Duration // of the slow viewer's picture, at the checkpoints
	slowCount int             // pictures that the slow viewer got
	broken    []string        // what a server must not do
	doubts    []string        // why this measurement may be wrong
	noisy     bool            // for reasons that may be gone the next time
	err       error
}

// measure runs s under l. Where others disturbed it, it tries again, twice at most.
func (h *harness) measure(s server, l load) (r result) {
	for range 3 {
		r = h.try(s, l)
		h.progress("%s, %s", s.name, r.summary())
		if !r.noisy {
			break
		}
	}
	return r
}

func (r result) summary() string {
	if r.err != nil {
		return r.err.Error()
	}
	return fmt.Sprintf("%.3f CPU-s/GB, %.1f %% of its core, %.2f %% missing, p99 %.1f ms. %s",
		r.cpuPerGB, r.cpu, r.missing, ms(r.p99), strings.Join(slices.Concat(r.broken, r.doubts), "; "))
}

// slowCheckpoint is the second when a slow viewer's picture is looked at, and again at the end.
const slowCheckpoint = 16

func (h *harness) try(s server, l load) (r result) {
	r.err = h.carry(s, l, &r)
	return r
}

// carry starts a server, its cameras and its viewers, and ends them.
func (h *harness) carry(s server, l load, r *result) error {
	times := timetable{now(), l.fps, l.cameras}
	var ports []int
	if s.fed {
		var err error
		if ports, err = freePorts(l.cameras); err != nil {
			return err
		}
	}
	server, err := startServer(s, l, ports, times.start, h.on[0])
	if err != nil {
		return err
	}
	defer server.stop()
	if s.fed && !l.stopped {
		f := startFeeder(ports, h.pictures(l.size), times)
		defer f.stop()
		if err := f.await(len(ports)); err != nil {
			return err
		}
	}
	swarm, err := newSwarm(server.port, times)
	if err != nil {
		return err
	}
	defer swarm.close()
	if !h.slowLink {
		swarm.rate = l.slow
	}
	return h.watch(swarm, server.cmd.Process.Pid, s, l, r)
}

// watch brings the viewers and measures what they get, and what the server uses.
func (h *harness) watch(swarm *swarm, pid int, s server, l load, r *result) error {
	if err := swarm.runUntil(now() + 1e9); err != nil {
		return err
	}
	before := readUsage(pid, h.on)
	if err := swarm.dialAll(s, l); err != nil {
		return err
	}
	swarm.from = now() + 1e9
	swarm.to = swarm.from + int64(l.seconds)*1e9
	if err := swarm.runUntil(swarm.from); err != nil {
		return err
	}
	atBegin := readUsage(pid, h.on)
	for second := 1; second <= l.seconds; second++ {
		if err := swarm.runUntil(swarm.from + int64(second)*1e9); err != nil {
			return err
		}
		if second%10 == 0 {
			r.track = append(r.track, readUsage(pid, h.on).rss)
		}
		if second == slowCheckpoint || second == l.seconds {
			r.ages = append(r.ages, swarm.slowAge())
		}
	}
	atEnd := readUsage(pid, h.on)
	if err := swarm.runUntil(swarm.to + int64(grace)); err != nil {
		return err
	}
	r.count(swarm)
	r.weigh(before, atEnd, atEnd.since(atBegin), len(swarm.viewers))
	return nil
}

// dialAll brings the viewers, 2 ms apart. Those who stall are spread among the others.
func (s *swarm) dialAll(server server, l load) error {
	next := now()
	pause := func() error { next += 2e6; return s.runUntil(next) }
	if server.pages {
		for range l.viewers {
			if err := s.watchPage(l.cameras); err != nil {
				return err
			}
			if err := pause(); err != nil {
				return err
			}
		}
		return nil
	}
	if l.slow > 0 {
		if err := s.watch(0, slow); err != nil {
			return err
		}
	}
	for i := range l.viewers * l.cameras {
		kind := normal
		if int(float64(i+1)*l.stalled) > int(float64(i)*l.stalled) {
			kind = stalled
		}
		if err := s.watch(i%l.cameras, kind); err != nil {
			return err
		}
		if err := pause(); err != nil {
			return err
		}
	}
	return nil
}

// slowAge is how old the picture is that the slow viewer sees now.
func (s *swarm) slowAge() time.Duration {
	for _, v := range s.viewers {
		if v.kind == slow && v.newest != 0 {
			return time.Duration(now() - v.newest)
		}
	}
	return 0
}

// count is what the viewers got.
func (r *result) count(s *swarm) {
	due := 0
	var firsts []int64
	for _, v := range s.viewers {
		if v.kind == slow {
			r.slowCount = v.count
		}
		if v.kind != normal {
			continue
		}
		for camera := v.camera; camera < v.camera+len(v.seqs); camera++ {
			due += s.times.due(camera, s.to) - s.times.due(camera, s.from)
		}
		if v.first != 0 {
			firsts = append(firsts, v.first-v.dialed)
		}
	}
	if due > 0 {
		r.missing = 100 * (1 - float64(s.pictures)/float64(due))
	}
	if len(firsts) > 0 {
		slices.Sort(firsts)
		r.first = time.Duration(firsts[len(firsts)/2])
	}
	r.p50, r.p99, r.most = s.latencies.quantile(.5), s.latencies.quantile(.99), s.latencies.most
	r.gigabytes = float64(s.bytes) / 1e9
	if s.torn > 0 {
		r.broken = append(r.broken, fmt.Sprintf("%d pictures not whole: %v", s.torn, s.problem))
	}
	if s.lost > 0 {
		r.broken = append(r.broken, fmt.Sprintf("%d viewers lost: %v", s.lost, s.problem))
	}
}

const (
	mostLoad        = 95 // % of its core that the load may use
	mostDisturbance = 15 // % of the server's core that others may use
)

// weigh is what the server used.
func (r *result) weigh(before, end, window usage, viewers int) {
	if r.gigabytes > 0 {
		r.cpuPerGB = window.cpu.Seconds() / r.gigabytes
	}
	r.cpu = window.share(window.cpu)
	r.rss = end.rss
	r.sockets = max(0, end.sockets-before.sockets)
	r.switches = float64(window.switches) / time.Duration(window.at).Seconds()
	if viewers > 0 {
		r.perViewer = float64(end.rss-before.rss) / float64(viewers)
	}
	if busy := window.share(window.busy[1]); busy > mostLoad {
		r.noisy = true
		r.doubts = append(r.doubts, fmt.Sprintf("the load's core was %.0f %% busy, %.0f %% with the harness: it may have been the limit", busy, window.share(window.own)))
	}
	if others := window.share(window.busy[0]) - r.cpu; others > mostDisturbance {
		r.noisy = true
		r.doubts = append(r.doubts, fmt.Sprintf("others used %.0f %% of the server's core", others))
	}
}

func ms(d time.Duration) float64 { return float64(d) / float64(time.Millisecond) }
