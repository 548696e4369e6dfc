package camera_test

// servers are the streams of well-known programs, byte for byte as their sources
// write them, but for times, which are made up. Those of HTTP/1.1 send chunks,
// which is a way in which all of these are sent.
var servers = []struct{ name, seen, head, stream, format string }{
	{
		"mjpg-streamer, as on OctoPi", "source:jacksonliam/mjpg-streamer:mjpg-streamer-experimental/plugins/output_http/httpd.c",
		"HTTP/1.0 200 OK\r\nConnection: close\r\nServer: MJPG-Streamer/0.2\r\nCache-Control: no-store, no-cache, must-revalidate, pre-check=0, post-check=0, max-age=0\r\nPragma: no-cache\r\nExpires: Mon, 3 Jan 2000 12:34:56 GMT\r\nContent-Type: multipart/x-mixed-replace;boundary=boundarydonotcross\r\n\r\n",
		"--boundarydonotcross\r\nContent-Type: image/jpeg\r\nContent-Length: %n\r\nX-Timestamp: 1700000000.000123\r\n\r\n%1\r\n--boundarydonotcross\r\nContent-Type: image/jpeg\r\nContent-Length: %n\r\nX-Timestamp: 1700000000.100123\r\n\r\n%2\r\n--boundarydonotcross\r\nContent-Type: image/jpeg\r\nContent-Length: %n\r\nX-Timestamp: 1700000000.200123\r\n\r\n%3\r\n--boundarydonotcross\r\n",
		multi,
	},
	{
		"webcamXP: 50 bytes before each picture, a length of the whole", "mjpg-streamer's imitation of it (source:jacksonliam/mjpg-streamer:mjpg-streamer-experimental/plugins/output_http/httpd.c)",
		"HTTP/1.1 200 OK\r\nConnection: keep-alive\r\nContent-Type: multipart/x-mixed-replace; boundary=--myboundary\r\nContent-Length: 9999999\r\nCache-control: no-cache, must revalidate\r\nDate: Mon, 02 Jan 2006 15:04:05 CET\r\nExpires: Mon, 02 Jan 2006 14:41:05 CET\r\nPragma: no-cache\r\nServer: webcamXP\r\n\r\n",
		webcamXP + "%1" + webcamXP + "%2" + webcamXP + "%3",
		multi,
	},
	{
		"ustreamer", "source:pikvm/ustreamer:src/ustreamer/http/server.c",
		ustreamer,
		"--boundarydonotcross\r\nContent-Type: image/jpeg\r\nContent-Length: %n\r\nX-Timestamp: 1700000000.000123\r\n\r\n%1\r\n--boundarydonotcross\r\nContent-Type: image/jpeg\r\nContent-Length: %n\r\nX-Timestamp: 1700000000.100123\r\n\r\n%2\r\n--boundarydonotcross\r\nContent-Type: image/jpeg\r\nContent-Length: %n\r\nX-Timestamp: 1700000000.200123\r\n\r\n%3\r\n--boundarydonotcross\r\n",
		multi,
	},
	{
		"ustreamer with advance_headers", "source:pikvm/ustreamer:src/ustreamer/http/server.c",
		ustreamer,
		"--boundarydonotcross\r\nContent-Type: image/jpeg\r\nX-Timestamp: 1700000000.000123\r\n\r\n%1\r\n--boundarydonotcross\r\nContent-Type: image/jpeg\r\nX-Timestamp: 1700000000.100123\r\n\r\n%2\r\n--boundarydonotcross\r\nContent-Type: image/jpeg\r\nX-Timestamp: 1700000000.200123\r\n\r\n%3\r\n--boundarydonotcross\r\nContent-Type: image/jpeg\r\nX-Timestamp: 1700000000.300123\r\n\r\n",
		multi,
	},
	{
		"ustreamer with extra_headers", "source:pikvm/ustreamer:src/ustreamer/http/server.c",
		ustreamer,
		"--boundarydonotcross\r\n" + ustreamerPart + "%1\r\n--boundarydonotcross\r\n" + ustreamerPart + "%2\r\n--boundarydonotcross\r\n" + ustreamerPart + "%3\r\n--boundarydonotcross\r\n",
		multi,
	},
	{
		"ESP32-CAM CameraWebServer", "source:espressif/arduino-esp32:libraries/ESP32/examples/Camera/CameraWebServer/app_httpd.cpp",
		"HTTP/1.1 200 OK\r\nContent-Type: multipart/x-mixed-replace;boundary=123456789000000000000987654321\r\nTransfer-Encoding: chunked\r\nAccess-Control-Allow-Origin: *\r\nX-Framerate: 60\r\n\r\n",
		esp32 + "%x\r\n%1\r\n" + esp32 + "%x\r\n%2\r\n" + esp32 + "%x\r\n%3\r\n",
		multi,
	},
	{
		"go2rtc", "source:AlexxIT/go2rtc:pkg/mjpeg/writer.go",
		"HTTP/1.1 200 OK\r\nCache-Control: no-cache\r\nConnection: close\r\nContent-Type: multipart/x-mixed-replace; boundary=frame\r\nPragma: no-cache\r\nDate: Mon, 02 Jan 2006 15:04:05 GMT\r\n\r\n",
		"--frame\r\nContent-Type: image/jpeg\r\nContent-Length: %n\r\n\r\n%1\r\n--frame\r\nContent-Type: image/jpeg\r\nContent-Length: %n\r\n\r\n%2\r\n--frame\r\nContent-Type: image/jpeg\r\nContent-Length: %n\r\n\r\n%3\r\n",
		multi,
	},
	{
		"motion", "source:Motion-Project/motion:src/webu_stream.c",
		"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Type: multipart/x-mixed-replace; boundary=BoundaryString\r\nDate: Mon, 02 Jan 2006 15:04:05 GMT\r\n\r\n",
		"--BoundaryString\r\nContent-type: image/jpeg\r\nContent-Length:       %n\r\n\r\n%1\r\n--BoundaryString\r\nContent-type: image/jpeg\r\nContent-Length:       %n\r\n\r\n%2\r\n--BoundaryString\r\nContent-type: image/jpeg\r\nContent-Length:       %n\r\n\r\n%3\r\n",
		multi,
	},
	{
		"picamera2's example", "source:raspberrypi/picamera2:examples/mjpeg_server.py",
		"HTTP/1.0 200 OK\r\nServer: BaseHTTP/0.6 Python/3.11.2\r\nDate: Mon, 02 Jan 2006 15:04:05 GMT\r\nAge: 0\r\nCache-Control: no-cache, private\r\nPragma: no-cache\r\nContent-Type: multipart/x-mixed-replace; boundary=FRAME\r\n\r\n",
		"--FRAME\r\nContent-Type: image/jpeg\r\nContent-Length: %n\r\n\r\n%1\r\n--FRAME\r\nContent-Type: image/jpeg\r\nContent-Length: %n\r\n\r\n%2\r\n--FRAME\r\nContent-Type: image/jpeg\r\nContent-Length: %n\r\n\r\n%3\r\n",
		multi,
	},
	{
		"ffmpeg -f mpjpeg -listen 1: no boundary named", "measured with ffmpeg 5.1; ArduPilot/MissionPlanner#3604",
		"HTTP/1.1 200 OK\r\nContent-Type: application/octet-stream\r\n\r\n",
		"--ffmpeg\r\nContent-type: image/jpeg\r\nContent-length: %n\r\n\r\n%1\r\n--ffmpeg\r\nContent-type: image/jpeg\r\nContent-length: %n\r\n\r\n%2\r\n--ffmpeg\r\nContent-type: image/jpeg\r\nContent-length: %n\r\n\r\n%3\r\n--ffmpeg\r\n",
		multi,
	},
	{
		"Traycam to a program", "this project",
		traycam,
		"--frame\r\nContent-Type: image/jpeg\r\nContent-Length: %n\r\n\r\n%1\r\n--frame\r\nContent-Type: image/jpeg\r\nContent-Length: %n\r\n\r\n%2\r\n--frame\r\nContent-Type: image/jpeg\r\nContent-Length: %n\r\n\r\n%3\r\n--frame\r\n",
		multi,
	},
	{
		"Traycam to a browser: each part's headers one part ahead", "this project",
		traycam,
		"--frame\r\nContent-Type: image/jpeg\r\n\r\n%1\r\n--frame\r\nContent-Type: image/jpeg\r\n\r\n%2\r\n--frame\r\nContent-Type: image/jpeg\r\n\r\n%3\r\n--frame\r\nContent-Type: image/jpeg\r\n\r\n",
		multi,
	},
}

const (
	webcamXP  = "mjpeg 000004212345\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00"
	ustreamer = "HTTP/1.0 200 OK\r\nAccess-Control-Allow-Origin: *\r\nCache-Control: no-store, no-cache, must-revalidate, proxy-revalidate, pre-check=0, post-check=0, max-age=0\r\nPragma: no-cache\r\nExpires: Mon, 3 Jan 2000 12:34:56 GMT\r\nSet-Cookie: stream_client=0/61a2f; path=/; max-age=30\r\nContent-Type: multipart/x-mixed-replace;boundary=boundarydonotcross\r\n\r\n"

	ustreamerPart = "Content-Type: image/jpeg\r\nContent-Length: %n\r\nX-Timestamp: 1700000000.000123\r\n" +
		"X-UStreamer-Online: true\r\nX-UStreamer-Dropped: 0\r\nX-UStreamer-Width: 640\r\nX-UStreamer-Height: 480\r\nX-UStreamer-Client-FPS: 30\r\n" +
		"X-UStreamer-Grab-Time: 100.000123\r\nX-UStreamer-Encode-Begin-Time: 100.000124\r\nX-UStreamer-Encode-End-Time: 100.000125\r\n" +
		"X-UStreamer-Expose-Begin-Time: 100.000126\r\nX-UStreamer-Expose-Cmp-Time: 100.000127\r\nX-UStreamer-Expose-End-Time: 100.000128\r\n" +
		"X-UStreamer-Send-Time: 100.000129\r\nX-UStreamer-Latency: 0.000006\r\n\r\n"

	// A boundary in a chunk, then the part's headers in one; %n has three digits here.
	esp32 = "24\r\n\r\n--123456789000000000000987654321\r\n\r\n51\r\nContent-Type: image/jpeg\r\nContent-Length: %n\r\nX-Timestamp: 1700000000.000123\r\n\r\n\r\n"

	traycam = "HTTP/1.1 200 OK\r\nCache-Control: private, no-cache, no-store, max-age=0\r\nConnection: close\r\nContent-Type: multipart/x-mixed-replace;boundary=frame\r\nCross-Origin-Resource-Policy: cross-origin\r\nPragma: no-cache\r\nReferrer-Policy: no-referrer\r\nX-Content-Type-Options: nosniff\r\n\r\n"
)
