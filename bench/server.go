//go:build linux

package main

import (
	"bufio"
	"bytes"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"golang.org/x/sys/unix"
)

// server is a program that is measured. To add one, add it to the list below: it
// says "viewer: http://127.0.0.1:PORT/" when it is ready, and camera N's stream is
// /cameras/camN/stream.mjpg there.
type server struct {
	name string
	fed  bool // takes pictures in, at a port for each camera
	// pages: viewers watch all cameras over one WebSocket, not each over a stream of its own.
	pages   bool
	command func(l load, folder string, ports []int, start int64) ([]string, error)
}

var (
	limit        = server{name: "limit", command: limitCommand}
	traycam      = server{name: "traycam", fed: true, command: traycamCommand}
	traycamPages = server{name: "traycam, WebSocket", fed: true, pages: true, command: traycamCommand}
)

func limitCommand(l load, _ string, _ []int, start int64) ([]string, error) {
	self, err := os.Executable()
	return []string{self, "limit", "-size", l.size.name, "-fps", fmt.Sprint(l.fps), "-cameras", fmt.Sprint(l.cameras), "-start", fmt.Sprint(start)}, err
}

// program is the Traycam that is measured.
var program = "build/traycam-headless"

func traycamCommand(l load, folder string, ports []int, _ int64) ([]string, error) {
	var b strings.Builder
	fmt.Fprintf(&b, "stream_at_start = %v\n", !l.stopped)
	for i, port := range ports {
		fmt.Fprintf(&b, "\n[[cameras]]\nid = \"cam%d\"\nname = \"Camera %d\"\nurl = \"tcp://127.0.0.1:%d?listen\"\nenabled = true\n", i, i, port)
	}
	config := filepath.Join(folder, "config.toml")
	return []string{program, "--headless", "--port", "0", "--config", config, "--log-level", "warn"}, os.WriteFile(config, []byte(b.String()), 0o600)
}

// running is a server that has been started.
type running struct {
	cmd    *exec.Cmd
	folder string
	port   int
	stderr bytes.Buffer
}

// startServer runs s on a core and waits until it says that it is ready.
func startServer(s server, l load, ports []int, start int64, core int) (*running, error) {
	folder, err := os.MkdirTemp("", "bench")
	if err != nil {
		return nil, err
	}
	r := &running{folder: folder}
	if err := r.start(s, l, ports, start, core); err != nil {
		os.RemoveAll(folder)
		return nil, fmt.Errorf("%s: %w: %s", s.name, err, bytes.TrimSpace(r.stderr.Bytes()))
	}
	return r, nil
}

func (r *running) start(s server, l load, ports []int, start int64, core int) error {
	command, err := s.command(l, r.folder, ports, start)
	if err != nil {
		return err
	}
	r.cmd = exec.Command(command[0], command[1:]...)
	r.cmd.Stderr = &r.stderr
	// HOME and the like are its own, so that it finds nobody's settings.
	r.cmd.Env = append(os.Environ(), "HOME="+r.folder, "XDG_CONFIG_HOME="+r.folder, "XDG_STATE_HOME="+r.folder, "XDG_CACHE_HOME="+r.folder, "XDG_RUNTIME_DIR="+r.folder, "GOMAXPROCS=1")
	r.cmd.SysProcAttr = &unix.SysProcAttr{Pdeathsig: unix.SIGKILL}
	out, err := r.cmd.StdoutPipe()
	if err != nil {
		return err
	}
	if err := pinned(core, r.cmd.Start); err != nil {
		return err
	}
	dog := time.AfterFunc(20*time.Second, func() { r.cmd.Process.Kill() })
	defer dog.Stop()
	line, _ := bufio.NewReader(out).ReadString('\n')
	if i := strings.LastIndexByte(line, ':'); i < 0 || !strings.HasPrefix(line, "viewer: ") {
		r.cmd.Process.Kill()
		r.cmd.Wait()
		return fmt.Errorf("does not start: %q", line)
	} else if _, err := fmt.Sscanf(line[i:], ":%d/", &r.port); err != nil {
		r.stop()
		return err
	}
	return nil
}

func (r *running) stop() {
	r.cmd.Process.Signal(unix.SIGTERM)
	dog := time.AfterFunc(5*time.Second, func() { r.cmd.Process.Kill() })
	r.cmd.Wait()
	dog.Stop()
	os.RemoveAll(r.folder)
}

// freePorts are n ports that nobody listens at.
func freePorts(n int) (ports []int, err error) {
	for range n {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			return nil, err
		}
		defer l.Close()
		ports = append(ports, l.Addr().(*net.TCPAddr).Port)
	}
	return ports, nil
}
