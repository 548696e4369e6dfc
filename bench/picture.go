//go:build linux

package main

import (
	"bytes"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"image"
	"image/jpeg"
	"math/rand/v2"
	"time"
)

// size is a kind of picture. bytes is what a camera of that size typically sends.
type size struct {
	name                 string
	width, height, bytes int
}

var sizes = []size{
	{"480p", 640, 480, 30_000},
	{"720p", 1280, 720, 100_000},
	{"1080p", 1920, 1080, 250_000},
}

func sizeNamed(name string) (size, error) {
	for _, s := range sizes {
		if s.name == name {
			return s, nil
		}
	}
	return size{}, fmt.Errorf("no size %q: there are 480p, 720p and 1080p", name)
}

// different is how many different pictures a camera sends in turn.
const different = 4

// makePictures draws and compresses pictures, with the JPEG quality that comes
// nearest to the wanted length from below. They have room for a stamp.
func makePictures(s size) [][]byte {
	first := draw(s, 0)
	quality := 1
	for step := 64; step > 0; step /= 2 {
		if q := quality + step; q <= 100 && len(compress(first, q)) <= s.bytes {
			quality = q
		}
	}
	pictures := make([][]byte, different)
	for i := range pictures {
		pictures[i] = withRoom(compress(draw(s, i), quality))
	}
	return pictures
}

// draw makes a gradient with edges, a square that moves, and a sensor's noise.
func draw(s size, turn int) image.Image {
	m := image.NewYCbCr(image.Rect(0, 0, s.width, s.height), image.YCbCrSubsampleRatio420)
	noise := rand.New(rand.NewPCG(1, uint64(turn)))
	left := s.width * turn / (2 * different)
	for y := range s.height {
		row := m.Y[y*m.YStride:][:s.width]
		for x := range row {
			light := 60 + 80*x/s.width + 60*y/s.height
			if (x/41+y/29)%4 == 0 {
				light -= 30
			}
			if x > left && x < left+s.height/3 && y > s.height/3 && y < s.height*2/3 {
				light = 220 - light/2
			}
			row[x] = uint8(light + noise.IntN(13))
		}
	}
	for i := range m.Cb {
		m.Cb[i], m.Cr[i] = uint8(116+i%m.CStride*24/m.CStride), uint8(136-i%m.CStride*16/m.CStride)
	}
	return m
}

func compress(m image.Image, quality int) []byte {
	var b bytes.Buffer
	if err := jpeg.Encode(&b, m, &jpeg.Options{Quality: quality}); err != nil {
		panic(err) // a buffer takes everything
	}
	return b.Bytes()
}

// stamp tells of one picture where it comes from. It stands in a COM segment
// (T.81, B.2.4.5) right behind the JPEG's start marker, in hex: without FF.
type stamp struct {
	Camera uint16
	Seq    uint32
	At     int64  // monotonic ns, just before it was written
	Length uint32 // of the whole JPEG
}

const (
	stampMark  = "bench:"
	stampStart = 6 // behind FFD8 FFFE and the segment's length
	stampEnd   = stampStart + len(stampMark) + 2*(2+4+8+4)
)

func withRoom(picture []byte) []byte {
	b := make([]byte, stampEnd, stampEnd+len(picture)-2)
	copy(b, "\xff\xd8\xff\xfe")
	binary.BigEndian.PutUint16(b[4:], uint16(stampEnd-4))
	return append(b, picture[2:]...)
}

// write puts s into picture, or into the first stampEnd bytes of one.
func (s stamp) write(picture []byte) {
	var space [18]byte
	b, _ := binary.Append(space[:0], binary.BigEndian, s)
	copy(picture[stampStart:], stampMark)
	hex.Encode(picture[stampStart+len(stampMark):stampEnd], b)
}

var errNoStamp = errors.New("a picture without stamp")

func readStamp(picture []byte) (s stamp, err error) {
	if len(picture) < stampEnd || string(picture[:4]) != "\xff\xd8\xff\xfe" || string(picture[stampStart:][:len(stampMark)]) != stampMark {
		return s, errNoStamp
	}
	var b [18]byte
	if _, err := hex.Decode(b[:], picture[stampStart+len(stampMark):stampEnd]); err != nil {
		return s, errNoStamp
	}
	_, err = binary.Decode(b[:], binary.BigEndian, &s)
	return s, err
}

// timetable is when each camera's pictures are due. The cameras take turns, so
// that they do not all send at once.
type timetable struct {
	start        int64 // monotonic ns
	fps, cameras int
}

func (t timetable) at(camera, seq int) int64 {
	return t.start + int64(seq*t.cameras+camera)*int64(time.Second)/int64(t.fps*t.cameras)
}

// due is the first picture of camera that is due at now or later.
func (t timetable) due(camera int, now int64) int {
	seq := max(0, int((now-t.start)*int64(t.fps)/int64(time.Second))-1)
	for t.at(camera, seq) < now {
		seq++
	}
	return seq
}
