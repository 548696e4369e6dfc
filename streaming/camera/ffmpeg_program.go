package camera

import (
	"cmp"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
)

// MayNeedFFmpeg tells whether the camera at an address may be read through ffmpeg.
func MayNeedFFmpeg(address string) bool {
	kind, _, _ := strings.Cut(strings.TrimSpace(address), ":")
	return kind == "ffmpeg" || kind == "webcam" || kind == "rtsp"
}

// FindFFmpeg is where the program ffmpeg is: what is set, else what the PATH has,
// else where it is often installed.
func FindFFmpeg(set string) (string, error) {
	if set != "" {
		return exec.LookPath(set)
	}
	found, err := exec.LookPath("ffmpeg")
	if err == nil {
		return found, nil
	}
	own, _ := os.Executable()
	for _, place := range ffmpegPlaces(runtime.GOOS, filepath.Dir(own), os.Getenv) {
		there, _ := filepath.Glob(place)
		for _, program := range there {
			if found, err := exec.LookPath(program); err == nil {
				return found, nil
			}
		}
	}
	return "", err
}

// ffmpegPlaces are patterns of files beside the PATH. What the Finder starts has
// not that of the shell, and what runs already not what winget has just added.
func ffmpegPlaces(system, own string, env func(string) string) []string {
	switch system {
	case "darwin":
		return []string{"/opt/homebrew/bin/ffmpeg", "/usr/local/bin/ffmpeg", "/opt/local/bin/ffmpeg"}
	case "windows":
		const program = "ffmpeg.exe"
		winget := filepath.Join(env("LOCALAPPDATA"), "Microsoft", "WinGet")
		return []string{
			filepath.Join(own, program),
			filepath.Join(winget, "Links", program),
			filepath.Join(winget, "Packages", "*FFmpeg*", "*", "bin", program),
			filepath.Join(env("ProgramFiles"), "WinGet", "Links", program),
		}
	}
	return nil
}

// withoutFFmpeg says what to install, by operating system.
var withoutFFmpeg = map[string]string{
	"":        "This camera sends %v, which needs the program ffmpeg. Install it, so that typing ffmpeg starts it.",
	"linux":   "This camera sends %v, which needs the program ffmpeg. Install the package ffmpeg, for example with: sudo apt install ffmpeg",
	"darwin":  "This camera sends %v, which needs the program ffmpeg. Install it with: brew install ffmpeg",
	"windows": "This camera sends %v, which needs the program ffmpeg. Install it with: winget install ffmpeg. Then start Traycam again.",
}

// missing explains why there is no program to read the camera.
func (f *ffmpeg) missing(err error) error {
	reason := Reason{Sentence: cmp.Or(withoutFFmpeg[runtime.GOOS], withoutFFmpeg[""]), Detail: f.codec}
	if f.set != "" {
		reason = Reason{
			Sentence: "The settings say that the program ffmpeg is %s, and there is none that can be started. Choose it anew.",
			Address:  f.set, Withheld: "in another place",
		}
	}
	return &Problem{Reason: reason, Err: err}
}
