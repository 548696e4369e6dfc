//go:build linux

package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"golang.org/x/sys/unix"
)

// usage is what a process and its children have used, and the machine around it.
type usage struct {
	at       int64            // monotonic ns
	cpu      time.Duration    // user and system
	rss      int              // KB
	switches int              // voluntary
	busy     [2]time.Duration // of the server's core and the load's
	own      time.Duration    // what the harness has used
	sockets  int              // KB that the kernel holds for all TCP sockets of the machine
}

// since is what was used from before to u; of amounts, what there is now.
func (u usage) since(before usage) usage {
	u.at -= before.at
	u.cpu -= before.cpu
	u.own -= before.own
	u.switches -= before.switches
	for i := range u.busy {
		u.busy[i] -= before.busy[i]
	}
	return u
}

// share is d as a percentage of the time that u spans.
func (u usage) share(d time.Duration) float64 { return 100 * float64(d) / float64(u.at) }

func readUsage(pid int, on cores) (u usage) {
	u.at, u.own = now(), cpuOf(os.Getpid())
	for i, core := range on {
		u.busy[i] = busy(core)
	}
	for _, pid := range family(pid) {
		u.cpu += cpuOf(pid)
		u.rss += field(fmt.Sprintf("/proc/%d/status", pid), "VmRSS:", 0)
		tasks, _ := filepath.Glob(fmt.Sprintf("/proc/%d/task/*/status", pid))
		for _, task := range tasks {
			u.switches += field(task, "voluntary_ctxt_switches:", 0)
		}
	}
	u.sockets = field("/proc/net/sockstat", "TCP:", 9) * os.Getpagesize() / 1024
	return u
}

// family is pid and all that descend from it.
func family(pid int) []int {
	all := []int{pid}
	tasks, _ := filepath.Glob(fmt.Sprintf("/proc/%d/task/*/children", pid))
	for _, task := range tasks {
		b, _ := os.ReadFile(task)
		for _, f := range strings.Fields(string(b)) {
			if child, err := strconv.Atoi(f); err == nil {
				all = append(all, family(child)...)
			}
		}
	}
	return all
}

// cpuOf asks the process's own clock: clock_getcpuclockid(3). It counts threads
// that have ended too, and is finer than the ticks in /proc.
func cpuOf(pid int) time.Duration {
	var t unix.Timespec
	if err := unix.ClockGettime(int32(^pid<<3|2), &t); err != nil {
		return 0
	}
	return time.Duration(t.Nano())
}

// field is the number in a file's line that begins with name, behind skip other fields.
func field(file, name string, skip int) int {
	b, _ := os.ReadFile(file)
	for line := range strings.Lines(string(b)) {
		if f := strings.Fields(line); len(f) > skip+1 && f[0] == name {
			n, _ := strconv.Atoi(f[skip+1])
			return n
		}
	}
	return 0
}

// busy is how long a core has worked: /proc/stat, in ticks of 10 ms.
func busy(core int) (d time.Duration) {
	for _, column := range []int{0, 1, 2, 5, 6, 7} { // user nice system irq softirq steal
		d += time.Duration(field("/proc/stat", fmt.Sprintf("cpu%d", core), column)) * 10 * time.Millisecond
	}
	return d
}
