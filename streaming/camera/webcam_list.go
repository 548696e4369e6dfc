package camera

import (
	"bytes"
	"cmp"
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"time"
)

// A Webcam is a camera of this computer.
type Webcam struct {
	Device string // what stands after webcam: in its address
	Name   string // for people
}

// listingTakes is how long ffmpeg may take to list the webcams.
const listingTakes = 10 * time.Second

// Webcams are the cameras of this computer, the first one first. program is
// ffmpeg, which Linux does not need for that.
func Webcams(ctx context.Context, program string) []Webcam {
	switch runtime.GOOS {
	case "windows":
		return dshowWebcams(listing(ctx, program, "-list_devices", "true", "-f", "dshow", "-i", "dummy"))
	case "darwin":
		return avfoundationWebcams(listing(ctx, program, "-list_devices", "true", "-f", "avfoundation", "-i", ""))
	}
	return v4l2Webcams("/")
}

// listing is what ffmpeg says when it is asked for devices, which it then fails to open.
func listing(ctx context.Context, program string, args ...string) string {
	ctx, cancel := context.WithTimeout(ctx, listingTakes)
	defer cancel()
	cmd := exec.CommandContext(ctx, program, append([]string{"-nostdin", "-hide_banner"}, args...)...) // #nosec G204 -- fixed arguments, and no shell reads them
	var said bytes.Buffer
	cmd.Stderr = &said
	cmd.WaitDelay = time.Second
	inOwnGroup(cmd)
	cmd.Run()
	return said.String()
}

// v4l2Webcams reads what the kernel and udev tell of video devices, below root.
func v4l2Webcams(root string) (all []Webcam) {
	const name = "video"
	devices, _ := filepath.Glob(filepath.Join(root, "sys/class/video4linux", name+"[0-9]*"))
	number := func(path string) int {
		n, _ := strconv.Atoi(strings.TrimPrefix(filepath.Base(path), name))
		return n
	}
	slices.SortFunc(devices, func(a, b string) int { return number(a) - number(b) })
	for _, dir := range devices {
		device := "/dev/" + filepath.Base(dir)
		if _, err := os.Stat(filepath.Join(root, device)); err == nil && isCapture(root, dir) {
			all = append(all, Webcam{Device: device, Name: cmp.Or(firstLine(filepath.Join(dir, "name")), device)})
		}
	}
	return all
}

// isCapture tells whether pictures come from a video device. A webcam has others
// as well, for its metadata.
func isCapture(root, dir string) bool {
	known, _ := os.ReadFile(filepath.Join(root, "run/udev/data", "c"+firstLine(filepath.Join(dir, "dev"))))
	for line := range strings.Lines(string(known)) {
		if can, found := strings.CutPrefix(line, "E:ID_V4L_CAPABILITIES="); found {
			return strings.Contains(can, ":capture:")
		}
	}
	return cmp.Or(firstLine(filepath.Join(dir, "index")), "0") == "0"
}

func firstLine(file string) string {
	text, _ := os.ReadFile(file)
	line, _, _ := strings.Cut(string(text), "\n")
	return strings.TrimSpace(line)
}

var (
	dshowSection     = regexp.MustCompile(`\] DirectShow (video|audio) devices`)
	dshowDevice      = regexp.MustCompile(`\]\s+"(.+)"(?: \((.*)\))?\s*$`)
	dshowAlternative = regexp.MustCompile(`\]\s+Alternative name "(.+)"`)
)

// dshowWebcams reads ffmpeg's list of DirectShow devices. Before 5.0 it has
// sections, since then each line tells of what kind the device is.
func dshowWebcams(text string) []Webcam {
	var real, virtual []Webcam
	section, twin := "", (*Webcam)(nil) // twin: a webcam named as one before it
	for line := range strings.Lines(text) {
		if m := dshowSection.FindStringSubmatch(line); m != nil {
			section = m[1]
		} else if m := dshowAlternative.FindStringSubmatch(line); m != nil {
			if twin != nil { // by its name ffmpeg would take the first
				twin.Device = m[1]
			}
		} else if m := dshowDevice.FindStringSubmatch(line); m != nil {
			kinds, w := cmp.Or(m[2], section), Webcam{Device: m[1], Name: m[1]}
			to := &real
			if kinds == "none" { // so do virtual cameras that nothing feeds
				to = &virtual
			}
			seen := slices.Contains(real, w) || slices.Contains(virtual, w)
			twin = nil
			if kinds == "none" || strings.Contains(kinds, "video") {
				*to = append(*to, w)
				if seen {
					twin = &(*to)[len(*to)-1]
				}
			}
		}
	}
	return append(real, virtual...)
}

var (
	avSection = regexp.MustCompile(`\] AVFoundation (video|audio) devices:`)
	avDevice  = regexp.MustCompile(`\] \[(\d+)\] (.+?)\s*$`)
)

// avfoundationWebcams reads ffmpeg's list of AVFoundation devices, in which
// screens stand beside webcams.
func avfoundationWebcams(text string) (all []Webcam) {
	section := ""
	for line := range strings.Lines(text) {
		if m := avSection.FindStringSubmatch(line); m != nil {
			section = m[1]
		} else if m := avDevice.FindStringSubmatch(line); m != nil && section == "video" && !strings.HasPrefix(m[2], "Capture screen ") {
			w := Webcam{Device: m[2], Name: m[2]}
			if slices.Contains(all, w) || strings.Contains(w.Device, ":") {
				w.Device = m[1] // its number, where its name would be taken for another's
			}
			all = append(all, w)
		}
	}
	return all
}
