// Traycam takes in cameras and shows them to any number of viewers, from the tray.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/signal"
	"path/filepath"
	"runtime/debug"
	"strings"
	"syscall"

	"traycam/app"
	"traycam/assets"
	"traycam/logbook"
)

// Stamped by the build.
var (
	version  = ""
	commit   = ""
	date     = ""
	homepage = "" // of the project, "https://github.com/OWNER/traycam"; in releases
)

const usage = `Traycam takes in cameras and shows them to any number of viewers.

    traycam                    window and tray icon
    traycam --hidden           tray icon only; the window if there is no tray
    traycam --headless         neither; logs to standard error

  --config FILE                settings; default: %s
  --port N                     port of the viewer page for this run (0: any free port)
  --demo                       add two built-in moving test cameras for this run
  --camera NAME=URL            add a camera for this run; may be repeated
  --log-level LEVEL            debug, info, warn or error; default: info
  --log-format FORMAT          text or json; default: text
  --version                    tell the version and end
%s  --help                       tell this and end

Camera addresses: tcp://HOST:PORT (we connect to the camera),
tcp://:PORT?listen (the camera connects to us), test: (a test picture),
http://[USER:PASSWORD@]HOST/PATH (MJPEG or still pictures), https://…,
push: (a program posts pictures to /cameras/ID/frames),
rtsp://[USER:PASSWORD@]HOST/PATH (Motion JPEG; other codecs through ffmpeg),
webcam: (the first one of this computer, or webcam:/dev/video2 or webcam:NAME,
through ffmpeg),
ffmpeg:ADDRESS (a file, or anything else that ffmpeg can read).
`

// flags are the command line.
type flags struct {
	hidden, headless, demo bool
	config                 string
	port                   *int
	cameras                []app.CameraConfig
	level                  slog.Level
	format                 string
	version, help, quit    bool
}

func main() { os.Exit(run(os.Args[1:], os.Stdout, os.Stderr)) }

// run is the program; it returns the exit status: 0 after a clean end, 1 where
// it could not start, 2 for a command line that it does not understand.
func run(args []string, stdout, stderr io.Writer) int {
	f, err := parse(args)
	if err != nil || f.help || f.version || f.quit || f.headless {
		stdout, stderr = console(stdout, stderr)
	}
	if err != nil {
		fmt.Fprintf(stderr, "traycam: %v (traycam --help tells more)\n", err)
		return 2
	}
	switch {
	case f.help:
		fmt.Fprintf(stdout, usage, f.config, quitUsage)
		return 0
	case f.version:
		fmt.Fprintln(stdout, "traycam", longVersion())
		return 0
	case f.quit:
		return exit(app.Quit(), stderr)
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	context.AfterFunc(ctx, stop) // a second signal ends what does not end by itself

	book := logbook.New("")
	defer book.Close()
	log := newLog(f, stderr, book)
	stopAsking, err := app.EndWhenAsked(stop)
	if err != nil { // as where another account runs it from this folder
		log.Warn("Traycam cannot be ended by --quit", "err", err)
		stopAsking = func() {}
	}
	defer stopAsking()
	crashes := catchCrashes(log)
	defer crashes.Close()
	if f.headless {
		err = runHeadless(ctx, f, log, book, crashes, stdout)
	} else {
		err = runDesktop(ctx, f, log, book, crashes)
	}
	return exit(err, stderr)
}

// exit tells err in one line, if there is one, and returns the exit status.
func exit(err error, stderr io.Writer) int {
	if err == nil {
		return 0
	}
	fmt.Fprintln(stderr, "traycam:", strings.ReplaceAll(err.Error(), "\n", " "))
	return 1
}

// catchCrashes keeps what Go says when it dies, for the next start; nil where there is no place for that.
func catchCrashes(log *slog.Logger) *app.Crashes {
	if logFolder() == "" {
		return nil
	}
	crashes, err := app.CatchCrashes(logFolder(), longVersion())
	if err != nil {
		log.Debug("a crash would leave no report", "err", err)
	}
	return crashes
}

// logFolder is where the log is written; empty where there is no home folder.
func logFolder() string {
	dir, err := os.UserCacheDir()
	if err != nil {
		return ""
	}
	return filepath.Join(dir, "traycam", "log")
}

func newApp(f flags, log *slog.Logger, book *logbook.Book, crashes *app.Crashes, logFolder string) (*app.App, error) {
	return app.New(app.Options{
		ConfigFile: f.config, Port: f.port, Cameras: f.cameras,
		Version: shortVersion(), Home: homepage, Web: assets.Web, Log: log, Book: book, LogFolder: logFolder, Crashes: crashes, Keyring: true,
	})
}

// runHeadless streams until ctx is done. The book stays in memory: who runs
// Traycam without a window keeps what is on standard error.
func runHeadless(ctx context.Context, f flags, log *slog.Logger, book *logbook.Book, crashes *app.Crashes, stdout io.Writer) error {
	a, err := newApp(f, log, book, crashes, "")
	if err != nil {
		return err
	}
	if err := a.Listen(); err != nil {
		return fmt.Errorf("%w, or for this time with --port", err)
	}
	fmt.Fprintln(stdout, "viewer:", a.ViewerURL())
	a.Run(ctx)
	return nil
}

// parse reads the command line. Its errors are one line.
func parse(args []string) (flags, error) {
	f := flags{headless: onlyHeadless, level: slog.LevelInfo, format: "text"}
	dir, err := os.UserConfigDir()
	if err == nil {
		f.config = filepath.Join(dir, "traycam", "config.toml")
	}
	set := flag.NewFlagSet("traycam", flag.ContinueOnError)
	set.SetOutput(io.Discard)
	set.BoolVar(&f.hidden, "hidden", false, "")
	set.BoolVar(&f.headless, "headless", f.headless, "")
	set.BoolVar(&f.demo, "demo", false, "")
	set.StringVar(&f.config, "config", f.config, "")
	port := set.Int("port", -1, "")
	set.Func("camera", "", func(s string) error {
		name, url, found := strings.Cut(s, "=")
		if !found || name == "" || url == "" {
			return errors.New("it takes NAME=URL, such as --camera Door=tcp://10.0.0.7:8888")
		}
		f.cameras = append(f.cameras, app.CameraConfig{Name: name, URL: url, Enabled: true})
		return app.CheckURL(url)
	})
	set.TextVar(&f.level, "log-level", f.level, "")
	set.StringVar(&f.format, "log-format", f.format, "")
	set.BoolVar(&f.version, "version", false, "")
	set.BoolVar(&f.help, "help", false, "")
	set.BoolVar(&f.help, "h", false, "")
	set.BoolVar(&f.quit, "quit", false, "")

	if err := set.Parse(args); err != nil {
		return f, err
	}
	if set.NArg() > 0 {
		return f, fmt.Errorf("%q is not a flag", set.Arg(0))
	}
	given := map[string]bool{}
	set.Visit(func(fl *flag.Flag) { given[fl.Name] = true })
	if given["port"] {
		if *port < 0 || *port > 65535 {
			return f, fmt.Errorf("--port takes a number from 0 to 65535, not %d", *port)
		}
		f.port = port
	}
	if f.format != "text" && f.format != "json" {
		return f, fmt.Errorf("--log-format takes text or json, not %q", f.format)
	}
	if f.config == "" && !f.help && !f.version {
		return f, errors.New("there is no home folder for the settings; say where they are with --config FILE")
	}
	if f.demo {
		f.cameras = append(f.cameras, app.DemoCameras()...)
	}
	return f, nil
}

// newLog writes to w and into book.
func newLog(f flags, w io.Writer, book *logbook.Book) *slog.Logger {
	options := &slog.HandlerOptions{Level: f.level}
	var toW slog.Handler = slog.NewTextHandler(w, options)
	if f.format == "json" {
		toW = slog.NewJSONHandler(w, options)
	}
	return slog.New(book.Handler(toW))
}

// shortVersion is what was stamped, or what Go knows of a plain "go build".
func shortVersion() string {
	if version != "" {
		return version
	}
	if info, ok := debug.ReadBuildInfo(); ok && info.Main.Version != "" && info.Main.Version != "(devel)" {
		return strings.TrimPrefix(info.Main.Version, "v")
	}
	return "development"
}

func longVersion() string {
	s := shortVersion()
	if commit != "" {
		s += " (" + strings.TrimSpace(commit+" "+date) + ")"
	}
	return s
}
