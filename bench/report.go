//go:build linux

package main

import (
	"fmt"
	"os"
	"os/exec"
	"slices"
	"strings"
	"time"

	"golang.org/x/sys/unix"
)

// harness is what all measurements share.
type harness struct {
	on            cores
	ownNetwork    bool
	slowLink      bool // there is one now
	sizes         []size
	viewers       []int
	seconds, long int
	rounds        int
	stalledShare  float64
	slowRate      int // KB a second
	cache         map[string][][]byte
	failed        bool
}

func (h *harness) scenario(name string) func() error {
	return map[string]func() error{
		"fanout": h.fanout, "cameras": h.cameras, "idle": h.idle,
		"stalled": h.stalled, "slow": h.slow, "most": h.most,
	}[name]
}

func (h *harness) progress(format string, args ...any) {
	fmt.Fprintf(os.Stderr, format+"\n", args...)
}

func (h *harness) pictures(z size) [][]byte {
	if h.cache[z.name] == nil {
		h.cache[z.name] = makePictures(z)
	}
	return h.cache[z.name]
}

func (h *harness) head(args []string) error {
	version, err := exec.Command(program, "--version").Output()
	if err != nil {
		return fmt.Errorf("%s does not run: make headless builds it: %w", program, err)
	}
	var u unix.Utsname
	if err := unix.Uname(&u); err != nil {
		return err
	}
	cpuinfo, _ := os.ReadFile("/proc/cpuinfo")
	model := "a processor that does not say what it is"
	if _, after, ok := strings.Cut(string(cpuinfo), "model name"); ok {
		line, _, _ := strings.Cut(after, "\n")
		model = strings.Trim(line, "\t :")
	}
	fmt.Printf("%s, %d cores, Linux %s. %s, %s. `bench %s`\n", model, strings.Count(string(cpuinfo), "processor\t"),
		unix.ByteSliceToString(u.Release[:]), time.Now().Format("2006-01-02 15:04"), strings.TrimSpace(string(version)), strings.Join(args, " "))
	return nil
}

// table begins a Markdown table.
func table(title string, columns ...string) {
	fmt.Printf("\n### %s\n\n| %s |\n|%s\n", title, strings.Join(columns, " | "), strings.Repeat(" --- |", len(columns)))
}

func row(cells ...string) { fmt.Printf("| %s |\n", strings.Join(cells, " | ")) }

// rounds are the measurements of one server under one load.
type rounds []result

// compare measures servers in turn, so that what disturbs one round disturbs all of them.
func (h *harness) compare(servers []server, l load) []rounds {
	all := make([]rounds, len(servers))
	for range h.rounds {
		for i, s := range servers {
			r := h.measure(s, l)
			h.failed = h.failed || r.err != nil || len(r.broken) > 0
			all[i] = append(all[i], r)
		}
	}
	return all
}

// values are those of the rounds that did not fail, in order.
func (rs rounds) values(of func(result) float64) (v []float64) {
	for _, r := range rs {
		if r.err == nil {
			v = append(v, of(r))
		}
	}
	slices.Sort(v)
	return v
}

func median(sorted []float64, decimals int) string {
	if len(sorted) == 0 {
		return "–"
	}
	middle := (sorted[(len(sorted)-1)/2] + sorted[len(sorted)/2]) / 2
	return fmt.Sprintf("%.*f", decimals, middle)
}

func (rs rounds) median(decimals int, of func(result) float64) string {
	return median(rs.values(of), decimals)
}

func (rs rounds) best(decimals int, of func(result) float64) string {
	return median(rs.values(of)[:min(1, len(rs.values(of)))], decimals)
}

// times is the median of each round's own ratio to the limit.
func (rs rounds) times(limit rounds) string {
	var ratios []float64
	for i, r := range rs {
		if i < len(limit) && limit[i].cpuPerGB > 0 && r.cpuPerGB > 0 {
			ratios = append(ratios, r.cpuPerGB/limit[i].cpuPerGB)
		}
	}
	slices.Sort(ratios)
	return median(ratios, 2)
}

// notes are all doubts and failures, of each round that had some.
func (rs rounds) notes() string {
	var all []string
	for _, r := range rs {
		if r.err != nil {
			all = append(all, "**failed:** "+r.err.Error())
		}
		if len(r.broken) > 0 {
			all = append(all, "**broken:** "+strings.Join(r.broken, "; "))
		}
		if len(r.doubts) > 0 {
			all = append(all, "**doubtful:** "+strings.Join(r.doubts, "; "))
		}
	}
	return strings.NewReplacer("|", "/", "\n", " ").Replace(strings.Join(all, "; "))
}

var carryingColumns = []string{
	"CPU-s/GB", "best", "× limit", "core %", "p50 ms", "p99 ms", "max ms", "missing %", "first ms", "RSS MB", "KB/viewer", "sockets MB", "notes",
}

// carrying are the cells for carryingColumns.
func (rs rounds) carrying(limit rounds) []string {
	perGB := func(r result) float64 { return r.cpuPerGB }
	return []string{
		rs.median(3, perGB), rs.best(3, perGB), rs.times(limit),
		rs.median(1, func(r result) float64 { return r.cpu }),
		rs.median(2, func(r result) float64 { return ms(r.p50) }),
		rs.median(2, func(r result) float64 { return ms(r.p99) }),
		rs.median(1, func(r result) float64 { return ms(r.most) }),
		rs.median(2, func(r result) float64 { return r.missing }),
		rs.median(1, func(r result) float64 { return ms(r.first) }),
		rs.median(1, func(r result) float64 { return float64(r.rss) / 1024 }),
		rs.median(1, func(r result) float64 { return r.perViewer }),
		rs.median(1, func(r result) float64 { return float64(r.sockets) / 1024 }),
		rs.notes(),
	}
}

func (h *harness) fanout() error {
	table(fmt.Sprintf("One camera, 30 pictures a second, %d s", h.seconds), append([]string{"pictures", "viewers", "server"}, carryingColumns...)...)
	for _, z := range h.sizes {
		for _, n := range h.viewers {
			h.rows([]string{z.name, fmt.Sprint(n)}, []server{limit, traycam}, load{size: z, fps: 30, cameras: 1, viewers: n, seconds: h.seconds})
		}
	}
	return nil
}

// rows measures servers under l, limit first, and prints a row for each.
func (h *harness) rows(label []string, servers []server, l load) []rounds {
	all := h.compare(servers, l)
	for i, s := range servers {
		row(slices.Concat(label, []string{s.name}, all[i].carrying(all[0]))...)
	}
	return all
}

func (h *harness) cameras() error {
	l := load{size: sizes[0], fps: 15, cameras: 64, viewers: 4, seconds: h.seconds}
	table(fmt.Sprintf("64 cameras, 15 pictures a second of 480p, %d s", h.seconds), append([]string{"viewers", "server"}, carryingColumns...)...)
	h.rows([]string{"4 each"}, []server{limit, traycam, traycamPages}, l)
	return nil
}

func (h *harness) idle() error {
	table(fmt.Sprintf("Nobody watches, %d s", h.seconds), "Traycam", "CPU %", "best", "voluntary switches/s", "RSS MB", "notes")
	for _, stopped := range []bool{false, true} {
		rs := h.compare([]server{traycam}, load{size: sizes[1], fps: 30, cameras: 1, seconds: h.seconds, stopped: stopped})[0]
		state := "a camera sends 30 pictures a second of 720p"
		if stopped {
			state = "streaming is stopped"
		}
		cpu := func(r result) float64 { return r.cpu }
		row(state, rs.median(2, cpu), rs.best(2, cpu), rs.median(1, func(r result) float64 { return r.switches }),
			rs.median(1, func(r result) float64 { return float64(r.rss) / 1024 }), rs.notes())
	}
	return nil
}

func (h *harness) stalled() error {
	table(fmt.Sprintf("400 viewers of 480p, 30 pictures a second, %d s; what those got who read", h.long),
		slices.Concat([]string{"never read", "server"}, carryingColumns, []string{"RSS MB every 10 s"})...)
	for _, share := range []float64{0, h.stalledShare} {
		l := load{size: sizes[0], fps: 30, cameras: 1, viewers: 400, seconds: h.long, stalled: share}
		servers := []server{limit, traycam}
		all := h.compare(servers, l)
		for i, s := range servers {
			var track []string
			for _, kb := range all[i][len(all[i])-1].track {
				track = append(track, fmt.Sprintf("%.1f", float64(kb)/1024))
			}
			row(slices.Concat([]string{fmt.Sprintf("%.0f %%", 100*share), s.name}, all[i].carrying(all[0]), []string{strings.Join(track, " ")})...)
		}
	}
	return nil
}

func (h *harness) slow() (err error) {
	how := "reads no faster than that itself, with a receive buffer of 16 KB"
	if h.ownNetwork {
		if undo, err := slowDown(h.slowRate * 1000); err != nil {
			h.progress("no slow link: %v", err)
		} else {
			how, h.slowLink = "is behind a link of that rate with a queue of 32 KB", true
			defer func() { h.slowLink, err = false, undo() }()
		}
	}
	table(fmt.Sprintf("10 viewers of 480p, 30 pictures a second, and one with %d KB/s, which %s", h.slowRate, how),
		"server", fmt.Sprintf("age of its picture after %d s", min(slowCheckpoint, h.long)),
		fmt.Sprintf("after %d s", h.long), "pictures that it got", "the others' p99 ms", "missing %", "notes")
	servers := []server{limit, traycam}
	all := h.compare(servers, load{size: sizes[0], fps: 30, cameras: 1, viewers: 10, seconds: h.long, slow: h.slowRate * 1000})
	for i, s := range servers {
		age := func(at func(n int) int) string {
			return all[i].median(1, func(r result) float64 { return r.ages[at(len(r.ages))].Seconds() }) + " s"
		}
		row(s.name, age(func(int) int { return 0 }), age(func(n int) int { return n - 1 }),
			all[i].median(0, func(r result) float64 { return float64(r.slowCount) }),
			all[i].median(2, func(r result) float64 { return ms(r.p99) }), all[i].median(2, func(r result) float64 { return r.missing }), all[i].notes())
	}
	return nil
}

const (
	mostStep    = 400
	mostMissing = 1 // %
	mostViewers = 8000
)

func (h *harness) most() error {
	table(fmt.Sprintf("More and more viewers of 480p, 30 pictures a second, %d s, until %d %% is missing", h.seconds, mostMissing),
		append([]string{"viewers", "server"}, carryingColumns...)...)
	left := []server{limit, traycam}
	var yardstick rounds
	for n := mostStep; len(left) > 0 && n <= mostViewers; n += mostStep {
		all := h.compare(left, load{size: sizes[0], fps: 30, cameras: 1, viewers: n, seconds: h.seconds})
		var next []server
		yardstick = nil
		for i, s := range left {
			if s.name == limit.name {
				yardstick = all[i]
			}
			row(slices.Concat([]string{fmt.Sprint(n), s.name}, all[i].carrying(yardstick))...)
			if v := all[i].values(func(r result) float64 { return r.missing }); len(v) > 0 && v[len(v)/2] < mostMissing {
				next = append(next, s)
			}
		}
		left = next
	}
	return nil
}
