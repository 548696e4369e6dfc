package camera

import (
	"os"
	"path/filepath"
	"slices"
	"testing"
)

// The trees of /sys and /run/udev, made up as a notebook has them: a webcam with
// its metadata, an infrared one, a decoder, and a device that is not there.
func TestV4L2Webcams(t *testing.T) {
	root := t.TempDir()
	write := func(path, text string) {
		t.Helper()
		path = filepath.Join(root, path)
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for _, d := range []struct{ video, name, index, dev, udev string }{
		{"video0", "Integrated Camera: Integrated C\n", "0\n", "81:0\n", "V2\nE:ID_V4L_VERSION=2\nE:ID_V4L_CAPABILITIES=:capture:\nG:uaccess\n"},
		{"video1", "Integrated Camera: Integrated C\n", "1\n", "81:1\n", "E:ID_V4L_CAPABILITIES=:\n"},
		{"video2", "Integrated Camera: Integrated I\n", "2\n", "81:2\n", "E:ID_V4L_CAPABILITIES=:capture:\n"},
		{"video10", "bcm2835-codec-decode\n", "0\n", "81:3\n", "E:ID_V4L_CAPABILITIES=:video_output:\n"},
		{"video4", "HD Webcam C525\n", "0\n", "81:4\n", ""}, // without udev
		{"video5", "HD Webcam C525\n", "1\n", "81:5\n", ""},
		{"video6", "", "", "", ""}, // an old kernel
	} {
		dir := "sys/class/video4linux/" + d.video + "/"
		write(dir+"uevent", "")
		for name, text := range map[string]string{"name": d.name, "index": d.index, "dev": d.dev} {
			if text != "" {
				write(dir+name, text)
			}
		}
		if d.udev != "" {
			write("run/udev/data/c"+d.dev[:len(d.dev)-1], d.udev)
		}
		write("dev/"+d.video, "")
	}
	write("sys/class/video4linux/video7/name", "not in this container\n")
	want := []Webcam{
		{"/dev/video0", "Integrated Camera: Integrated C"},
		{"/dev/video2", "Integrated Camera: Integrated I"},
		{"/dev/video4", "HD Webcam C525"},
		{"/dev/video6", "/dev/video6"},
	}
	if got := v4l2Webcams(root); !slices.Equal(got, want) {
		t.Errorf("%+v", got)
	}
	if got := v4l2Webcams(t.TempDir()); len(got) != 0 {
		t.Errorf("without devices: %+v", got)
	}
}

// What ffmpeg says on Windows, as people put it into questions and bug reports.
func TestDShowWebcams(t *testing.T) {
	for name, c := range map[string]struct {
		text string
		want []Webcam
	}{
		"ffmpeg 4": {`ffmpeg version 4.3.1 Copyright (c) 2000-2020 the FFmpeg developers
[dshow @ 0000023325be21c0] DirectShow video devices (some may be both video and audio devices)
[dshow @ 0000023325be21c0]  "Integrated Camera"
[dshow @ 0000023325be21c0]     Alternative name "@device_pnp_\\?\usb#vid_0bda&pid_5719&mi_00#6&2f2aea22&0&0000#{65e8773d-8f56-11d0-a3b9-00a0c9223196}\global"
[dshow @ 0000023325be21c0] DirectShow audio devices
[dshow @ 0000023325be21c0]  "Internal Microphone (Conexant 20751 SmartAudio HD)"
[dshow @ 0000023325be21c0]     Alternative name "@device_cm_{33D9A762-90C8-11D0-BD43-00A0C911CE86}\wave_{282C5434-3354-4349-88E3-F7A5AD9ABD8B}"
dummy: Immediate exit requested
`, []Webcam{{"Integrated Camera", "Integrated Camera"}}},
		"ffmpeg 8, where a driver speaks in between": {`[dshow @ 000001bda4345040] "OBS Virtual Camera" (none)
[dshow @ 000001bda4345040]   Alternative name "@device_sw_{860BB310-5D01-11D0-BD3B-00A0C911CE86}\{A3FCE0F5-3493-419F-958A-ABA1250EC20B}"
[dshow @ 000001bda4345040] "HD Pro Webcam C920" (video)
[dshow @ 000001bda4345040]   Alternative name "@device_pnp_\\?\usb#vid_046d&pid_082d&mi_00#7&37f5ebfe&0&0000#{65e8773d-8f56-11d0-a3b9-00a0c9223196}\global"
I2026-08-24 13:50:35.707108 (22292) [INFO] [VCAMDS] ffmpeg.exe
E2026-08-24 13:50:35.707108 (22292)  [ERR] [VCAMDS] Failed to open NBX hive
[dshow @ 000001bda4345040] "Camera (NVIDIA Broadcast)" (video)
[dshow @ 000001bda4345040]   Alternative name "@device_sw_{860BB310-5D01-11D0-BD3B-00A0C911CE86}\{7BBFF097-B3FB-4B26-B685-7A998DE7CEAC}"
[dshow @ 000001bda4345040] "Capture Card" (audio, video)
[dshow @ 000001bda4345040] "Digital Audio Interface (USB Digital Audio)" (audio)
[dshow @ 000001bda4345040]   Alternative name "@device_cm_{33D9A762-90C8-11D0-BD43-00A0C911CE86}\wave_{92C7D8DF-8163-44D6-B8F8-FC87D2C1D1F2}"
Error opening input file dummy.
`, []Webcam{
			{"HD Pro Webcam C920", "HD Pro Webcam C920"},
			{"Camera (NVIDIA Broadcast)", "Camera (NVIDIA Broadcast)"},
			{"Capture Card", "Capture Card"},
			{"OBS Virtual Camera", "OBS Virtual Camera"},
		}},
		"two of the same name, with Windows' line ends": {"[in#0 @ 0002] \"USB Camera\" (video)\r\n[in#0 @ 0002]   Alternative name \"@device_pnp_1\"\r\n[in#0 @ 0002] \"USB Camera\" (video)\r\n[in#0 @ 0002]   Alternative name \"@device_pnp_2\"\r\n", []Webcam{
			{"USB Camera", "USB Camera"},
			{"@device_pnp_2", "USB Camera"},
		}},
		"none": {"[dshow @ 05] DirectShow video devices (some may be both video and audio devices)\n[dshow @ 05] Could not enumerate video devices (or none found).\n[dshow @ 05] DirectShow audio devices\n[dshow @ 05]  \"Microphone\"\n", nil},
	} {
		if got := dshowWebcams(c.text); !slices.Equal(got, c.want) {
			t.Errorf("%s: %+v", name, got)
		}
	}
}

// The same of macOS.
func TestAVFoundationWebcams(t *testing.T) {
	got := avfoundationWebcams(`[AVFoundation input device @ 0x7ff80b497440] AVFoundation video devices:
[AVFoundation input device @ 0x7ff80b497440] [0] CamTwist
[AVFoundation input device @ 0x7ff80b497440] [1] FaceTime HD Camera (Built-in)
[AVFoundation input device @ 0x7ff80b497440] [2] CamTwist
[AVFoundation input device @ 0x7ff80b497440] [3] Capture screen 0
[AVFoundation input device @ 0x7ff80b497440] AVFoundation audio devices:
[AVFoundation input device @ 0x7ff80b497440] [0] Soundflower (64ch)
[AVFoundation input device @ 0x7ff80b497440] [1] Built-in Microphone
: Input/output error
`)
	want := []Webcam{
		{"CamTwist", "CamTwist"},
		{"FaceTime HD Camera (Built-in)", "FaceTime HD Camera (Built-in)"},
		{"2", "CamTwist"},
	}
	if !slices.Equal(got, want) {
		t.Errorf("%+v", got)
	}
}

func TestWhereFFmpegMayBe(t *testing.T) {
	env := func(name string) string {
		return map[string]string{"LOCALAPPDATA": "local", "ProgramFiles": "programs"}[name]
	}
	for system, want := range map[string][]string{
		"darwin":  {"/opt/homebrew/bin/ffmpeg", "/usr/local/bin/ffmpeg"},
		"windows": {filepath.Join("own", "ffmpeg.exe"), filepath.Join("local", "Microsoft", "WinGet", "Links", "ffmpeg.exe")},
		"linux":   nil,
	} {
		got := ffmpegPlaces(system, "own", env)
		for _, place := range want {
			if !slices.Contains(got, place) {
				t.Errorf("%s: %s is not among %q", system, place, got)
			}
		}
	}
}
