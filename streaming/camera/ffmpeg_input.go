package camera

import (
	"net/url"
	"os"
	"strings"
)

// input is how ffmpeg is told what to read.
type input struct {
	source []string
	stdin  string
	copy   bool   // it is Motion JPEG already
	file   string // to be played as fast as it was filmed, again and again, if it is one
}

// args are the command line; old is for ffmpeg before 5.1.
func (in input) args(old bool) []string {
	args := []string{"-nostdin", "-hide_banner", "-loglevel", "error"}
	if info, err := os.Stat(in.file); err == nil && info.Mode().IsRegular() {
		args = append(args, "-re", "-stream_loop", "-1")
	}
	args = append(args, in.source...)
	passthrough := "-fps_mode" // #nosec G101 -- each picture once: it would make up for a rate that it guesses wrongly
	if old {
		passthrough = "-vsync"
	}
	if in.copy {
		args = append(args, "-an", "-c:v", "copy")
	} else {
		args = append(args, "-an", passthrough, "passthrough", "-c:v", "mjpeg", "-q:v", "5", "-pix_fmt", "yuvj420p")
	}
	return append(args, "-flush_packets", "1", "-f", "mjpeg", "pipe:1")
}

// urlInputs keep an address with a password out of the list of processes,
// which everybody on this computer may read: it goes through standard input, as
// a list of one. With rtsp, TCP comes first, on which nothing gets lost.
func urlInputs(u *url.URL, address string) []input {
	list := "ffconcat version 1.0\nfile '" + strings.ReplaceAll(u.String(), "'", `'\''`) + "'\n"
	listed := []string{"-f", "concat", "-safe", "0", "-protocol_whitelist", "pipe,rtsp,rtsps,rtp,srtp,tcp,udp,tls,http,https,httpproxy,crypto,rtmp,rtmps,rtmpt,srt,ftp,mmsh", "-i", "pipe:0"}
	if u.Scheme != "rtsp" {
		if u.User != nil {
			return []input{{source: listed, stdin: list}}
		}
		return []input{{source: []string{"-i", address}}}
	}
	tuned := []string{"-analyzeduration", "1000000"} // microseconds; it would look at 5 s before the first picture
	if u.User == nil {
		return []input{
			{source: append(tuned, "-rtsp_transport", "tcp", "-i", address)},
			{source: append(tuned, "-rtsp_transport", "udp", "-i", address)},
		}
	}
	source := append(tuned, listed...)
	return []input{
		{source: source, stdin: list + "option rtsp_transport tcp\n"},
		{source: source, stdin: list + "option rtsp_transport udp\n"},
		{source: source, stdin: list}, // ffmpeg before 5.0 knows no options there
	}
}
