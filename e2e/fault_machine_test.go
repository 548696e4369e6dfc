//go:build linux

package e2e

import (
	"encoding/binary"
	"fmt"
	"io"
	"net"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"traycam/faults"
)

// film is a file that ffmpeg plays, as a camera that needs a child process.
func film(t *testing.T) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), "film.avi")
	output(t, "ffmpeg", "-v", "error", "-f", "lavfi", "-i", "testsrc2=size=320x240:rate=10", "-t", "120", "-c:v", "mpeg4", file)
	return file
}

func filmCamera(file string) string {
	return fmt.Sprintf("\n[[cameras]]\nid = \"film\"\nname = \"Film\"\nurl = \"ffmpeg:%s\"\n", file)
}

// children are the processes that p started.
func (p *program) children() (pids []string) {
	out, _ := exec.Command("pgrep", "-P", fmt.Sprint(p.cmd.Process.Pid)).Output()
	return strings.Fields(string(out))
}

// mustBeGone waits for processes to end.
func mustBeGone(t *testing.T, pids []string) {
	t.Helper()
	for _, pid := range pids {
		for deadline := time.Now().Add(5 * time.Second); ; time.Sleep(20 * time.Millisecond) {
			status, err := os.ReadFile("/proc/" + pid + "/status")
			if err != nil || strings.Contains(string(status), "State:\tZ") {
				break
			}
			if time.Now().After(deadline) {
				t.Fatalf("process %s is left:\n%s", pid, status)
			}
		}
	}
}

func TestFaultNetworkChangesItsAddress(t *testing.T) {
	here, there := twoHosts(t)
	const token = "firstfirstfirstfirst12"
	p, _, port := startShared(t, here, "[share]\nmode = \"link\"\ntoken = \""+token+"\"\n")
	link := func(address string) string {
		return "http://" + net.JoinHostPort(address, port) + "/v/" + token + "/"
	}
	there.await(link("10.77.0.1"), 200)
	local := here.watch(p.url)

	here.ip("address", "flush", "dev", "eth0")
	here.ip("link", "set", "eth0", "down")
	here.ip("link", "set", "eth0", "up")
	here.ip("address", "add", "10.77.0.9/24", "dev", "eth0")
	began := time.Now()
	there.await(link("10.77.0.9"), 200)
	took := time.Since(began)
	if took > 30*time.Second {
		t.Errorf("the new address works after %v", took)
	}
	response, err := here.get(p.url+"share", "")
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	page, err := io.ReadAll(response.Body)
	if err != nil || !strings.Contains(string(page), "10.77.0.9") || strings.Contains(string(page), "10.77.0.1:") {
		t.Errorf("%v, the page that hands links over tells\n%s", err, page)
	}
	select {
	case <-local.ended:
		t.Error("a viewer on this computer lost its stream")
	default:
	}
	faults.Held(t, "the network goes, and is back with another address", "the link worked at the new address after %v, and the share page named it; a local stream went on", took.Round(100*time.Millisecond))
}

func TestFaultPortIsTakenAtTheStart(t *testing.T) {
	t.Parallel()
	bin := needProgram(t, "TRAYCAM_HEADLESS_BIN")
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer ln.Close()
	port := fmt.Sprint(ln.Addr().(*net.TCPAddr).Port)
	cmd := exec.CommandContext(t.Context(), bin, "--port", port, "--config", writeConfig(t, ""), "--log-level", "error")
	out, err := cmd.CombinedOutput()
	if err == nil || cmd.ProcessState.ExitCode() != 1 || strings.Count(string(out), "\n") != 1 || !strings.Contains(string(out), "port "+port+" ") {
		t.Errorf("status %d:\n%s", cmd.ProcessState.ExitCode(), out)
	}
	faults.Held(t, "the port is taken at the start", "status %d: %s", cmd.ProcessState.ExitCode(), strings.TrimSpace(strings.ReplaceAll(string(out), port, "8090")))
}

// A computer that slept is a program that stood still, with what came meanwhile waiting for it.
func TestFaultComputerSleeps(t *testing.T) {
	t.Parallel()
	port := freePort(t)
	p := startHeadless(t, fmt.Sprintf("[[cameras]]\nid = \"cam\"\nname = \"Cam\"\nurl = \"tcp://127.0.0.1:%d?listen\"\n", port)+filmCamera(film(t)))
	p.awaitCamera("cam", "waiting")
	conn, err := net.Dial("tcp", fmt.Sprintf("127.0.0.1:%d", port))
	if err != nil {
		t.Fatal(err)
	}
	sent := stampedOver(t, conn, 20)
	p.awaitCamera("cam", "live")
	p.awaitCamera("film", "live")
	view, err := p.watch("cam")
	if err != nil {
		t.Fatal(err)
	}
	defer view.body.Close()
	if _, err := view.next(nil); err != nil {
		t.Fatal(err)
	}
	sleep := 13 * time.Second // longer than anything waits for anything
	if faults.Long() {
		sleep = soak(t)
	}
	stop(t, p.cmd)
	time.Sleep(sleep)
	resume(t, p.cmd)
	began, parts := time.Now(), 0
	var live time.Duration
	for time.Since(began) < 5*time.Second && live == 0 {
		part, err := view.next(nil)
		if err != nil {
			t.Fatalf("the viewer lost its stream: %v", err)
		}
		parts++
		if sent.number.Load()-int64(binary.BigEndian.Uint64(part[6:])) <= 20 { // pictures, a second of them
			live = time.Since(began)
		}
	}
	if live == 0 {
		t.Errorf("after 5 s and %d pictures the viewer still sees the past", parts)
	}
	if parts > 50 {
		t.Errorf("the viewer was flooded with %d old pictures", parts)
	}
	p.awaitCamera("film", "live")
	p.awaitCamera("cam", "live")
	faults.Held(t, "the computer sleeps", "%v: the viewer sees live pictures after %v, with %d old ones before; the cameras are live", sleep, live.Round(time.Millisecond), parts-1)
}

// A program that can have no more memory dies as Go does, and that is all that is lost.
func TestFaultNoMemory(t *testing.T) {
	t.Parallel()
	home := t.TempDir()
	p := startAt(t, home, filmCamera(film(t))[1:])
	p.awaitCamera("film", "live")
	children := p.children()
	if len(children) == 0 {
		t.Fatal("there is no ffmpeg to be left")
	}
	before, err := os.ReadFile(p.config)
	if err != nil {
		t.Fatal(err)
	}
	p.t = crashed{t}
	limit := unix.Rlimit{Cur: 1, Max: 1}
	if err := unix.Prlimit(p.cmd.Process.Pid, unix.RLIMIT_AS, &limit, nil); err != nil {
		t.Fatal(err)
	}
	u, err := url.Parse(p.url)
	if err != nil {
		t.Fatal(err)
	}
	began, viewers := time.Now(), 0
	for viewers < 2000 && !p.isOver() {
		conn, err := net.DialTimeout("tcp", "127.0.0.1:"+u.Port(), time.Second)
		if err != nil {
			break
		}
		defer conn.Close()
		fmt.Fprintf(conn, "GET /cameras/film/stream.mjpg HTTP/1.1\r\nHost: localhost\r\n\r\n")
		viewers++
	}
	select {
	case <-p.exited:
	case <-time.After(30 * time.Second):
		t.Fatal("it lives on without memory")
	}
	mustBeGone(t, children)
	if now, err := os.ReadFile(p.config); err != nil || string(now) != string(before) {
		t.Errorf("%v, the config is now\n%s", err, now)
	}
	again := startAt(t, home, string(before))
	again.awaitCamera("film", "live")
	reports := crashFiles(t, home, "crash-*.txt")
	if len(reports) != 1 {
		t.Fatalf("reports: %q", reports)
	}
	text, err := os.ReadFile(reports[0])
	if err != nil || !strings.Contains(string(text), "runtime.throw(") {
		t.Errorf("%v, the report begins\n%.1000s", err, text)
	}
	faults.Held(t, "there is no memory", "ended %v later, after %d connections, with a report; no ffmpeg was left, and the next start streams", time.Since(began).Round(100*time.Millisecond), viewers)
}

func (p *program) isOver() bool {
	select {
	case <-p.exited:
		return true
	default:
		return false
	}
}

func TestFaultSessionBusEnds(t *testing.T) {
	needProgram(t, "TRAYCAM_BIN")
	t.Parallel()
	d := startDesktop(t, "xfce4-panel")
	p := d.run(twoCameras)
	p.awaitCamera("garden", "live")
	d.await("the tray's icon", func() bool { return d.trayItem() != "" })
	window := d.window()
	syscall.Kill(-d.daemon.Process.Pid, syscall.SIGKILL)
	d.daemon.Wait()
	view, err := p.watch("garden")
	if err != nil {
		t.Fatal(err)
	}
	defer view.body.Close()
	for range 20 {
		if _, err := view.next(nil); err != nil {
			t.Fatal(err)
		}
	}
	d.await("two live pictures", func() bool { return testPictures(d.screenshot("no-bus")) == 2 })
	// The window takes what a person does.
	d.xdotool("windowactivate", "--sync", window, "key", "--delay", "50", "ctrl+n")
	d.await("the form in place of the pictures", func() bool { return testPictures(d.screenshot("no-bus")) == 0 })
	d.xdotool("windowactivate", "--sync", window, "key", "--delay", "50", "Escape")
	d.await("two live pictures again", func() bool { return testPictures(d.screenshot("no-bus")) == 2 })
	d.xdotool("windowactivate", "--sync", window, "key", "--delay", "50", "ctrl+q")
	p.mustExit()
	faults.Held(t, "the session bus ends", "the stream and the window's pictures went on; ended by its key with status 0")
}

func TestFaultXServerEnds(t *testing.T) {
	needProgram(t, "TRAYCAM_BIN")
	t.Parallel()
	d := startDesktop(t, "")
	p := d.run(twoCameras + filmCamera(film(t)))
	p.awaitCamera("film", "live")
	d.window()
	children := p.children()
	if len(children) == 0 {
		t.Fatal("there is no ffmpeg to be left")
	}
	before, err := os.ReadFile(p.config)
	if err != nil {
		t.Fatal(err)
	}
	p.t = crashed{t}
	began := time.Now()
	syscall.Kill(-d.xvfb.Process.Pid, syscall.SIGKILL)
	select {
	case <-p.exited:
	case <-time.After(20 * time.Second):
		signal(t, p.cmd, syscall.SIGQUIT)
		t.Fatal("it goes on without a display")
	}
	took := time.Since(began)
	status := p.cmd.ProcessState
	if status.ExitCode() < 1 {
		t.Errorf("it ended with %v", status)
	}
	var noise []string
	for line := range strings.Lines(p.log()) {
		if !strings.HasPrefix(line, "time=") {
			noise = append(noise, line)
		}
	}
	if len(noise) != 1 {
		t.Errorf("it said %d lines:\n%s", len(noise), strings.Join(noise, ""))
	}
	mustBeGone(t, children)
	if now, err := os.ReadFile(p.config); err != nil || string(now) != string(before) {
		t.Errorf("%v, the config is now\n%s", err, now)
	}
	faults.Held(t, "the X server ends", "ended %v later with status %d: %s", took.Round(10*time.Millisecond), status.ExitCode(), strings.TrimSpace(strings.Join(noise, " ")))
}
