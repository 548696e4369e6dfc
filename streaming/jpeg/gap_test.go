package jpeg

import (
	"bytes"
	"errors"
	"fmt"
	"strings"
	"testing"
)

func TestMultipart(t *testing.T) {
	a, b, c := picture(1), picture(2), exif(picture(3), picture(4))
	images := [][]byte{a, b, c}
	// Each spelling is a stream's beginning, what stands before and behind each
	// image, and the stream's end. %d is the image's length.
	tests := []struct{ name, begin, before, behind, end string }{
		{"as RFC 2046 has it", "", "--frame\r\nContent-Type: image/jpeg\r\nContent-Length: %d\r\n\r\n", "\r\n", "--frame--\r\n"},
		{"with an HTTP answer", "HTTP/1.1 200 OK\r\nServer: x\r\nContent-Type: multipart/x-mixed-replace; boundary=frame\r\n\r\n", "--frame\r\nContent-Type: image/jpeg\r\n\r\n", "\r\n", ""},
		{"with 206", "HTTP/1.0 206\r\n\r\n", "--frame\r\n\r\n", "\r\n", ""},
		{"boundary doubled", "", "----frame\r\nContent-Type: image/jpeg\r\n\r\n", "\r\n", ""},
		{"boundary with -- behind", "", "--frame--\r\nContent-Type: image/jpeg\r\n\r\n", "\r\n", ""},
		{"first boundary missing", "HTTP/1.1 200 OK\r\nServer: x\r\n\r\n", "Content-Type: image/jpeg\r\n\r\n", "\r\n--frame\r\n", ""},
		{"first boundary missing, no answer", "", "Content-Type: image/jpeg\r\n\r\n", "\r\n--frame\r\n", ""},
		{"boundary behind the image", "", "Content-Type: image/jpeg\r\nContent-Length: %d\r\n\r\n", "--frame\r\n", ""},
		{"no boundary", "", "Content-Type: image/jpeg\r\n\r\n", "\r\n", ""},
		{"no Content-Type", "", "--frame\r\nContent-Length: %d\r\n\r\n", "\r\n", ""},
		{"no headers", "", "--frame\r\n\r\n", "\r\n", ""},
		{"no headers, no empty line", "", "--frame\r\n", "\r\n", ""},
		{"no empty line", "", "--frame\r\nContent-Type: image/jpeg\r\n", "\r\n", ""},
		{"two empty lines", "", "--frame\r\nContent-Type: image/jpeg\r\n\r\n\r\n", "\r\n", ""},
		{"wrong length", "", "--frame\r\nContent-Type: image/jpeg\r\nContent-Length: 17\r\n\r\n", "\r\n", ""},
		{"negative length", "", "--frame\r\nContent-Length: -1\r\n\r\n", "\r\n", ""},
		{"length padded with spaces", "", "--frame\r\nContent-Type: image/jpeg\r\nContent-Length:        %d   \r\n\r\n", "\r\n", ""},
		{"bare LF", "HTTP/1.0 200 OK\nServer: GoAhead\n\n", "--frame\nContent-Type: image/jpeg\nContent-Length: %d\n\n", "\n", "--frame--\n"},
		{"a header that is only a date", "HTTP/1.1 200 OK\r\nThu Jan  1 00:00:00 1970\r\nServer: x\r\n\r\n", "--frame\r\nThu Jan  1 00:00:00 1970\r\nContent-Type: image/jpeg\r\n\r\n", "\r\n", ""},
		{"no status line", "Server: GoAhead\r\nContent-Type: multipart/x-mixed-replace;boundary=frame\r\n\r\n", "--frame\r\nContent-Type: image/jpeg\r\n\r\n", "\r\n", ""},
		{"other bytes in a header", "HTTP/1.1 200 OK\r\nServer: K\xC3\xA4mera \xE4\r\n\r\n", "--frame\r\nX-Name: T\xC3\xBCr\r\n\r\n", "\r\n", ""},
		{"folded header", "", "--frame\r\nContent-Type: image/jpeg;\r\n\tcharset=x\r\n\r\n", "\r\n", ""},
		{"long header", "", "--frame\r\nX-Long: " + strings.Repeat("x", 20_000) + "\r\n\r\n", "\r\n", ""},
		{"empty parts between", "", "--frame\r\nContent-Type: image/jpeg\r\n\r\n\r\n--frame\r\nContent-Type: image/jpeg\r\n\r\n", "\r\n", ""},
		{"of ffmpeg", "", "--ffmpeg\r\nContent-type: image/jpeg\r\nContent-length: %d\r\n\r\n", "\r\n", ""},
		{"of multipartmux", "", "\r\n--ThisRandomString\r\nContent-Type: image/jpeg\r\nContent-Length: %d\r\n\r\n", "", ""},
		{"end without a line break", "", "--frame\r\n\r\n", "\r\n", "--frame--"},
		{"end inside headers", "", "--frame\r\n\r\n", "\r\n", "--frame\r\nContent-Ty"},
		{"end inside an answer", "", "--frame\r\n\r\n", "\r\n", "HTTP/1.1 4"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			stream := []byte(test.begin)
			for _, image := range images {
				before := test.before
				if strings.Contains(before, "%d") {
					before = fmt.Sprintf(before, len(image))
				}
				stream = join(stream, before, image, test.behind)
			}
			check(t, join(stream, test.end), 0, images, Stats{Shape: Multipart}, "EOF")
		})
	}
}

func TestMultipartWithOtherThings(t *testing.T) {
	a, b := picture(1), picture(2)
	const (
		html = "<html><head>\n<style>\ncolor: red;\n\nmargin:0\n</style>\n<!--\n-->\n<!-- \xC3\xA4 -->\n\nError: busy\n\n</html>"
		png  = "\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\n\nTitle: x\n\n\xFF\xD8\x00Date: y\n\n\x00"
		text = "camera busy"
		head = "--frame\r\nContent-Type: image/jpeg\r\n\r\n"
	)
	jpegPart := join(head, a, "\r\n")
	tests := []struct {
		name   string
		stream []byte
		images [][]byte
		stats  Stats
	}{
		// JunkBytes has the line break before the boundary, which nothing tells from junk.
		{"HTML", join(jpegPart, "--frame\r\nContent-Type: text/html\r\n\r\n", html, "\r\n", head, b), [][]byte{a, b}, Stats{NotJPEG: 1, JunkBytes: uint64(len(html)) + 2}},
		{"HTML first", join("HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n", html, "\r\n", head, b), [][]byte{b}, Stats{NotJPEG: 1, JunkBytes: uint64(len(html)) + 2}},
		{"PNG", join(jpegPart, "--frame\r\nContent-Type: image/png\r\n\r\n", png, "\r\n", head, b), [][]byte{a, b}, Stats{NotJPEG: 1, JunkBytes: uint64(len(png)) + 2}},
		{"PNG without an empty line", join(jpegPart, "--frame\r\nContent-Type: image/png\r\n", png, "\r\n", head, b), [][]byte{a, b}, Stats{NotJPEG: 1, JunkBytes: uint64(len(png)) + 2}},
		{"two PNGs", join(jpegPart, "--frame\r\n\r\n", png, "\r\n--frame\r\n\r\n", png, "\r\n", head, b), [][]byte{a, b}, Stats{NotJPEG: 2, JunkBytes: 2*uint64(len(png)) + 4}},
		{"text at the end", join(jpegPart, "--frame\r\n\r\n", text), [][]byte{a}, Stats{NotJPEG: 1, JunkBytes: uint64(len(text))}},
		{"cut short by a boundary", join(head, a[:len(a)-99], "\r\n", head, b), [][]byte{b}, Stats{CutShort: 1}},
		{"joined in the middle", join(a[len(a)-500:], "\r\n", head, b), [][]byte{b}, Stats{JunkBytes: 502}},
		{"padding behind the image", join(head, a, "\x00\x00\x00\r\n", head, b), [][]byte{a, b}, Stats{JunkBytes: 5}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			test.stats.Shape = Multipart
			check(t, test.stream, 0, test.images, test.stats, "EOF")
		})
	}
}

func TestStatusError(t *testing.T) {
	for answer, want := range map[string]string{
		"HTTP/1.1 401 Unauthorized\r\nWWW-Authenticate: Basic realm=\"x\"\r\n\r\n<html>": "401 Unauthorized",
		"HTTP/1.0 503\n\n":                                  "503",
		"HTTP/1.1 302 Found\r\nLocation: /\r\n":             "302 Found",
		"HTTP/1.1 \r\n":                                     "",
		"HTTP/1.1 500 " + strings.Repeat("x", 500) + "\r\n": "500 " + strings.Repeat("x", 96),
	} {
		check(t, join(answer, picture(1)), 0, nil, Stats{}, fmt.Sprintf("camera answered %q", want))

		r := NewReader(bytes.NewReader([]byte(answer)), 0)
		for range 2 {
			_, err := r.Next()
			if status, ok := errors.AsType[*StatusError](err); !ok || status.Status != want {
				t.Errorf("%.40q: %v", answer, err)
			}
		}
	}
}
