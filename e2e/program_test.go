package e2e

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// program is a running Traycam.
type program struct {
	t      testing.TB
	cmd    *exec.Cmd
	url    string // of the viewer page, with a slash at its end
	config string // its config file, where a test asks for it
	exited chan struct{}

	mu     sync.Mutex
	stderr bytes.Buffer // Guarded by mu.
}

// needProgram is the program that an environment variable names.
func needProgram(t testing.TB, variable string) string {
	t.Helper()
	path := os.Getenv(variable)
	if path == "" {
		t.Skipf("%s names no program; \"make test\" builds it", variable)
	}
	return path
}

// need finds a program that the test cannot do without.
func need(t testing.TB, name string) string {
	t.Helper()
	path, err := exec.LookPath(name)
	if err != nil {
		t.Fatalf("%s is missing; \"make deps\" installs it", name)
	}
	return path
}

// startHeadless starts the headless program with a config of its own and waits
// for its address.
func startHeadless(t testing.TB, config string, args ...string) *program {
	t.Helper()
	file := writeConfig(t, config)
	p := &program{t: t, config: file, exited: make(chan struct{})}
	p.cmd = exec.Command(needProgram(t, "TRAYCAM_HEADLESS_BIN"), append([]string{"--port", "0", "--config", file}, args...)...)
	p.awaitAddress()
	return p
}

// awaitAddress runs the headless program until it has told its address.
func (p *program) awaitAddress() {
	t := p.t
	t.Helper()
	out, err := p.cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	p.run()
	line, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		t.Fatalf("no address on standard output: %v", err)
	}
	if _, err := fmt.Sscanf(line, "viewer: %s\n", &p.url); err != nil {
		t.Fatalf("%q: %v", line, err)
	}
}

func writeConfig(t testing.TB, config string) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), "config.toml")
	if err := os.WriteFile(file, []byte(config), 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}

// run starts the program, and ends it with the test, which fails where the
// program does not end well.
func (p *program) run() {
	p.t.Helper()
	p.cmd.Stderr = lockedWriter{p}
	if err := p.cmd.Start(); err != nil {
		p.t.Fatal(err)
	}
	go func() {
		defer close(p.exited)
		p.cmd.Wait()
	}()
	p.t.Cleanup(func() {
		p.cmd.Process.Signal(syscall.SIGTERM)
		p.mustExit()
		if p.t.Failed() {
			p.t.Log(p.log())
		}
	})
}

// mustExit waits for the program to end with status 0.
func (p *program) mustExit() {
	p.t.Helper()
	select {
	case <-p.exited:
	case <-time.After(15 * time.Second):
		p.cmd.Process.Signal(syscall.SIGQUIT)
		<-p.exited
		p.t.Errorf("Traycam does not end:\n%s", p.log())
		return
	}
	if status := p.cmd.ProcessState; status.ExitCode() != 0 {
		p.t.Errorf("Traycam ended with %v:\n%s", status, p.log())
	}
}

type lockedWriter struct{ p *program }

func (w lockedWriter) Write(b []byte) (int, error) {
	w.p.mu.Lock()
	defer w.p.mu.Unlock()
	return w.p.stderr.Write(b)
}

func (p *program) log() string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.stderr.String()
}

// state is what /state answers.
type state struct {
	Streaming bool
	Viewers   int
	Cameras   []cameraState
}

type cameraState struct {
	ID, Name, State, Reason string
	Width, Height, Viewers  int
	Rotate                  int
	Mirror, Kept            bool
	FPS                     float64
	Frames, Dropped         int
}

// camera is the one of that id; nothing where there is none.
func (s state) camera(id string) (found cameraState) {
	for _, c := range s.Cameras {
		if c.ID == id {
			found = c
		}
	}
	return found
}

func (p *program) state() (s state, err error) {
	client := http.Client{Timeout: 5 * time.Second}
	response, err := client.Get(p.url + "state")
	if err != nil {
		return s, err
	}
	defer response.Body.Close()
	return s, json.NewDecoder(response.Body).Decode(&s)
}

// await asks for the state until it is as wanted.
func (p *program) await(what string, ok func(state) bool) state {
	p.t.Helper()
	var s state
	var err error
	for deadline := time.Now().Add(30 * time.Second); time.Now().Before(deadline); time.Sleep(20 * time.Millisecond) {
		if s, err = p.state(); err == nil && ok(s) {
			return s
		}
	}
	p.t.Fatalf("waited for %s; the state is %+v, %v\n%s", what, s, err, p.log())
	return s
}

func (p *program) awaitCamera(id, want string) {
	p.t.Helper()
	p.await(id+" to be "+want, func(s state) bool { return s.camera(id).State == want })
}

// start runs a program of somebody else's until it ends or the test does.
func start(t testing.TB, name string, args ...string) *exec.Cmd {
	t.Helper()
	cmd := exec.Command(need(t, name), args...)
	var log bytes.Buffer
	cmd.Stderr = &log
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if cmd.ProcessState == nil { // nobody waited for it
			cmd.Process.Kill()
			cmd.Wait()
		}
		if t.Failed() {
			t.Logf("%s %s\n%s", name, strings.Join(args, " "), log.String())
		}
	})
	return cmd
}

// output runs a program of somebody else's to its end.
func output(t *testing.T, name string, args ...string) string {
	t.Helper()
	out, err := exec.CommandContext(t.Context(), need(t, name), args...).CombinedOutput()
	if err != nil {
		t.Fatalf("%s %s: %v\n%s", name, strings.Join(args, " "), err, out)
	}
	return string(out)
}

// freePort is a port that was free a moment ago.
func freePort(t testing.TB) int {
	t.Helper()
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer ln.Close()
	return ln.Addr().(*net.TCPAddr).Port
}

// parts reads the parts of a stream for programs.
type parts struct {
	body io.ReadCloser
	r    *bufio.Reader
}

func (p *program) watch(camera string) (*parts, error) {
	response, err := http.Get(p.url + "cameras/" + camera + "/stream.mjpg")
	if err != nil {
		return nil, err
	}
	if response.StatusCode != http.StatusOK {
		response.Body.Close()
		return nil, fmt.Errorf("stream of %s: %s", camera, response.Status)
	}
	return newParts(response.Body), nil
}

func newParts(body io.ReadCloser) *parts { return &parts{body, bufio.NewReaderSize(body, 64<<10)} }

// next reads one part by its Content-Length into b, which may be nil.
func (p *parts) next(b []byte) ([]byte, error) {
	length := -1
	for {
		line, err := p.r.ReadSlice('\n')
		if err != nil {
			return nil, err
		}
		line = bytes.TrimSpace(line)
		if value, ok := bytes.CutPrefix(line, []byte("Content-Length: ")); ok {
			if _, err := fmt.Sscan(string(value), &length); err != nil {
				return nil, err
			}
		}
		if len(line) == 0 && length >= 0 {
			break
		}
	}
	if cap(b) < length {
		b = make([]byte, length)
	}
	b = b[:length]
	_, err := io.ReadFull(p.r, b)
	return b, err
}
