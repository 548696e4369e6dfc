package camera

import (
	"context"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"

	"traycam/sentence"
)

// webcam is webcam: — a camera of this computer, read through ffmpeg.
type webcam struct{ device string } // as ffmpeg names it; "": the first

func openWebcam(device string) (Source, error) {
	device = strings.TrimSpace(device)
	switch {
	case strings.HasPrefix(device, "-") || strings.ContainsFunc(device, func(c rune) bool { return c < ' ' }):
		return nil, sentence.Errorf("what stands after webcam: is the webcam's name. It cannot begin with -")
	case device == "" && runtime.GOOS == "windows":
		return nil, sentence.Errorf("type the webcam's name after webcam: as Windows shows it under Settings, Cameras")
	case device != "" && runtime.GOOS == "linux" && !strings.HasPrefix(device, "/dev/"):
		return nil, sentence.Errorf("a webcam's name is one such as webcam:/dev/video0; webcam: alone is the first one")
	}
	return &webcam{device: device}, nil
}

func (w *webcam) Run(ctx context.Context, out *Output) error {
	device := w.device
	if device == "" && runtime.GOOS == "linux" {
		if device = firstVideo("/dev"); device == "" {
			return &Problem{Reason: Reason{Sentence: "This computer has no webcam. Plug one in, or give this camera another address."}}
		}
	}
	f := &ffmpeg{shown: device, codec: "video", inputs: webcamInputs(runtime.GOOS, device)}
	return f.Run(ctx, out)
}

// firstVideo is the video device with the lowest number; "": there is none.
func firstVideo(dir string) string {
	const name = "video"
	found, _ := filepath.Glob(filepath.Join(dir, name+"[0-9]*"))
	number := func(path string) int {
		n, _ := strconv.Atoi(strings.TrimPrefix(filepath.Base(path), name))
		return n
	}
	slices.SortFunc(found, func(a, b string) int { return number(a) - number(b) })
	if len(found) == 0 {
		return ""
	}
	return found[0]
}

// webcamInputs tells how ffmpeg reads a webcam: first its own JPEGs, which cost
// nothing, then whatever it has.
func webcamInputs(system, device string) []input {
	switch system {
	case "windows":
		return []input{
			{source: []string{"-f", "dshow", "-vcodec", "mjpeg", "-i", "video=" + device}, copy: true},
			{source: []string{"-f", "dshow", "-i", "video=" + device}},
		}
	case "darwin":
		if device == "" {
			device = "0"
		}
		return []input{{source: []string{"-f", "avfoundation", "-framerate", "30", "-i", device + ":none"}}}
	}
	return []input{
		{source: []string{"-f", "v4l2", "-input_format", "mjpeg", "-i", device}, copy: true},
		{source: []string{"-f", "v4l2", "-i", device}},
	}
}
