package camera

import (
	"context"
	"runtime"
	"strings"

	"traycam/sentence"
)

// webcam is webcam: — a camera of this computer, read through ffmpeg.
type webcam struct {
	device string // as ffmpeg names it; "": the first
	ffmpeg string // where that program is; "": it is looked for
}

func openWebcam(device, program string) (Source, error) {
	device = strings.TrimSpace(device)
	switch {
	case strings.HasPrefix(device, "-") || strings.ContainsFunc(device, func(c rune) bool { return c < ' ' }):
		return nil, sentence.Errorf("what stands after webcam: is the webcam's name. It cannot begin with -")
	case device != "" && runtime.GOOS == "linux" && !strings.HasPrefix(device, "/dev/"):
		return nil, sentence.Errorf("a webcam's name is one such as webcam:/dev/video0; webcam: alone is the first one")
	}
	return &webcam{device: device, ffmpeg: program}, nil
}

func (w *webcam) Run(ctx context.Context, out *Output) error {
	f := &ffmpeg{shown: w.device, codec: "video", format: "webcam through ffmpeg", set: w.ffmpeg}
	if w.device == "" {
		program, err := FindFFmpeg(w.ffmpeg)
		if err != nil {
			return f.missing(err)
		}
		there := Webcams(ctx, program)
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if len(there) == 0 {
			return &Problem{Reason: Reason{Sentence: "This computer has no webcam. Plug one in, or give this camera another address."}}
		}
		f.shown = there[0].Device
	}
	f.inputs = webcamInputs(runtime.GOOS, f.shown)
	return f.Run(ctx, out)
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
		return []input{{source: []string{"-f", "avfoundation", "-framerate", "30", "-i", device + ":none"}}}
	}
	return []input{
		{source: []string{"-f", "v4l2", "-input_format", "mjpeg", "-i", device}, copy: true},
		{source: []string{"-f", "v4l2", "-i", device}},
	}
}
