package camera_test

import (
	"bytes"
	"encoding/binary"
	stdjpeg "image/jpeg"
	"net"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"

	"traycam/streaming/camera"
)

// jpegQuirks are what stands in cameras' JPEGs and between them, sent over TCP
// by a camera that waits for us.
func jpegQuirks() (all []quirk) {
	a, b, c := string(still(16)), string(still(24)), string(still(32))
	length := func(order binary.AppendByteOrder, s string) string {
		return string(order.AppendUint32(nil, uint32(len(s)))) + s
	}
	for _, q := range []struct {
		name, seen, stream, format string
		pictures                   []string
	}{
		{"one JPEG behind the other", "rpicam-vid, ffmpeg -f mjpeg", a + b + c, "bare JPEGs", []string{a, b, c}},
		{"multipart without an answer before it", "GStreamer's multipartmux, ffmpeg -f mpjpeg", "--x\r\nContent-Type: image/jpeg\r\n\r\n" + a + "\r\n--x\r\nContent-Type: image/jpeg\r\n\r\n" + b + "\r\n--x\r\n", "multipart", []string{a, b}},
		{"multipart with an HTTP answer before it", "lycorp-jp/sim-use#131", "HTTP/1.1 200 OK\r\nContent-Type: multipart/x-mixed-replace; boundary=--mjpegstream\r\n\r\n--mjpegstream\r\nContent-Type: image/jpeg\r\n\r\n" + a + "\r\n--mjpegstream\r\n\r\n" + b + "\r\n", "multipart", []string{a, b}},
		{"4 bytes of length before each, little endian, 0 at the end", "the picamera recipe (waveform80/picamera: rapid capture and streaming)", length(binary.LittleEndian, a) + length(binary.LittleEndian, b) + "\x00\x00\x00\x00", "JPEGs with a length before each", []string{a, b}},
		{"4 bytes of length before each, big endian", "OpenCV clients that pack(\">L\"); variation of the last", length(binary.BigEndian, a) + length(binary.BigEndian, b), "JPEGs with a length before each", []string{a, b}},
		{"a thumbnail with its own FF D9 in EXIF", "libcamera (raspberrypi/rpicam-apps#162)", exif(a, b) + exif(b, a), "bare JPEGs", []string{exif(a, b), exif(b, a)}},
		{"junk and zeros between", "espressif/esp32-camera#162, ArduCAM/Arduino#536", a + junk + b + zeros + c, "bare JPEGs", []string{a, b, c}},
		{"FF before and behind", "ArduCAM/Arduino#85, openMVG/openMVG#303", "\xFF" + a + "\xFF\xFF" + b + "\xFF", "bare JPEGs", []string{a, b}},
		{"FF before markers", "T.81, B.1.1.2; drewnoakes/metadata-extractor#33", fill(a) + fill(b), "bare JPEGs", []string{fill(a), fill(b)}},
		{"FF FF in the scan", "Logitech C170 (espressif/idf-extra-components#471)", scanFill(a) + scanFill(b), "bare JPEGs", []string{scanFill(a), scanFill(b)}},
		{"a segment of its own in front (JBIB, AVI1)", "M5Stack (espressif/esp32-camera#4)", segment(a, "\xE4", "JBIB\x00\x01\x01\x01\x00\x00\x00\x00\x00\x00") + segment(b, "\xE0", "AVI1\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00"), "bare JPEGs", []string{segment(a, "\xE4", "JBIB\x00\x01\x01\x01\x00\x00\x00\x00\x00\x00"), segment(b, "\xE0", "AVI1\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00")}},
		{"what looks like a boundary in a comment", "T.81, B.2.4.5 allows it", segment(a, "\xFE", "\r\n--x\r\n\r\n\xFF\xD8\xFF\xE0\x00\x02\xFF\xD9") + b, "bare JPEGs", []string{segment(a, "\xFE", "\r\n--x\r\n\r\n\xFF\xD8\xFF\xE0\x00\x02\xFF\xD9"), b}},
		{"progressive", "T.81, G", file("progressive.jpg") + a + file("progressive.jpg"), "bare JPEGs", []string{file("progressive.jpg"), a, file("progressive.jpg")}},
		{"restart markers", "T.81, B.1.1.3", file("restart.jpg") + a, "bare JPEGs", []string{file("restart.jpg"), a}},
		{"a picture that breaks off, in the middle of the stream", "droidcam (paolorotolo/droidcam#4)", a + b[:len(b)/2] + c, "bare JPEGs", []string{a, c}},
	} {
		all = append(all, quirk{name: q.name, seen: q.seen, test: func(t *testing.T) {
			r := overTCP(t, q.stream)
			r.awaitExactly(q.pictures)
			r.await(q.format, func() bool { return len(r.formats) == 1 && r.formats[0] == q.format })
		}})
	}
	return append(all,
		quirk{name: "no Huffman tables: completed", seen: "Logitech C910 (AlexxIT/go2rtc#2439), UVC (etemesi254/zune-image#136)", test: withoutTables},
		quirk{name: "H.264, a web page or a refusal instead", seen: "a wrong address; HTTP answers over TCP", says: "looks like H.264", test: TestCameraThatSendsSomethingElse, elsewhere: true},
		quirk{name: "ffmpeg as an HTTP server: ffmpeg -f mpjpeg -listen 1", seen: "the real one", test: ffmpegServes},
		quirk{name: "motion, its stream and its picture", seen: "the real one", test: TestMotion, elsewhere: true},
	)
}

// overTCP supervises a camera that is dialled and sends stream, and then is silent.
func overTCP(t *testing.T, stream string) *rig {
	t.Helper()
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { ln.Close() })
	r := supervise(t, "tcp://"+ln.Addr().String())
	conn, err := ln.Accept()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	send(t, conn, []byte(stream))
	return r
}

// withoutTables sends what most USB cameras do: what comes out has tables, and
// the pixels that were sent.
func withoutTables(t *testing.T) {
	whole := still(48)
	bare := []byte(nil)
	for at := 2; ; { // SOI, then segments up to the scan
		end := at + 2 + int(binary.BigEndian.Uint16(whole[at+2:]))
		if whole[at+1] == 0xDA {
			bare = slices.Concat(whole[:2], bare, whole[at:])
			break
		}
		if whole[at+1] != 0xC4 {
			bare = append(bare, whole[at:end]...)
		}
		at = end
	}
	if len(bare) >= len(whole) {
		t.Fatal("the picture has no tables to lack")
	}
	r := overTCP(t, string(bare)+string(bare))
	r.awaitFrames(2)
	r.awaitState(camera.Live, "")
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, f := range r.frames {
		if _, err := stdjpeg.Decode(bytes.NewReader(f.JPEG)); err != nil || !samePixels(t, f.JPEG, whole) {
			t.Errorf("a picture is not what was sent: %v", err)
		}
	}
}

// segment is a JPEG with a segment of this marker in front.
func segment(jpeg, marker, payload string) string {
	return jpeg[:2] + "\xFF" + marker + string(binary.BigEndian.AppendUint16(nil, uint16(len(payload)+2))) + payload + jpeg[2:]
}

// exif is a JPEG with another one as its thumbnail.
func exif(jpeg, thumbnail string) string {
	return segment(jpeg, "\xE1", "Exif\x00\x00MM\x00*"+thumbnail)
}

// fill is a JPEG with fill bytes before its second and its last marker.
func fill(jpeg string) string {
	return jpeg[:2] + "\xFF\xFF" + jpeg[2:len(jpeg)-2] + "\xFF\xFF\xFF\xD9"
}

// scanFill is a JPEG with a fill byte before an FF 00 that ends its scan.
func scanFill(jpeg string) string {
	return jpeg[:len(jpeg)-2] + "\xFF\xFF\x00\xFF\xD9"
}

func file(name string) string {
	b, err := os.ReadFile("../jpeg/testdata/" + name)
	if err != nil {
		panic(err)
	}
	return string(b)
}

// rtspQuirks are shown by the tests of RTSP.
func rtspQuirks() []quirk {
	return []quirk{
		{name: "TCP, or UDP alone", seen: "AlexxIT/go2rtc#538, home-assistant/core#177058, deepch/RTSPtoWeb#249", test: TestRTSPMotionJPEG, elsewhere: true},
		{name: "restart intervals; tables with every tenth picture; broken packets", seen: "RFC 2435, 3.1.7 and 3.1.8 allow it", test: TestRTSPHeaders, elsewhere: true},
		{name: "a picture too large for RTP", seen: "RFC 2435, 3.1.5: 2040 pixels", says: "choose a smaller size", test: TestRTSPPictureThatIsTooLarge, elsewhere: true},
		{name: "passwords: right, wrong and none", seen: "RFC 7826, 19; scottlamb/retina#62", test: TestRTSPPasswords, elsewhere: true},
		{name: "another size after a break", seen: "RFC 2435 allows it", test: TestRTSPComesBack, elsewhere: true},
		{name: "only sound; nothing there; another address; no RTSP", seen: "RFC 7826, 17; a wrong port", says: "sends no video, only “G711”", test: TestRTSPThatCannotBePlayed, elsewhere: true},
	}
}

// loneQuirks are cameras that serve one at a time.
func loneQuirks() []quirk {
	return []quirk{
		{name: "nobody is let in while a connection is open: password, redirect and stream one after the other", seen: "ESP32-CAM (easytarget/esp32-cam-webserver#51, s60sc/ESP32-CAM_MJPEG2SD#191)", test: oneAfterTheOther},
		{name: "it breaks off in the middle of a picture and comes back", seen: "ESP32-CAM; variation of raspberrypi/rpicam-apps#414", test: breaksOff},
		{name: "it hangs up at once on the second", seen: "ESP32-CAM (s60sc/ESP32-CAM_MJPEG2SD#191)", says: "many cameras allow one viewer", test: func(t *testing.T) { sends(t, "", "many cameras allow one viewer") }},
		{name: "it connects to us twice: the second is refused", seen: "variation of eloquentarduino/EloquentVision#8", says: "a second connection, from 127.0.0.1, was refused", test: TestListeningCamera, elsewhere: true},
		{name: "it connects anew and has left a silent connection behind", seen: "variation of eloquentarduino/EloquentVision#8", says: "took the place of one that had fallen silent", test: TestNewConnectionReplacesASilentOne, elsewhere: true},
	}
}

// oneAfterTheOther has a camera that answers nobody before the last connection is gone.
func oneAfterTheOther(t *testing.T) {
	pictures := three(t)
	var serving sync.Mutex
	address := quirky(t, func(r *request) bool {
		serving.Lock()
		defer serving.Unlock()
		switch user, pass, _ := r.BasicAuth(); {
		case user != "me" || pass != password:
			r.send("HTTP/1.1 401 Unauthorized\r\nWWW-Authenticate: Basic realm=x\r\n\r\n")
		case r.URL.Path == "/":
			r.send("HTTP/1.1 302 Found\r\nLocation: /stream\r\n\r\n")
		default:
			r.send(mixed("x"), "--x\r\n\r\n", strings.Join(pictures[:], "\r\n--x\r\n\r\n"))
		}
		r.linger() // until it hangs up
		return false
	})
	watch(t, web("http", address, "/")).awaitExactly(pictures[:])
}
