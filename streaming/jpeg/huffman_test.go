package jpeg

import (
	"bytes"
	stdimage "image"
	stdjpeg "image/jpeg"
	"slices"
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
	colour, small := noise(160, 120, 90, 1), picture(2)
	withThumbnail := exif(small, picture(3))
	tests := []struct {
		name        string
		whole, bare []byte
	}{
		{"colour", colour, without(colour, dht)},
		{"grey", grey, without(grey, dht)},
		{"with fill bytes", small, withFill(without(small, dht))},
		{"with tables behind the scan", small, slices.Insert(without(small, dht), len(without(small, dht))-2, standardTables...)},
		{"with a thumbnail that has tables", withThumbnail, without(withThumbnail, dht)},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			whole, bare := test.whole, test.bare
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
