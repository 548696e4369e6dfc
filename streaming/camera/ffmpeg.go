package camera

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/url"
	"os/exec"
	"regexp"
	"runtime"
	"strings"
	"sync/atomic"
	"time"

	"traycam/sentence"
	"traycam/streaming/jpeg"
)

// ffmpeg is a camera that the program ffmpeg on this computer reads for us:
// ffmpeg:ADDRESS, webcam:, and rtsp: cameras that have no Motion JPEG.
type ffmpeg struct {
	shown  string   // where the camera is, for people; no password
	inputs []input  // the first that gives a picture is the one
	secret []string // what no reason and no log may say
	codec  string   // for people without ffmpeg: what the camera sends
	format string   // for people: how its pictures come
	set    string   // where the program is; "": it is looked for

	old bool // -vsync, for ffmpeg before 5.1. Owned by Run.
}

func openFFmpeg(address, program string) (Source, error) {
	address = strings.TrimSpace(address)
	switch {
	case address == "":
		return nil, sentence.Errorf("what ffmpeg should read is missing. Example: ffmpeg:rtsp://10.0.0.7/stream")
	case strings.HasPrefix(address, "-") || strings.ContainsFunc(address, func(c rune) bool { return c < ' ' }):
		return nil, sentence.Errorf("what stands after ffmpeg: is one address or file. It cannot begin with - or hold options")
	}
	f := &ffmpeg{shown: address, codec: "video", format: "video through ffmpeg", set: program}
	if u, err := url.Parse(address); err == nil && u.Host != "" {
		f.shown = u.Host
		f.inputs = urlInputs(u, address)
		f.secret = secrets(u)
	} else {
		f.inputs = []input{{source: []string{"-i", address}, file: address}}
	}
	f.secret = append(f.secret, address)
	return f, nil
}

// secrets are all ways in which what u says of a person may be written.
func secrets(u *url.URL) []string {
	all := []string{u.String(), u.Host, u.Hostname()}
	if password, has := u.User.Password(); has && password != "" {
		_, escaped, _ := strings.Cut(u.User.String(), ":")
		all = append(all, u.User.String(), password, escaped)
	}
	return all
}

func (f *ffmpeg) Run(ctx context.Context, out *Output) error {
	program, err := FindFFmpeg(f.set)
	if err != nil {
		return f.missing(err)
	}
	for i := 0; ; i++ {
		images, last, err := f.read(ctx, program, f.inputs[i], out)
		switch {
		case ctx.Err() != nil:
			return ctx.Err()
		case images == 0 && !f.old && strings.Contains(last, "Option not found"):
			f.old = true
			i--
		case images > 0 || i == len(f.inputs)-1 || isStalled(err):
			return err
		}
	}
}

func isStalled(err error) bool {
	p, ok := errors.AsType[*Problem](err)
	return ok && p.Stalled
}

// read runs ffmpeg until it ends, ctx is done or no picture comes. It returns how
// many came, and what ffmpeg said last.
func (f *ffmpeg) read(ctx context.Context, program string, in input, out *Output) (images uint64, last string, err error) {
	runtime.LockOSThread() // on Linux the child dies with the thread that started it
	defer runtime.UnlockOSThread()
	ctx, kill := context.WithCancel(ctx)
	defer kill()
	said := new(lastLine)
	cmd := exec.CommandContext(ctx, program, in.args(f.old)...) // #nosec G204 -- the person chose both, and no shell reads them
	cmd.Stdin = strings.NewReader(in.stdin)
	cmd.Stderr = said
	cmd.WaitDelay = time.Second // for what holds the pipes open although it was killed
	inOwnGroup(cmd)
	stdout, err := cmd.StdoutPipe()
	if err == nil {
		err = cmd.Start()
	}
	if err != nil {
		return 0, "", &Problem{Reason: Reason{Sentence: "The program ffmpeg cannot be started. Is it installed rightly?"}, Err: err}
	}
	defer func() { kill(); cmd.Wait() }() // after a panic

	var silent atomic.Bool
	timer := time.AfterFunc(2*StallAfter, func() { silent.Store(true); kill() }) // it looks at the stream first
	defer timer.Stop()
	format := f.format
	if in.copy {
		format = "Motion JPEG through ffmpeg"
	}
	images, err = take(stdout, out, func() {
		timer.Reset(StallAfter)
		out.Format(format)
	})
	if !errors.Is(err, io.EOF) {
		kill()
	}
	if waited := cmd.Wait(); waited != nil {
		err = waited
	}
	return images, said.String(), f.problem(images, silent.Load(), said.String(), err)
}

// take passes the pictures of a pipe on until it ends.
func take(pipe io.Reader, out *Output, came func()) (uint64, error) {
	r := jpeg.NewReader(pipe, 0)
	var lost tally
	for {
		image, err := r.Next()
		lost.tell(out, r.Stats())
		if err != nil {
			return r.Stats().Images, err
		}
		came()
		out.Frame(image, time.Now())
	}
}

// problem explains why ffmpeg ended.
func (f *ffmpeg) problem(images uint64, silent bool, last string, err error) error {
	detail := f.scrub(last)
	p := &Problem{
		Reason:  Reason{Address: f.shown, Detail: detail},
		Stalled: silent,
		Err:     fmt.Errorf("ffmpeg for %s: %w: %s", f.shown, err, detail),
	}
	switch {
	case silent && images == 0:
		p.Reason.Sentence = "ffmpeg gets no picture from the camera at %s. Does it have to be started?"
	case silent:
		p.Reason.Sentence = "The camera at %s is still connected but has stopped sending pictures."
	case wasKilled(err):
		p.Reason.Sentence = "The camera at %s is read by ffmpeg, which crashed or was ended by somebody."
	case detail == "" && images == 0:
		p.Reason.Sentence = "ffmpeg finds no picture in what the camera at %s sends. Is it a video camera?"
	case detail == "":
		p.Reason.Sentence = "The camera at %s ended the connection."
	case strings.Contains(last, "No such file"):
		p.Reason.Sentence = "There is nothing at %s. Is it plugged in, and is the name right?"
	case strings.Contains(last, "Permission denied"), strings.Contains(last, "Operation not permitted"):
		p.Reason.Sentence = "This computer does not let Traycam read %s. May this person use cameras?"
	case strings.Contains(last, "Device or resource busy"):
		p.Reason.Sentence = "Another program is using %s. Close it first."
	case noDecoder.MatchString(last):
		p.Reason.Sentence = "The camera at %s sends %v, which neither Traycam nor ffmpeg can decode. Set it to H.264 or Motion JPEG."
		p.Reason.Detail = f.codec
		if codec := noDecoder.FindStringSubmatch(last)[1]; codec != "none" {
			p.Reason.Detail = codec
		}
	case images == 0:
		p.Reason.Sentence = "ffmpeg cannot read the camera at %s. It says: “%v”."
	default:
		p.Reason.Sentence = "ffmpeg stopped reading the camera at %s. It says: “%v”."
	}
	return p
}

// wasKilled tells whether a program did not end by itself. Windows does not tell that.
func wasKilled(err error) bool {
	exit, ok := errors.AsType[*exec.ExitError](err)
	return ok && !exit.Exited()
}

var (
	speaker    = regexp.MustCompile(`^(\[[^]]*\] *)+`)                                  // "[rtsp @ 0x55d0] "
	noDecoder  = regexp.MustCompile(`(?:Decoder \(codec |no decoder found for: )(\w+)`) // until 5.1, and since
	anyAddress = regexp.MustCompile(`[a-zA-Z][a-zA-Z0-9+.-]*://[^\s'"]*[^\s'":]`)
)

// scrub makes what ffmpeg says fit for everybody: no address and no password.
func (f *ffmpeg) scrub(line string) string {
	line = speaker.ReplaceAllString(line, "")
	line = anyAddress.ReplaceAllString(line, "the camera")
	for _, s := range f.secret {
		if s != "" {
			line = strings.ReplaceAll(line, s, "the camera")
		}
	}
	return strings.TrimPrefix(strings.TrimPrefix(line, "pipe:0: "), "the camera: ")
}

// lastLine keeps the last line that is written to it.
type lastLine struct{ line, next []byte }

func (l *lastLine) Write(b []byte) (int, error) {
	for _, c := range b {
		switch {
		case c == '\n' || c == '\r':
			if len(l.next) > 0 {
				l.line, l.next = append(l.line[:0], l.next...), l.next[:0]
			}
		case len(l.next) < 1000:
			l.next = append(l.next, c)
		}
	}
	return len(b), nil
}

func (l *lastLine) String() string {
	line := l.line
	if len(l.next) > 0 {
		line = l.next
	}
	line = line[:min(len(line), 300)]
	return strings.TrimSpace(strings.ToValidUTF8(string(line), "?"))
}
