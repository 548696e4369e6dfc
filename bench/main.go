//go:build linux

// Bench measures what it costs Traycam to hand pictures to many viewers, side by
// side with the least that it can cost on the same machine. See README.md.
package main

import (
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"
)

const usageText = `bench [flags] [scenario…]

  fanout    one camera, many viewers                    these three
  cameras   64 cameras, 4 viewers each, and 4 pages     where none
  idle      no viewers; streaming stopped               is named
  stalled   some viewers never read                     for -long seconds
  slow      one viewer has a slow link                  for -long seconds
  most      more and more viewers until some pictures are missing

`

// cores are the server's and the load's.
type cores [2]int

func main() {
	if err := run(os.Args[1:]); err != nil && !errors.Is(err, flag.ErrHelp) {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

func run(args []string) error {
	if len(args) > 0 && args[0] == "limit" {
		return runLimit(args[1:])
	}
	h := &harness{cache: map[string][][]byte{}}
	flags := flag.NewFlagSet("bench", flag.ContinueOnError)
	flags.Usage = func() { fmt.Fprint(flags.Output(), usageText); flags.PrintDefaults() }
	flags.StringVar(&program, "program", program, "the Traycam that is measured")
	sizeNames := flags.String("sizes", "480p,720p,1080p", "pictures of fanout: of 30, 100 and 250 KB")
	viewers := flags.String("viewers", "100,400", "viewers of fanout")
	flags.IntVar(&h.seconds, "secs", 5, "seconds that a measurement takes")
	flags.IntVar(&h.long, "long", 60, "seconds that a long one takes")
	flags.IntVar(&h.rounds, "rounds", 1, "how often each is measured: the median is told, and the best")
	flags.Float64Var(&h.stalledShare, "stalled", 0.1, "share of viewers that never read")
	flags.IntVar(&h.slowRate, "slow", 50, "KB a second of the slow link")
	if err := flags.Parse(args); err != nil {
		return err
	}
	for name := range strings.SplitSeq(*sizeNames, ",") {
		z, err := sizeNamed(name)
		if err != nil {
			return err
		}
		h.sizes = append(h.sizes, z)
	}
	for word := range strings.SplitSeq(*viewers, ",") {
		n, err := strconv.Atoi(word)
		if err != nil || n < 1 {
			return fmt.Errorf("-viewers %s: whole numbers from 1, with commas between", *viewers)
		}
		h.viewers = append(h.viewers, n)
	}
	if h.seconds < 1 || h.long < 1 || h.rounds < 1 || h.slowRate < 1 || h.stalledShare < 0 || h.stalledShare >= 1 {
		return errors.New("-secs, -long, -rounds and -slow are at least 1, -stalled is less than 1")
	}
	scenarios := flags.Args()
	if len(scenarios) == 0 {
		scenarios = []string{"fanout", "cameras", "idle"}
	}
	for _, name := range scenarios {
		if h.scenario(name) == nil {
			return fmt.Errorf("no scenario %q: bench -h lists them", name)
		}
	}
	if err := h.takePlace(slices.Contains(scenarios, "slow")); err != nil {
		return err
	}
	if err := h.head(args); err != nil {
		return err
	}
	for _, name := range scenarios {
		if err := h.scenario(name)(); err != nil {
			return err
		}
	}
	if h.failed {
		return errors.New("some measurements failed: see the notes")
	}
	return nil
}

// placeVariable tells a process that it is on the load's core.
const placeVariable = "BENCH_PLACE"

// takePlace starts this process anew on the load's core, and in a network of its
// own where that is asked for and possible. Only so all its threads are there.
func (h *harness) takePlace(ownNetwork bool) error {
	if place := os.Getenv(placeVariable); place != "" {
		if _, err := fmt.Sscanf(place, "%d %d %t", &h.on[0], &h.on[1], &h.ownNetwork); err != nil {
			return fmt.Errorf("%s=%q: %w", placeVariable, place, err)
		}
		if h.ownNetwork {
			return command("ip", "link", "set", "lo", "up")
		}
		return nil
	}
	runtime.LockOSThread()
	var may unix.CPUSet
	if err := unix.SchedGetaffinity(0, &may); err != nil {
		return fmt.Errorf("which cores there are: %w", err)
	}
	if may.Count() < 2 {
		return errors.New("this needs two cores: one for the server, one for the load")
	}
	for core, found := 0, 0; found < 2; core++ {
		if may.IsSet(core) {
			h.on[found] = core
			found++
		}
	}
	if ownNetwork {
		ownNetwork = unix.Unshare(unix.CLONE_NEWNET) == nil
	}
	self, err := os.Executable()
	if err != nil {
		return err
	}
	os.Setenv(placeVariable, fmt.Sprint(h.on[0], h.on[1], ownNetwork))
	os.Setenv("GOMAXPROCS", "4") // one core, but a camera must not wait for a viewer
	if err := pinTo(h.on[1]); err != nil {
		return err
	}
	return fmt.Errorf("start anew: %w", unix.Exec(self, os.Args, os.Environ()))
}

func pinTo(core int) error {
	var set unix.CPUSet
	set.Set(core)
	if err := unix.SchedSetaffinity(0, &set); err != nil {
		return fmt.Errorf("pin to core %d: %w", core, err)
	}
	return nil
}

// pinned calls start on a core, which what it starts inherits, and goes back.
func pinned(core int, start func() error) error {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	var back unix.CPUSet
	if err := errors.Join(unix.SchedGetaffinity(0, &back), pinTo(core)); err != nil {
		return err
	}
	return errors.Join(start(), unix.SchedSetaffinity(0, &back))
}

// slowDown makes what is sent to [slowAddress] as slow as a link of rate bytes a
// second, which loses what is more than 32 KB behind. In segments of 1500 bytes.
func slowDown(rate int) (undo func() error, err error) {
	for _, line := range []string{
		"ip link set lo mtu 1500 gso_max_segs 1",
		"tc qdisc add dev lo root handle 1: htb",
		fmt.Sprintf("tc class add dev lo parent 1: classid 1:1 htb rate %dbps", rate),
		"tc qdisc add dev lo parent 1:1 bfifo limit 32k",
		"tc filter add dev lo parent 1: protocol ip u32 match ip dst 127.0.0.2/32 flowid 1:1",
	} {
		if err := command(strings.Fields(line)...); err != nil {
			return nil, err
		}
	}
	return func() error {
		return errors.Join(command("tc", "qdisc", "del", "dev", "lo", "root"),
			command("ip", "link", "set", "lo", "mtu", "65536", "gso_max_segs", "65535"))
	}, nil
}

func command(words ...string) error {
	if out, err := exec.Command(words[0], words[1:]...).CombinedOutput(); err != nil {
		return fmt.Errorf("%s: %w: %s", strings.Join(words, " "), err, out)
	}
	return nil
}
