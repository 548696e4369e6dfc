package frame_test

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"image"
	"image/color"
	"image/jpeg"
	"testing"
	"time"

	"traycam/streaming/frame"
)

// every turn that there is, in the order of EXIF's Orientation from 1.
var turns = []frame.Turn{
	frame.TurnBy(0, false), frame.TurnBy(0, true), frame.TurnBy(180, false), frame.TurnBy(180, true),
	frame.TurnBy(90, true), frame.TurnBy(90, false), frame.TurnBy(270, true), frame.TurnBy(270, false),
}

// What EXIF 2.3 says of each orientation: at which sides of the picture, as it is
// to be seen, the first row and the first column lie.
func TestTurnsAreThoseOfEXIF(t *testing.T) {
	sides := [][2]string{
		{"top", "left"},
		{"top", "right"},
		{"bottom", "right"},
		{"bottom", "left"},
		{"left", "top"},
		{"right", "top"},
		{"right", "bottom"},
		{"left", "bottom"},
	}
	for i, turn := range turns {
		if got := [2]string{side(turn, 0, -1), side(turn, -1, 0)}; got != sides[i] {
			t.Errorf("orientation %d is %+v: row and column at the %v, want %v", i+1, turn, got, sides[i])
		}
		if got := frame.TurnOf(marked(binary.BigEndian, uint16(i+1))); got != turn {
			t.Errorf("orientation %d is read as %+v", i+1, got)
		}
	}
}

// side is where a point beside the middle comes to lie; y counts downwards.
func side(t frame.Turn, x, y int) string {
	x, y = move(t, x, y)
	return map[[2]int]string{{0, -1}: "top", {0, 1}: "bottom", {-1, 0}: "left", {1, 0}: "right"}[[2]int{x, y}]
}

func move(t frame.Turn, x, y int) (int, int) {
	for range t.Quarters {
		x, y = -y, x
	}
	if t.Mirror {
		x = -x
	}
	return x, y
}

func TestTurnsAddUp(t *testing.T) {
	for _, first := range turns {
		for _, then := range turns {
			x, y := move(first, 1, 2)
			x, y = move(then, x, y)
			if gotX, gotY := move(then.After(first), 1, 2); gotX != x || gotY != y {
				t.Errorf("%+v after %+v is %+v", then, first, then.After(first))
			}
		}
		if got := first.Inverse().After(first); got != (frame.Turn{}) {
			t.Errorf("%+v and its inverse are %+v", first, got)
		}
	}
	if frame.TurnBy(-90, false) != frame.TurnBy(270, false) || frame.TurnBy(450, false).Degrees() != 90 {
		t.Error("degrees do not go round")
	}
}

func encoded() []byte {
	m := image.NewRGBA(image.Rect(0, 0, 48, 32))
	for i := range m.Pix {
		m.Pix[i] = uint8(i * 7)
	}
	m.Set(3, 3, color.White)
	var b bytes.Buffer
	if err := jpeg.Encode(&b, m, nil); err != nil {
		panic(err)
	}
	return b.Bytes()
}

// with is a JPEG with segments behind its first two bytes.
func with(segments ...string) []byte {
	b := encoded()
	out := bytes.Clone(b[:2])
	for _, s := range segments {
		out = append(out, s...)
	}
	return append(out, b[2:]...)
}

func segment(code byte, payload string) string {
	n := len(payload) + 2
	return string([]byte{0xFF, code, byte(n >> 8), byte(n)}) + payload
}

var jfif = segment(0xE0, "JFIF\x00\x01\x01\x00\x00\x01\x00\x01\x00\x00")

// exif is a camera's own segment: a maker's name and an orientation.
func exif(order binary.AppendByteOrder, orientation uint16) string {
	b := []byte("Exif\x00\x00MM")
	if order == binary.AppendByteOrder(binary.LittleEndian) {
		b = []byte("Exif\x00\x00II")
	}
	b = order.AppendUint16(b, 42)
	b = order.AppendUint32(b, 8)
	b = order.AppendUint16(b, 2)
	b = append(order.AppendUint32(order.AppendUint16(order.AppendUint16(b, 0x010F), 2), 4), "Acme"...)
	b = order.AppendUint32(order.AppendUint16(order.AppendUint16(b, 0x0112), 3), 1)
	b = append(order.AppendUint16(b, orientation), 0, 0)
	return segment(0xE1, string(append(b, 0, 0, 0, 0)))
}

func marked(order binary.AppendByteOrder, orientation uint16) []byte {
	return with(jfif, exif(order, orientation))
}

// Nothing of the picture changes but what it says of its orientation.
func TestTurnedPicture(t *testing.T) {
	plain := encoded()
	xmp := segment(0xE1, "http://ns.adobe.com/xap/1.0/\x00<x/>")
	comment := segment(0xFE, "Exif\x00\x00 is no Exif segment here")
	for _, c := range []struct {
		name   string
		camera []byte
		own    frame.Turn
		rest   []byte // what is left of it when its Exif segments are taken out
	}{
		{"bare", plain, frame.Turn{}, plain},
		{"JFIF", with(jfif), frame.Turn{}, with(jfif)},
		{"own Exif, big-endian", marked(binary.BigEndian, 6), turns[5], with(jfif)},
		{"own Exif, little-endian", marked(binary.LittleEndian, 7), turns[6], with(jfif)},
		{"own Exif first, and others", with(exif(binary.BigEndian, 3), jfif, xmp, exif(binary.BigEndian, 8), comment), turns[2], with(jfif, xmp, comment)},
		{"fill bytes", with("\xFF\xFF\xFF"+jfif, "\xFF"+exif(binary.BigEndian, 2)), turns[1], with("\xFF\xFF\xFF"+jfif, "\xFF")},
		{"Exif without orientation", with(exif(binary.BigEndian, 0)), frame.Turn{}, plain},
		{"Exif that is nonsense", with(segment(0xE1, "Exif\x00\x00II*\x00\xFF\xFF\xFF\xFF")), frame.Turn{}, plain},
		{"short Exif", with(segment(0xE1, "Exif\x00\x00")), frame.Turn{}, plain},
	} {
		t.Run(c.name, func(t *testing.T) {
			at := time.Unix(1795365008, 0)
			if f := frame.New(c.camera, 48, 32, at); !bytes.Equal(f.JPEG, c.camera) || f.Width != 48 {
				t.Error("a picture that is not turned is not as it came")
			}
			for _, turn := range turns[1:] {
				f := frame.NewTurned(c.camera, 48, 32, at, turn)
				check := func(f *frame.Frame, turn frame.Turn) {
					t.Helper()
					want := turn.After(c.own)
					if got := frame.TurnOf(f.JPEG); got != want {
						t.Errorf("turned by %+v it says %+v, want %+v", turn, got, want)
					}
					size := [2]int{48, 32}
					if want.Sideways() {
						size = [2]int{32, 48}
					}
					if got := [2]int{f.Width, f.Height}; got != size {
						t.Errorf("turned by %+v it is %v, want %v", turn, got, size)
					}
					wantBytes := c.rest
					if want != (frame.Turn{}) {
						const ours = 36
						if f.JPEG[2] != 0xFF || f.JPEG[3] != 0xE1 {
							t.Fatalf("turned by %+v: no Exif segment behind SOI", turn)
						}
						wantBytes = append(bytes.Clone(c.rest[:2]), append(bytes.Clone(f.JPEG[2:2+ours]), c.rest[2:]...)...)
					}
					if !bytes.Equal(f.JPEG, wantBytes) {
						t.Errorf("turned by %+v: the rest of it is not as it came", turn)
					}
					if _, err := jpeg.Decode(bytes.NewReader(f.JPEG)); err != nil {
						t.Errorf("turned by %+v: %v", turn, err)
					}
					if head := fmt.Sprintf("Content-Length: %d\r\n", len(f.JPEG)); !bytes.Contains(f.Part(), []byte(head)) || !bytes.HasPrefix(f.PartAhead(), f.JPEG) {
						t.Errorf("turned by %+v: the part is not laid out around it", turn)
					}
				}
				check(f, turn)
				f.Seq = 7
				if f.Turned(turn) != f {
					t.Error("a picture that is turned so already was laid out anew")
				}
				for _, other := range turns[1:] {
					again := f.Turned(other)
					check(again, other)
					if again.Seq != 7 || !again.At.Equal(at) || again.Turn() != other {
						t.Errorf("laid out anew: %d, %v, %+v", again.Seq, again.At, again.Turn())
					}
				}
				if back := f.Turned(frame.Turn{}); frame.TurnOf(back.JPEG) != c.own {
					t.Errorf("turned back it says %+v, want %+v", frame.TurnOf(back.JPEG), c.own)
				}
				if back := f.Turned(frame.Turn{}).Turned(turn); !bytes.Equal(back.JPEG, f.JPEG) || back.Width != f.Width {
					t.Error("turned back and forth it is another picture")
				}
			}
		})
	}
}

// Cameras send anything: none of it breaks what they are laid out with.
func FuzzTurned(f *testing.F) {
	f.Add(marked(binary.BigEndian, 6), uint8(1), true)
	f.Add(with(jfif), uint8(2), false)
	f.Add([]byte("\xFF\xD8\xFF"), uint8(3), false)
	f.Add([]byte{}, uint8(1), true)
	f.Fuzz(func(t *testing.T, image []byte, quarters uint8, mirror bool) {
		turn := frame.Turn{Quarters: quarters % 4, Mirror: mirror}
		made := frame.NewTurned(image, 4, 3, time.Time{}, turn)
		if turn == (frame.Turn{}) && !bytes.Equal(made.JPEG, image) {
			t.Error("changed")
		}
		if len(image) > 2 && image[0] == 0xFF && image[1] == 0xD8 && turn != (frame.Turn{}) {
			if got, want := frame.TurnOf(made.JPEG), turn.After(frame.TurnOf(image)); got != want {
				t.Errorf("%+v, want %+v", got, want)
			}
		}
		if !bytes.Contains(made.Part(), fmt.Appendf(nil, "Content-Length: %d\r\n", len(made.JPEG))) {
			t.Error("wrong length")
		}
		made.Turned(frame.TurnBy(90, true))
	})
}

func BenchmarkNewTurned(b *testing.B) {
	for name, camera := range map[string][]byte{"plain": with(jfif), "own Exif": marked(binary.BigEndian, 6)} {
		camera = append(camera, make([]byte, 100_000)...)
		b.Run(name, func(b *testing.B) {
			at := time.Now()
			b.SetBytes(int64(len(camera)))
			b.ReportAllocs()
			for b.Loop() {
				frame.NewTurned(camera, 640, 480, at, frame.TurnBy(90, false))
			}
		})
	}
}
