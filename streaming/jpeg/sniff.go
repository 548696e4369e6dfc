package jpeg

import (
	"bytes"
	"strings"
)

// signatures are what streams begin with that are no JPEG images.
var signatures = []struct{ begin, words string }{
	{"\x89PNG\r\n", "PNG pictures"},
	{"GIF8", "a GIF picture"},
	{"RIFF", "an AVI or WebP file"},
	{"\x00\x00\x00\x01", "H.264 or H.265 video"},
	{"\x00\x00\x01", "H.264, H.265 or MPEG video"},
	{"FLV", "Flash video"},
	{"RTSP/", "an RTSP camera"},
	{"SSH-", "an SSH server"},
	{"\x1aE\xdf\xa3", "Matroska or WebM video"},
	{"<?xml", "an XML file"},
	{"{", "JSON text"},
}

// Sniff tells in words what a stream without images looks like by its first
// bytes, such as "a web page". Empty where that cannot be told.
func (r *Reader) Sniff() string {
	begin := r.first[:min(r.stats.Bytes, uint64(len(r.first)))]
	if bytes.HasPrefix(begin, []byte("--")) { // a part: what stands behind its headers
		if _, part, found := bytes.Cut(begin, []byte("\r\n\r\n")); found {
			begin = part
		}
	}
	for _, s := range signatures {
		if bytes.HasPrefix(begin, []byte(s.begin)) {
			return s.words
		}
	}
	if len(begin) > 8 && string(begin[4:8]) == "ftyp" {
		return "an MP4 file"
	}
	const packet = 188 // ISO 13818-1, 2.4.3.2: each begins with 'G'
	if len(begin) > packet && begin[0] == 'G' && begin[packet] == 'G' {
		return "MPEG transport stream video"
	}
	lower := strings.ToLower(strings.TrimSpace(string(begin)))
	if strings.HasPrefix(lower, "<!doctype html") || strings.HasPrefix(lower, "<html") {
		return "a web page"
	}
	return ""
}
