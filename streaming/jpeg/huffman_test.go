package jpeg

import (
	"bytes"
	stdimage "image"
	stdjpeg "image/jpeg"
	"testing"
)

// image/jpeg writes exactly the tables of K.3, so that an image without them
// must become the same pixels again.
func TestStandardTables(t *testing.T) {
	grey := func() []byte {
		m := stdimage.NewGray(stdimage.Rect(0, 0, 40, 24))
		for i := range m.Pix {
			m.Pix[i] = byte(i * i)
		}
		var b bytes.Buffer
		if err := stdjpeg.Encode(&b, m, nil); err != nil {
			t.Fatal(err)
		}
		return b.Bytes()
	}()
	for name, whole := range map[string][]byte{
		"colour":          noise(160, 120, 90, 1),
		"grey":            grey,
		"with fill bytes": withFill(picture(2)),
		"with thumbnail":  exif(picture(3), picture(4)),
	} {
		t.Run(name, func(t *testing.T) {
			bare := whole
			for at := range whole { // the first DHT, past any thumbnail
				if whole[at] == 0xFF && whole[at+1] == dht && bytes.HasPrefix(whole[at:], standardTables[:2]) && name == "with fill bytes" {
					end := at + 2 + int(whole[at+2])<<8 + int(whole[at+3])
					bare = join(whole[:at], whole[end:])
					break
				}
			}
			if name != "with fill bytes" {
				bare = without(whole, dht)
			}
			if len(bare) >= len(whole) {
				t.Fatal("no tables to take away")
			}
			for _, way := range ways {
				got := readAll(way.of(bytes.NewReader(join(bare, bare, whole))), 0)
				if len(got.images) != 3 || got.stats.Repaired != 2 || got.stats.Images != 3 {
					t.Fatalf("%s: %+v", way.name, got.stats)
				}
				for i, image := range got.images {
					if image.Repaired != (i < 2) {
						t.Errorf("%s: image %d repaired: %t", way.name, i, image.Repaired)
					}
					if !bytes.Equal(pixels(t, image.Data), pixels(t, whole)) {
						t.Errorf("%s: image %d has other pixels", way.name, i)
					}
				}
				again, err := Parse(got.images[0].Data)
				if err != nil || again.Repaired {
					t.Errorf("the repaired image is repaired again, or no image: %v", err)
				}
			}
		})
	}
}

func TestNotRepaired(t *testing.T) {
	for _, image := range [][]byte{
		file(t, "arithmetic.jpg"),
		file(t, "progressive.jpg"),
		without(file(t, "progressive.jpg"), dht), // no tables would fit
		file(t, "grey.jpg"),                      // only the tables that it needs
	} {
		check(t, image, 0, [][]byte{image}, Stats{Shape: Bare}, "EOF")
	}
}

func pixels(t *testing.T, data []byte) []byte {
	t.Helper()
	m, err := stdjpeg.Decode(bytes.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	switch m := m.(type) {
	case *stdimage.Gray:
		return m.Pix
	case *stdimage.YCbCr:
		return join(m.Y, m.Cb, m.Cr)
	}
	t.Fatalf("%T", m)
	return nil
}
