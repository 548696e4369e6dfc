package ui

import (
	"strings"
	"testing"
	"time"

	"traycam/app"
)

func TestCameraWords(t *testing.T) {
	retrying := makeCamera("a", "A", "tcp://h:1", "retrying")
	retrying.NextTry = at.Add(3200 * time.Millisecond)
	late := retrying
	late.NextTry = at.Add(-time.Second)
	for _, test := range []struct {
		camera app.Camera
		mark   mark
		word   string
	}{
		{makeCamera("a", "A", "", "off"), markOff, "Off"},
		{makeCamera("a", "A", "", "connecting"), markWaiting, "Connecting"},
		{makeCamera("a", "A", "", "waiting"), markWaiting, "Waiting"},
		{makeCamera("a", "A", "", "live"), markLive, "Live"},
		{makeCamera("a", "A", "", "stalled"), markAttention, "No picture"},
		{retrying, markAttention, "Trying again in 4 s"},
		{late, markAttention, "Trying again"},
	} {
		if m, word := cameraWords(test.camera.Status, at); m != test.mark || word != test.word {
			t.Errorf("%v: %v %q, want %v %q", test.camera.State, m, word, test.mark, test.word)
		}
	}
}

func TestNumbers(t *testing.T) {
	for _, test := range []struct{ got, want string }{
		{bitRate(0), "0 kbit/s"},
		{bitRate(850e3), "850 kbit/s"},
		{bitRate(999.6e3), "1 Mbit/s"},
		{bitRate(21e6), "21 Mbit/s"},
		{bitRate(1.25e9), "1.2 Gbit/s"},
		{decimal(29.8), "29.8"},
		{decimal(30.02), "30"},
		{decimal(119.88), "120"},
		{count(0, "%d viewers"), "0 viewers"},
		{count(1, "%d viewers"), "1 viewer"},
		{totals(house()), "4 cameras · 1 live · 4 viewers · 63 Mbit/s out"},
		{totals(app.Snapshot{}), ""},
		{cameraNumbers(house().Cameras[0]), "1280×720 · 29.8 fps · 21 Mbit/s"},
		{cameraNumbers(house().Cameras[1]), ""},
		{shortURL("http://localhost:8090/"), "http://localhost:8090"},
	} {
		if test.got != test.want {
			t.Errorf("%q, want %q", test.got, test.want)
		}
	}
}

func TestAddresses(t *testing.T) {
	for _, test := range []struct {
		url  string
		want address
		says string
	}{
		{"tcp://:9001?listen", address{kind: kindListen, port: "9001"}, "connects to port 9001"},
		{"tcp://:9001?listen&allow=10.0.0.0/8,::1/128", address{kind: kindListen, port: "9001", allow: "10.0.0.0/8, ::1/128"}, "connects to port 9001"},
		{"tcp://10.0.0.7:8888", address{kind: kindDial, host: "10.0.0.7", port: "8888"}, "we connect to 10.0.0.7:8888"},
		{"tcp://[fe80::1]:8888", address{kind: kindDial, host: "fe80::1", port: "8888"}, "we connect to [fe80::1]:8888"},
		{"test:", address{kind: kindTest}, "test picture"},
		{"test:?size=640x360&fps=5", address{kind: kindTest, size: "640x360", fps: "5"}, "test picture"},
		// Kept whole, as the fields would lose something.
		{"tcp://192.168.1.5:9001?listen", address{kind: kindOther, raw: "tcp://192.168.1.5:9001?listen"}, "connects to 192.168.1.5:9001"},
		{"tcp://10.0.0.7:8888?new=1", address{kind: kindOther, raw: "tcp://10.0.0.7:8888?new=1"}, "we connect to 10.0.0.7:8888"},
		{"http://u:secret@cam/v.mjpg", address{kind: kindWeb, url: "http://cam/v.mjpg", user: "u", password: "secret"}, "we connect to cam"},
		{"http://cam:81/?a=b@c#interval=2s", address{kind: kindWeb, url: "http://cam:81/?a=b@c#interval=2s"}, "we connect to cam:81"},
		{"rtsp://u:a%40b%2F@cam/1", address{kind: kindRTSP, url: "rtsp://cam/1", user: "u", password: "a@b/"}, "we connect to cam"},
		{"push:", address{kind: kindPush}, "a program posts pictures"},
		{"push:?key=secretsecret", address{kind: kindPush, key: "secretsecret"}, "a program posts pictures"},
		{"ffmpeg:rtsp://u:secret@cam/1", address{kind: kindOther, raw: "ffmpeg:rtsp://u:secret@cam/1"}, "through ffmpeg"},
		{"webcam:/dev/video2", address{kind: kindWebcam, device: "/dev/video2"}, "a webcam of this computer"},
		{"http://[", address{kind: kindOther, raw: "http://["}, "unknown address"},
	} {
		got := parseAddress(test.url)
		if got != test.want {
			t.Errorf("%s: %+v, want %+v", test.url, got, test.want)
		}
		if back := got.URL(); back != test.url {
			t.Errorf("%s became %s", test.url, back)
		}
		if says := describeAddress(test.url); says != test.says || strings.Contains(says, "secret") {
			t.Errorf("%s is told as %q, want %q", test.url, says, test.says)
		}
	}
}

func TestLooksWhole(t *testing.T) {
	for _, test := range []struct {
		text string
		want address
		ok   bool
	}{
		{"10.0.0.7", address{}, false},
		{"10.0.0.7:", address{}, false},
		{"10.0.0.7:8888", address{kind: kindDial, host: "10.0.0.7", port: "8888"}, true},
		{"10.0.0.7:88888", address{}, false},
		{"fe80::1", address{}, false},
		{"[fe80::1]:80", address{kind: kindDial, host: "fe80::1", port: "80"}, true},
		{"tcp://", address{}, false},
		{" tcp://cam:1 ", address{kind: kindDial, host: "cam", port: "1"}, true},
		{"rtsp://cam/1", address{kind: kindRTSP, url: "rtsp://cam/1"}, true},
		{"test:", address{kind: kindTest}, true},
		{"ffmpeg:/film.mp4", address{kind: kindOther, raw: "ffmpeg:/film.mp4"}, true},
	} {
		if got, ok := looksWhole(test.text); got != test.want || ok != test.ok {
			t.Errorf("%q: %+v %v, want %+v %v", test.text, got, ok, test.want, test.ok)
		}
	}
}
