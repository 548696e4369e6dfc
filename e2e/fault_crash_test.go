//go:build linux

package e2e

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"traycam/faults"
)

// startAt starts the headless program with its home in a folder of the test's.
func startAt(t *testing.T, home, config string, args ...string) *program {
	t.Helper()
	p := &program{t: t, config: writeConfig(t, config), exited: make(chan struct{})}
	p.cmd = exec.Command(needProgram(t, "TRAYCAM_HEADLESS_BIN"), append([]string{"--port", "0", "--config", p.config}, args...)...)
	p.cmd.Env = []string{"HOME=" + home, "PATH=" + os.Getenv("PATH")}
	p.awaitAddress()
	return p
}

// die ends p with a signal that it cannot survive, and waits.
func (p *program) die(s syscall.Signal) {
	p.t.Helper()
	p.t = crashed{p.t}
	signal(p.t, p.cmd, s)
	select {
	case <-p.exited:
	case <-time.After(15 * time.Second):
		p.t.Fatalf("it survives %v", s)
	}
	status := p.cmd.ProcessState.Sys().(syscall.WaitStatus)
	if !status.Signaled() && status.ExitStatus() == 0 {
		p.t.Errorf("status 0 after %v", s)
	}
}

// finish ends p well.
func (p *program) finish() {
	p.t.Helper()
	signal(p.t, p.cmd, syscall.SIGTERM)
	p.mustExit()
}

// crashFiles are what is in the folder for logs below home.
func crashFiles(t *testing.T, home, pattern string) []string {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(home, ".cache/traycam/log", pattern))
	if err != nil {
		t.Fatal(err)
	}
	return files
}

const secretCamera = `stream_at_start = true
[share]
mode = "link"
token = "abcdefghijklmnopqrstuvwxyz"
[[cameras]]
id = "door"
name = "Door"
url = "http://eva:geheim@127.0.0.1:1/video"
`

func TestFaultCrashLeavesAReport(t *testing.T) {
	t.Parallel()
	home := t.TempDir()
	const crashes = 7
	for n := range crashes {
		p := startAt(t, home, secretCamera)
		p.await("the camera", func(s state) bool { return len(s.Cameras) == 1 && s.Cameras[0].State == "retrying" })
		p.die(syscall.SIGQUIT)
		if told := strings.Count(p.log(), "ended unexpectedly"); told != min(n, 1) {
			t.Errorf("start %d tells of %d crashes:\n%s", n+1, told, p.log())
		}
	}
	p := startAt(t, home, "")
	reports := crashFiles(t, home, "crash-*.txt")
	if len(reports) != 5 || len(crashFiles(t, home, "running-*")) != 2 {
		t.Fatalf("kept are %q, and %q", reports, crashFiles(t, home, "running-*"))
	}
	newest := reports[4]
	p.finish()
	if !strings.Contains(p.log(), newest) {
		t.Errorf("the log does not name %s:\n%s", newest, p.log())
	}
	text, err := os.ReadFile(newest)
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"Traycam ", "SIGQUIT", "goroutine ", "traycam/app.(*App).Run"} {
		if !strings.Contains(string(text), want) {
			t.Errorf("the report lacks %q", want)
		}
	}
	for _, secret := range []string{"geheim", "abcdefghijklmnopqrstuvwxyz"} {
		if strings.Contains(string(text), secret) {
			t.Errorf("the report has %q", secret)
		}
	}
	again := startAt(t, home, "")
	again.finish()
	if strings.Contains(again.log(), "ended unexpectedly") {
		t.Error("told of a second time")
	}
	if left := crashFiles(t, home, "running-*"); len(left) > 0 {
		t.Errorf("left behind: %q", left)
	}
	faults.Held(t, "a crash", "%d crashes: each report named once, 5 kept, %d KB the newest", crashes, len(text)>>10)
}

// The window's program has the log in files: the report ends with it.
func TestFaultCrashReportHasTheLog(t *testing.T) {
	needProgram(t, "TRAYCAM_BIN")
	t.Parallel()
	d := startDesktop(t, "")
	p := d.run(secretCamera)
	d.await("the window", func() bool { return len(d.windows()) == 1 })
	p.await("the camera", func(s state) bool { return len(s.Cameras) == 1 && s.Cameras[0].State == "retrying" })
	p.die(syscall.SIGQUIT)
	again := d.run("")
	d.await("the window again", func() bool { return len(d.windows()) == 1 })
	again.finish()
	_, report, found := strings.Cut(again.log(), "report=")
	if !found {
		t.Fatalf("no report is named:\n%s", again.log())
	}
	report, _, _ = strings.Cut(report, "\n")
	text, err := os.ReadFile(report)
	if err != nil {
		t.Fatal(err)
	}
	_, log, _ := strings.Cut(string(text), "== Log\n")
	if !strings.Contains(log, "camera is retrying") || strings.Contains(string(text), "geheim") {
		t.Errorf("the report ends with\n%s", log)
	}
}

func TestFaultKilledLeavesNoReport(t *testing.T) {
	t.Parallel()
	home := t.TempDir()
	kills := 5
	if faults.Long() {
		kills = 100
	}
	for range kills {
		p := startAt(t, home, "")
		p.die(syscall.SIGKILL)
	}
	p := startAt(t, home, "")
	files := crashFiles(t, home, "*")
	p.finish()
	if strings.Contains(p.log(), "ended unexpectedly") || len(files) != 2 {
		t.Errorf("files %q, log\n%s", files, p.log())
	}
	faults.Held(t, "killed", "%d times: 2 files in use, none left over", kills)
}

func TestFaultCrashBesideAnother(t *testing.T) {
	t.Parallel()
	home := t.TempDir()
	stays, crashes := startAt(t, home, ""), startAt(t, home, "")
	before := crashFiles(t, home, fmt.Sprintf("running-%d-*", stays.cmd.Process.Pid))
	crashes.die(syscall.SIGQUIT)
	third := startAt(t, home, "")
	third.finish()
	if !strings.Contains(third.log(), "ended unexpectedly") {
		t.Errorf("the crash is not told of:\n%s", third.log())
	}
	if after := crashFiles(t, home, fmt.Sprintf("running-%d-*", stays.cmd.Process.Pid)); len(before) != 2 || len(after) != 2 {
		t.Errorf("the other one had %q, and has %q", before, after)
	}
	stays.die(syscall.SIGQUIT)
	fourth := startAt(t, home, "")
	fourth.finish()
	if !strings.Contains(fourth.log(), "ended unexpectedly") {
		t.Errorf("the second crash is not told of:\n%s", fourth.log())
	}
	if reports := crashFiles(t, home, "crash-*.txt"); len(reports) != 2 {
		t.Errorf("reports %q", reports)
	}
	faults.Held(t, "a crash beside another Traycam", "2 crashes of 2, a report of each")
}

// crashed is a test whose program was ended on purpose: how it ended is no error.
type crashed struct{ testing.TB }

func (crashed) Errorf(string, ...any) {}
