package camera_test

import (
	"bytes"
	"crypto/md5"
	"crypto/sha1"
	"encoding/base64"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"traycam/streaming/camera"
)

// need finds one of these programs. "make test" and CI have them; a plain go
// test without them leaves out what needs them.
func need(t *testing.T, names ...string) string {
	t.Helper()
	for _, name := range names {
		for _, folder := range []string{"", "/usr/sbin/"} {
			if path, err := exec.LookPath(folder + name); err == nil {
				return path
			}
		}
	}
	if os.Getenv("CI") != "" {
		t.Fatalf("%s is missing; \"make deps\" installs it", names[0])
	}
	t.Skipf("%s is not installed; \"make deps\" does that", names[0])
	return ""
}

// start runs a program until the test ends.
func start(t *testing.T, path string, args ...string) {
	t.Helper()
	cmd := exec.Command(path, args...)
	cmd.Stdout, cmd.Stderr = t.Output(), t.Output()
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		cmd.Process.Signal(os.Interrupt)
		late := time.AfterFunc(10*time.Second, func() { cmd.Process.Kill() })
		defer late.Stop()
		cmd.Wait()
	})
}

// apache is the real one, in a folder of its own.
type apache struct{ folder, address string }

const (
	oddUser     = `kä"m\era o'n@il`
	oddPassword = `s3cr3t p:a@s/s#w%ö "\`
)

func startApache(t *testing.T) *apache {
	t.Helper()
	path := need(t, "apache2", "httpd")
	modules := ""
	for _, folder := range []string{"/usr/lib/apache2/modules", "/usr/lib64/httpd/modules", "/usr/lib/httpd/modules"} {
		if _, err := os.Stat(folder + "/mod_auth_digest.so"); err == nil {
			modules = folder
		}
	}
	// Not t.TempDir, which nobody else may enter: as root, Apache becomes somebody else.
	folder, err := os.MkdirTemp("", "traycam-apache")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(folder) })
	a := &apache{folder, fmt.Sprintf("127.0.0.1:%d", freePort(t))}
	if err := os.Chmod(folder, 0o755); err != nil {
		t.Fatal(err)
	}
	var config strings.Builder
	for _, m := range []string{"mpm_prefork", "authn_core", "authn_file", "authz_core", "authz_user", "auth_basic", "auth_digest", "unixd", "log_config"} {
		if _, err := os.Stat(modules + "/mod_" + m + ".so"); err == nil { // some are built in
			fmt.Fprintf(&config, "LoadModule %s_module %s/mod_%s.so\n", m, modules, m)
		}
	}
	if os.Geteuid() == 0 {
		nobody, err := user.Lookup("nobody")
		if err != nil {
			t.Fatal(err)
		}
		fmt.Fprintf(&config, "User nobody\nGroup #%s\n", nobody.Gid)
	}
	fmt.Fprintf(&config, "ServerName localhost\nServerRoot %[1]s\nPidFile %[1]s/pid\nDefaultRuntimeDir %[1]s\nMutex sem\nListen %[2]s\n"+
		"ErrorLog %[1]s/error.log\nLogFormat \"%%>s %%r\" plain\nCustomLog %[1]s/access.log plain\nDocumentRoot %[1]s\n"+
		"<Directory %[1]s>\nRequire valid-user\n</Directory>\n"+
		"<Location />\nAuthType Digest\nAuthName \"AXIS_WS_ACCC8E494578\"\nAuthUserFile %[1]s/digest.users\nAuthDigestProvider file\n</Location>\n"+
		"<Location /basic>\nAuthType Basic\nAuthUserFile %[1]s/basic.users\nAuthBasicProvider file\n</Location>\n"+
		"<Location /short>\nAuthDigestNonceLifetime 1\n</Location>\n"+
		"<Files *.mjpg>\nForceType \"multipart/x-mixed-replace;boundary=myboundary\"\n</Files>\n", folder, a.address)
	a.write(t, "httpd.conf", config.String())
	sum := md5.Sum([]byte(oddUser + ":AXIS_WS_ACCC8E494578:" + oddPassword))
	a.write(t, "digest.users", fmt.Sprintf("%s:AXIS_WS_ACCC8E494578:%x\n", oddUser, sum))
	sha := sha1.Sum([]byte(oddPassword))
	a.write(t, "basic.users", oddUser+":{SHA}"+base64.StdEncoding.EncodeToString(sha[:])+"\n")
	// Apache ends its whole process group with itself: it gets one of its own.
	start(t, need(t, "setsid"), path, "-d", folder, "-f", folder+"/httpd.conf", "-D", "FOREGROUND")
	t.Cleanup(func() {
		for _, log := range []string{"error.log", "access.log"} {
			if text := a.read(log); strings.Contains(text, "s3cr3t") {
				t.Errorf("%s has the password", log)
			} else if t.Failed() {
				t.Logf("%s:\n%s", log, text)
			}
		}
	})
	for deadline := time.Now().Add(20 * time.Second); ; time.Sleep(10 * time.Millisecond) {
		conn, err := net.Dial("tcp", a.address)
		if err == nil {
			conn.Close()
			return a
		}
		if time.Now().After(deadline) {
			t.Fatal("Apache does not start")
		}
	}
}

func (a *apache) write(t *testing.T, name, text string) {
	t.Helper()
	name = filepath.Join(a.folder, name)
	err := os.MkdirAll(filepath.Dir(name), 0o755)
	if err == nil { // all at once, for who is reading
		if err = os.WriteFile(name+".new", []byte(text), 0o644); err == nil {
			err = os.Rename(name+".new", name)
		}
	}
	if err != nil {
		t.Fatal(err)
	}
}

func (a *apache) read(name string) string {
	b, _ := os.ReadFile(filepath.Join(a.folder, name))
	return string(b)
}

// watch is a camera at path, for user and password.
func (a *apache) watch(t *testing.T, login *url.Userinfo, path string) *rig {
	t.Helper()
	return watch(t, "http://"+strings.TrimPrefix((&url.URL{User: login, Host: a.address}).String(), "//")+path)
}

// A server that many cameras have inside, and that takes digest word for word.
func TestApache(t *testing.T) {
	a := startApache(t)
	right, wrong := url.UserPassword(oddUser, oddPassword), url.UserPassword(oddUser, oddPassword+"!")
	for _, path := range []string{"/digest", "/short", "/basic"} {
		t.Run(path, func(t *testing.T) {
			a.write(t, path+"/snap.jpg", string(still(16)))
			r := a.watch(t, right, path+"/snap.jpg?channel=1&size=%22big%22&x=ü#interval=100ms")
			asked := func() int { return strings.Count(a.read("access.log"), "401 GET "+path+"/snap.jpg") }
			for n := 1; n < 4 || path == "/short" && asked() < 3; n++ { // the first request, and two nonces that were stale
				r.awaitFrames(n)
				a.write(t, path+"/snap.jpg", string(still(16+n)))
			}
			r.awaitState(camera.Live, "")
			r.mu.Lock()
			for i, f := range r.frames {
				if !bytes.Equal(f.JPEG, still(16+i)) {
					t.Errorf("frame %d is another one", i+1)
				}
			}
			if len(r.logged) > 0 {
				t.Errorf("it failed: %q", r.logged)
			}
			r.mu.Unlock()

			pictures := three(t)
			a.write(t, path+"/video.mjpg", "--myboundary\r\nContent-Type: image/jpeg\r\n\r\n"+strings.Join(pictures[:], "\r\n--myboundary\r\nContent-Type: image/jpeg\r\n\r\n")+"\r\n")
			r = a.watch(t, right, path+"/video.mjpg?a=b")
			r.awaitFrames(3)
			r.mu.Lock()
			for i, f := range r.frames {
				if string(f.JPEG) != pictures[i%3] {
					t.Errorf("frame %d is another one", i+1)
				}
			}
			r.mu.Unlock()

			a.watch(t, wrong, path+"/snap.jpg").awaitState(camera.Retrying, refusedPassword)
			a.watch(t, url.UserPassword("somebody", oddPassword), path+"/snap.jpg").awaitState(camera.Retrying, refusedPassword)
			a.watch(t, nil, path+"/snap.jpg").awaitState(camera.Retrying, noPassword)
		})
	}
}

// motion takes pictures in from a camera and serves them as one itself.
func TestMotion(t *testing.T) {
	path := need(t, "motion")
	source := colours(t, 320, 240)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "multipart/x-mixed-replace; boundary=x")
		for {
			if _, err := fmt.Fprintf(w, "--x\r\nContent-Type: image/jpeg\r\nContent-Length: %d\r\n\r\n%s\r\n", len(source), source); err != nil {
				return
			}
			w.(http.Flusher).Flush()
			select {
			case <-time.After(100 * time.Millisecond):
			case <-r.Context().Done():
				return
			}
		}
	}))
	t.Cleanup(server.Close)
	t.Cleanup(server.CloseClientConnections)
	folder, port := t.TempDir(), freePort(t)
	config := fmt.Sprintf("daemon off\nsetup_mode off\nlog_level 5\nwidth 320\nheight 240\nframerate 10\nnetcam_url mjpeg://%s/\ntarget_dir %s\n"+
		"stream_port %d\nstream_localhost on\nstream_maxrate 10\nstream_quality 95\nwebcontrol_port 0\npicture_output off\nmovie_output off\n",
		server.Listener.Addr(), folder, port)
	if err := os.WriteFile(filepath.Join(folder, "motion.conf"), []byte(config), 0o600); err != nil {
		t.Fatal(err)
	}
	start(t, path, "-c", filepath.Join(folder, "motion.conf"), "-n")
	for _, c := range []struct{ url, format string }{
		{"/", multi},
		{"/current#interval=100ms", "still pictures over HTTP"},
	} {
		r := supervise(t, fmt.Sprintf("http://127.0.0.1:%d%s", port, c.url))
		r.awaitFrames(3)
		r.await(c.format, func() bool { return len(r.formats) == 1 && r.formats[0] == c.format })
		r.mu.Lock()
		if r.dropped > 0 {
			t.Errorf("%s: dropped %d", c.url, r.dropped)
		}
		for _, f := range r.frames {
			if f.Width != 320 || f.Height != 240 {
				t.Errorf("%s: %d×%d", c.url, f.Width, f.Height)
			}
		}
		r.mu.Unlock()
	}
}

// ffmpegServes has ffmpeg as a web server, which writes each picture to a file, too.
func ffmpegServes(t *testing.T) {
	need(t, "ffmpeg")
	folder, address := t.TempDir(), fmt.Sprintf("127.0.0.1:%d", freePort(t))
	startFFmpeg(t, "-re", "-f", "lavfi", "-i", "testsrc2=size=320x240:rate=20", "-t", "2",
		"-c:v", "mjpeg", filepath.Join(folder, "%03d.jpg"), "-c:v", "mjpeg", "-f", "mpjpeg", "-listen", "1", "http://"+address+"/")
	r := supervise(t, "http://"+address+"/")
	r.awaitFrames(40)
	r.mu.Lock()
	defer r.mu.Unlock()
	for i, f := range r.frames {
		var sent []byte
		for deadline := time.Now().Add(20 * time.Second); !bytes.Equal(f.JPEG, sent); time.Sleep(10 * time.Millisecond) { // it may still be writing
			sent, _ = os.ReadFile(filepath.Join(folder, fmt.Sprintf("%03d.jpg", i+1)))
			if time.Now().After(deadline) {
				t.Fatalf("frame %d is another one", i+1)
			}
		}
	}
	if len(r.formats) != 1 || r.formats[0] != multi {
		t.Errorf("formats %q", r.formats)
	}
}
