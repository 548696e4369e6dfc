package camera_test

import (
	"strings"
	"testing"

	"traycam/streaming/camera"
	"traycam/streaming/fuzzed"
)

func TestOpen(t *testing.T) {
	for _, c := range []struct{ url, wrong string }{
		{"tcp://10.0.0.7:8888", ""},
		{"tcp://camera.local:8888/", ""},
		{"tcp://[fe80::1]:8888", ""},
		{" tcp://:9001?listen ", ""},
		{"tcp://127.0.0.1:9001?listen", ""},
		{"tcp://:9001?listen&allow=192.168.1.0/24,10.0.0.7,fd00::/8", ""},
		{"http://10.0.0.7/stream", ""},
		{"https://me:secret@camera.local:8443/snap.jpg?channel=1#interval=500ms&pin=sha256:" + strings.Repeat("A1:", 31) + "b2", ""},
		{"http://[fe80::1%25eth0]/#interval=1h", ""},
		{"rtsp://10.0.0.7/stream", ""},
		{"rtsp://me:secret@camera.local:8554/stream?channel=1", ""},
		{"ffmpeg:rtsp://me:secret@10.0.0.7/stream", ""},
		{"ffmpeg:/home/me/100% film.mp4", ""},
		{" webcam: ", ""},
		{"webcam:/dev/video2", ""},
		{"push:", ""},
		{"push:?key=abcdef_9", ""},
		{"test:", ""},
		{"test:?size=1280x720&fps=30", ""},

		{"", "is not a camera address"},
		{"10.0.0.7:8888", "is not a camera address"},
		{"camera", "is not a camera address"},
		{"ftp://10.0.0.7", "is not a kind of camera address"},
		{"tcp://10.0.0.7", "port is missing"},
		{"tcp://10.0.0.7:0", "port is missing"},
		{"tcp://10.0.0.7:65536", "port is missing"},
		{"tcp://:9001", "type the camera's address"},
		{"tcp://10.0.0.7:8888/stream", "nothing before the host or after the port"},
		{"tcp://me:secret@10.0.0.7:8888", "nothing before the host"},
		{"tcp://10.0.0.7:8888?allow=10.0.0.0/8", "goes with ?listen"},
		{"tcp://:9001?listen&allow=home", "neither an address nor a network"},
		{"tcp://:9001?lisen", `"lisen" after the ? is not known`},
		{"http:///stream", "the camera's address is missing"},
		{"http://:81/stream", "the camera's address is missing"},
		{"http://10.0.0.7:0/stream", "not a number from 1 to 65535"},
		{"http://10.0.0.7:99999/stream", "not a number from 1 to 65535"},
		{"http://me:secret@10.0.0.7:port/", "is not a camera address"},
		{"http://me:secret%0d%0aX:@10.0.0.7/", "cannot be typed"},
		{"http://me:1#secret@10.0.0.7/", "has to be written as %23"},
		{"http://10.0.0.7/#interval=1", "Example: #interval=2s"},
		{"http://10.0.0.7/#interval=99ms", "not a time from 100ms to 1h"},
		{"http://10.0.0.7/#interval=61m", "not a time from 100ms to 1h"},
		{"http://10.0.0.7/#intervall=1s", `"intervall" after the # is not known`},
		{"http://me:secret@10.0.0.7/#top", `"top" after the # is not known`},
		{"https://10.0.0.7/#pin=sha256:12", "64 digits"},
		{"https://10.0.0.7/#pin=" + strings.Repeat("a1", 32), "64 digits"},
		{"http://10.0.0.7/#%zz", "is not a camera address"},
		{"http://10.0.0.7/#a;b", "cannot be read"},
		{"rtsp:", "name or number is missing"},
		{"rtsp:10.0.0.7", "name or number is missing"},
		{"rtsp://10.0.0.7/stream#secret", "no #"},
		{"rtsp://me:sec#ret@10.0.0.7/stream", "is not a camera address"},
		{"ffmpeg:", "is missing"},
		{"ffmpeg:-version", "cannot begin with -"},
		{"ffmpeg: -i secret", "cannot begin with -"},
		{"webcam:-i", "cannot begin with -"},
		{"push:?key=secret", "8 or more"},
		{"push:?key=", "8 or more"},
		{"push:?key=secret-secret!", "8 or more"},
		{"push:?key=secretsecret&key=secretsecret", "8 or more"},
		{"push:?key=secret%zz", "8 or more"},
		{"push:?key=secret\x01", "not a camera address"},
		{"push:?kye=secretsecret", `"kye" after the ? is not known`},
		{"push://somewhere/", "is only push:"},
		{"push:front", "is only push:"},
		{"test:?size=1x1", "is not a size"},
		{"test:?size=99999x99999", "is not a size"},
		{"test:?size=640", "is not a size"},
		{"test:?fps=0", "whole number"},
		{"test:?fps=many", "whole number"},
	} {
		_, err := camera.Open(c.url, camera.Options{Name: "Door"})
		switch {
		case c.wrong == "" && err != nil:
			t.Errorf("%q: %v", c.url, err)
		case c.wrong != "" && err == nil:
			t.Errorf("%q was taken", c.url)
		case err != nil && !strings.Contains(err.Error(), c.wrong):
			t.Errorf("%q: %v, want it to say %q", c.url, err, c.wrong)
		case err != nil && strings.Contains(err.Error(), "secret"):
			t.Errorf("%q: the password is in the error: %v", c.url, err)
		}
	}
}

// Whatever is typed, an RTSP address above all, there is a camera or a sentence,
// and a password in neither.
func FuzzOpen(f *testing.F) {
	for _, url := range []string{
		"tcp://10.0.0.7:8888", "tcp://:9001?listen&allow=10.0.0.0/8", "test:?size=640x480", "push:?key=sesameopen",
		"rtsp://me:sesameopen@10.0.0.7/x?y#z", "ffmpeg:rtsp://me:sesameopen@[::1]:554/", "webcam:/dev/video0", "rtsp://%zz", "push:?key=%",
	} {
		f.Add(url)
	}
	f.Fuzz(func(t *testing.T, url string) {
		fuzzed.Within(t)
		source, err := camera.Open(url, camera.Options{Name: "Door"})
		if (source == nil) == (err == nil) {
			t.Errorf("%q: %v, %v", url, source, err)
		}
		for _, before := range []string{"rtsp://me:sesameopen@", "push:?key=sesameopen"} {
			if _, err := camera.Open(before+url, camera.Options{Name: "Door"}); err != nil && !strings.Contains(url, "sesameopen") && strings.Contains(err.Error(), "sesameopen") {
				t.Errorf("%q: %v", url, err)
			}
		}
	})
}
