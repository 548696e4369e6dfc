//go:build unix

package e2e

import (
	"bufio"
	"context"
	"encoding/json"
	"os/exec"
	"regexp"
	"syscall"
	"testing"
	"time"

	"github.com/coder/websocket"
	"github.com/coder/websocket/wsjson"
)

// fox is a page in headless Firefox, driven with WebDriver BiDi.
type fox struct {
	t       *testing.T
	conn    *websocket.Conn
	context string
	n       int
}

func firefox(t *testing.T) *fox {
	t.Helper()
	name := "firefox-esr"
	if _, err := exec.LookPath(name); err != nil {
		name = "firefox"
	}
	cmd := exec.Command(need(t, name), "--headless", "--no-remote", "--profile", t.TempDir(), "--remote-debugging-port", "0", "about:blank")
	errors, err := cmd.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} // it starts others
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL)
		cmd.Wait()
	})
	address := regexp.MustCompile(`WebDriver BiDi listening on (ws://\S+)`)
	lines := bufio.NewScanner(errors)
	var url string
	for url == "" && lines.Scan() {
		if found := address.FindStringSubmatch(lines.Text()); found != nil {
			url = found[1] + "/session"
		}
	}
	go func() {
		for lines.Scan() {
		}
	}()
	conn, _, err := websocket.Dial(t.Context(), url, nil)
	if err != nil {
		t.Fatal(err)
	}
	conn.SetReadLimit(64 << 20)
	t.Cleanup(func() { conn.CloseNow() })
	f := &fox{t: t, conn: conn}
	f.call("session.new", map[string]any{"capabilities": map[string]any{}})
	var tree struct {
		Contexts []struct{ Context string }
	}
	if err := json.Unmarshal(f.call("browsingContext.getTree", map[string]any{}), &tree); err != nil || len(tree.Contexts) == 0 {
		t.Fatal(err, tree)
	}
	f.context = tree.Contexts[0].Context
	return f
}

func (f *fox) call(method string, params map[string]any) json.RawMessage {
	f.t.Helper()
	ctx, cancel := context.WithTimeout(f.t.Context(), time.Minute)
	defer cancel()
	f.n++
	if err := wsjson.Write(ctx, f.conn, map[string]any{"id": f.n, "method": method, "params": params}); err != nil {
		f.t.Fatal(err)
	}
	for {
		var answer struct {
			ID      int
			Result  json.RawMessage
			Error   string
			Message string
		}
		if err := wsjson.Read(ctx, f.conn, &answer); err != nil {
			f.t.Fatal(method, err)
		}
		if answer.ID == f.n {
			if answer.Error != "" {
				f.t.Fatal(method, answer.Error, answer.Message)
			}
			return answer.Result
		}
	}
}

func (f *fox) visit(url string) {
	f.t.Helper()
	f.call("browsingContext.navigate", map[string]any{"context": f.context, "url": url, "wait": "complete"})
}

// await waits until a JavaScript expression, or what it promises, is true.
func (f *fox) await(expression string) {
	f.t.Helper()
	var answer json.RawMessage
	for deadline := time.Now().Add(40 * time.Second); time.Now().Before(deadline); time.Sleep(50 * time.Millisecond) {
		answer = f.call("script.evaluate", map[string]any{"expression": expression, "target": map[string]any{"context": f.context}, "awaitPromise": true})
		var got struct{ Result struct{ Value any } }
		if json.Unmarshal(answer, &got) == nil && got.Result.Value == true {
			return
		}
	}
	f.t.Fatalf("waited for %s: %s", expression, answer)
}

func TestFirefoxShowsMovingPictures(t *testing.T) {
	p := startHeadless(t, wall(16, "test:?size=320x180&fps=5"))
	f := firefox(t)
	f.visit(p.url)
	f.await(`document.querySelectorAll('.tile').length === 16`)
	p.await("16 viewers", func(s state) bool { return s.Viewers == 16 })
	f.await(`[...document.querySelectorAll('.picture')].every(({ src, naturalWidth }) => src.startsWith('blob:') && naturalWidth === 320)`)
	f.await(`globalThis.before = [...document.querySelectorAll('.picture')].map(({ src }) => src), true`)
	f.await(`[...document.querySelectorAll('.picture')].every(({ src }, i) => src !== before[i])`)
	f.await(allLive)
	f.visit(p.url + "cameras/cam-3")
	f.await(`document.body.dataset.large === 'cam-3' && document.querySelector('[data-camera="cam-3"]').dataset.state === 'live'`)
	p.await("one viewer", func(s state) bool { return s.Viewers == 1 })
	f.visit("about:blank")
	p.await("no viewer", func(s state) bool { return s.Viewers == 0 })
}
