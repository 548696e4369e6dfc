//go:build linux

package main

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"image/jpeg"
	"math/rand/v2"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"
	"golang.org/x/sys/unix"
)

// TestMain lets this program be the limit too.
func TestMain(m *testing.M) {
	if len(os.Args) > 1 && os.Args[1] == "limit" {
		main()
		return
	}
	goleak.VerifyTestMain(m)
}

func TestPicturesHaveTheirSize(t *testing.T) {
	for _, z := range sizes {
		pictures := makePictures(z)
		for i, p := range pictures {
			if tenth := z.bytes / 10; len(p) < z.bytes-tenth || len(p) > z.bytes+tenth {
				t.Errorf("%s: picture %d has %d bytes, want %d within a tenth", z.name, i, len(p), z.bytes)
			}
			want := stamp{Camera: 63, Seq: 1<<32 - 1, At: now(), Length: uint32(len(p))}
			want.write(p)
			if got, err := readStamp(p); got != want || err != nil {
				t.Errorf("%s: stamp %+v, %v, want %+v", z.name, got, err, want)
			}
			c, err := jpeg.DecodeConfig(bytes.NewReader(p))
			if err != nil || c.Width != z.width || c.Height != z.height {
				t.Errorf("%s: %dx%d, %v", z.name, c.Width, c.Height, err)
			}
			if i > 0 && bytes.Equal(p, pictures[i-1]) {
				t.Errorf("%s: pictures %d and %d are the same", z.name, i-1, i)
			}
		}
	}
}

func TestTimetable(t *testing.T) {
	times := timetable{start: 1000, fps: 15, cameras: 64}
	for _, camera := range []int{0, 1, 63} {
		for seq := range 100 {
			at := times.at(camera, seq)
			for _, now := range []int64{at, at - 1, at - 60e6} {
				if got := times.due(camera, now); got > seq || times.at(camera, got) < now || got > 0 && times.at(camera, got-1) >= now {
					t.Fatalf("camera %d, at %d: picture %d is due", camera, now, got)
				}
			}
		}
	}
	if second := times.at(3, 15) - times.at(3, 0); second != 1e9 {
		t.Errorf("15 pictures take %d ns", second)
	}
}

// small is a whole stamped picture of n bytes.
func small(camera, seq, n int) []byte {
	p := withRoom(append([]byte("\xff\xd8"), bytes.Repeat([]byte{byte(seq)}, n-stampEnd)...))
	copy(p[n-2:], "\xff\xd9")
	stamp{uint16(camera), uint32(seq), int64(seq), uint32(n)}.write(p)
	return p
}

const answer = "HTTP/1.1 200 OK\r\nContent-Type: multipart/x-mixed-replace;boundary=frame\r\nCache-Control: no-store\r\n\r\n--frame\r\n"

func inPart(picture []byte, length int) string {
	return fmt.Sprintf("Content-Type: image/jpeg\r\nContent-Length: %d\r\nX-Timestamp: 1.000000\r\n\r\n%s\r\n--frame\r\n", length, picture)
}

// results makes both parsers, which note what they have told.
func results() (m *multipart, w *webSocket, told *[]string) {
	told = new([]string)
	note := func(b *body) string {
		s, err := b.check()
		return fmt.Sprint(s.Camera, " ", s.Seq, " ", b.size, " ", err)
	}
	m = newMultipart(func(b *body) { *told = append(*told, note(b)) })
	w = newWebSocket(
		func() { *told = append(*told, "open") },
		func() { *told = append(*told, "text") },
		func(b *body, number, serial int) {
			*told = append(*told, fmt.Sprint(number, "#", serial, " ", note(b)))
		})
	return m, w, told
}

// piecewise gives stream to p in pieces, and skips what may be skipped, most times.
func piecewise(p parser, stream []byte, piece func() int) error {
	for len(stream) > 0 {
		n := min(max(piece(), 1), len(stream))
		if k := min(p.skippable(), n); k > 0 && n%5 > 0 {
			p.skip(k)
			stream = stream[k:]
			continue
		}
		if err := p.take(stream[:n]); err != nil {
			return err
		}
		stream = stream[n:]
	}
	return nil
}

func TestMultipartWhereverReadsEnd(t *testing.T) {
	var stream strings.Builder
	stream.WriteString(answer)
	var want []string
	for seq, n := range []int{stampEnd + 2, 200, 3000, stampEnd + 3, 40_000} {
		stream.WriteString(inPart(small(7, seq, n), n))
		want = append(want, fmt.Sprint(7, " ", seq, " ", n, " <nil>"))
	}
	everyWay(t, stream.String(), want, func() (parser, *[]string) { m, _, told := results(); return m, told })
}

// everyWay gives stream to new parsers: whole, byte by byte, and in pieces of many lengths.
func everyWay(t *testing.T, stream string, want []string, parserOf func() (parser, *[]string)) {
	t.Helper()
	for way := range 300 {
		p, told := parserOf()
		random := rand.New(rand.NewPCG(3, uint64(way)))
		piece := func() int { return random.IntN(1 + 10*way) }
		if way == 0 {
			piece = func() int { return len(stream) }
		}
		if err := piecewise(p, []byte(stream), piece); err != nil || !slices.Equal(*told, want) {
			t.Fatalf("way %d: %v\n%q, want\n%q", way, err, *told, want)
		}
	}
}

func TestMultipartTorn(t *testing.T) {
	p := small(0, 1, 3000)
	without := func(from, to int) []byte { return slices.Delete(bytes.Clone(p), from, to) }
	with := func(at int, b byte) []byte { c := bytes.Clone(p); c[at] = b; return c }
	for name, stream := range map[string]string{
		"busy":                  "HTTP/1.1 503 Service Unavailable\r\n\r\n",
		"no multipart":          "HTTP/1.1 200 OK\r\nContent-Type: image/jpeg\r\n\r\n" + string(p),
		"chunked":               strings.Replace(answer, "Cache-Control: no-store", "Transfer-Encoding: chunked", 1) + inPart(p, 3000),
		"another boundary":      strings.Replace(answer, "\r\n--frame", "\r\n--other", 1) + inPart(p, 3000),
		"no length":             answer + strings.Replace(inPart(p, 3000), "Content-Length", "Length", 1),
		"length is no number":   answer + strings.Replace(inPart(p, 3000), "3000", "3kB", 1),
		"a byte too few":        answer + inPart(without(1000, 1001), 3000),
		"a byte too many":       answer + inPart(append(bytes.Clone(p), 0), 3001),
		"cut, length as it is":  answer + inPart(without(1000, 2000), 2000),
		"end cut, length as is": answer + inPart(p[:2999], 2999),
		"other end":             answer + inPart(with(2999, 0xd8), 3000),
		"other beginning":       answer + inPart(with(1, 0xd9), 3000),
		"stamp is no hex":       answer + inPart(with(stampEnd-1, 'x'), 3000),
		"a line without end":    answer + strings.Repeat("x", 2*longestLine),
		"two in one part":       answer + inPart(slices.Concat(p, p), 6000),
	} {
		for _, n := range []int{1, 7, 1 << 20} {
			m, _, told := results()
			err := piecewise(m, []byte(stream), func() int { return n })
			for _, one := range *told {
				if strings.HasSuffix(one, "<nil>") {
					t.Errorf("%s, %d bytes at once: %s counts as whole", name, n, one)
				}
			}
			if err == nil && len(*told) == 0 {
				t.Errorf("%s, %d bytes at once: nobody noticed", name, n)
			}
		}
	}
}

// serverFrame is a frame as servers send it: unmasked, RFC 6455, 5.2.
func serverFrame(opcode byte, fin bool, payload []byte) string {
	if fin {
		opcode |= 0x80
	}
	switch n := len(payload); {
	case n < 126:
		return string([]byte{opcode, byte(n)}) + string(payload)
	case n < 1<<16:
		return string(binary.BigEndian.AppendUint16([]byte{opcode, 126}, uint16(n))) + string(payload)
	default:
		return string(binary.BigEndian.AppendUint64([]byte{opcode, 127}, uint64(n))) + string(payload)
	}
}

func pictureHead(number, flags, serial int) []byte {
	b := binary.BigEndian.AppendUint16(nil, uint16(number))
	b = binary.BigEndian.AppendUint16(b, uint16(flags))
	b = binary.BigEndian.AppendUint32(b, uint32(serial))
	return append(b, make([]byte, messageHead-len(b))...)
}

const switched = "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n\r\n"

func TestWebSocketWhereverReadsEnd(t *testing.T) {
	p, q := small(5, 1, 70_000), small(6, 9, 300)
	stream := strings.Join([]string{
		switched,
		serverFrame(opText, true, []byte(`{"state":{}}`)),
		// A message in three frames, as Traycam sends it, and one of 64-bit length; a ping between them.
		serverFrame(opBinary, false, pictureHead(5, flagMore, 1)), serverFrame(0, false, p[:1000]), serverFrame(9, true, []byte("?")), serverFrame(0, true, nil),
		serverFrame(opText, true, make([]byte, 200)),
		serverFrame(opBinary, true, append(pictureHead(5, flagContinued|flagMore, 1), p[1000:69_999]...)),
		serverFrame(opBinary, true, append(pictureHead(5, flagContinued, 1), p[69_999])),
		serverFrame(opBinary, false, pictureHead(6, 0, 2)[:11]), serverFrame(0, false, pictureHead(6, 0, 2)[11:]), serverFrame(0, true, q),
	}, "")
	want := []string{"open", "text", "text", "5#1 5 1 70000 <nil>", "6#2 6 9 300 <nil>"}
	everyWay(t, stream, want, func() (parser, *[]string) { _, w, told := results(); return w, told })
}

func TestWebSocketTorn(t *testing.T) {
	p := small(5, 1, 3000)
	for name, stream := range map[string]string{
		"refused":         "HTTP/1.1 400 Bad Request\r\n\r\n",
		"closed":          switched + serverFrame(opClose, true, []byte{3, 232}),
		"masked":          switched + "\x82\x81\x00\x00\x00\x00x",
		"too long":        switched + "\x82\x7f\xff\xff\xff\xff\xff\xff\xff\xff",
		"no head":         switched + serverFrame(opBinary, true, make([]byte, messageHead-1)),
		"a piece missing": switched + serverFrame(opBinary, true, append(pictureHead(5, flagMore, 1), p[:1000]...)) + serverFrame(opBinary, true, append(pictureHead(5, flagContinued, 1), p[1001:]...)),
		"end missing":     switched + serverFrame(opBinary, true, append(pictureHead(5, 0, 1), p[:2998]...)),
	} {
		for _, n := range []int{1, 7, 1 << 20} {
			_, w, told := results()
			err := piecewise(w, []byte(stream), func() int { return n })
			if err == nil && !slices.ContainsFunc(*told, func(one string) bool { return strings.Contains(one, "bytes, not 3000") }) {
				t.Errorf("%s, %d bytes at once: nobody noticed: %q", name, n, *told)
			}
		}
	}
}

// TestWhatCounts tells pictures to a swarm and looks at which it counts.
func TestWhatCounts(t *testing.T) {
	times := timetable{start: now() - 5e9, fps: 10, cameras: 2}
	s := &swarm{times: times, from: times.at(0, 50), to: times.at(0, 90)}
	v, lazy := &viewer{camera: 1, seqs: make([]uint32, 1)}, &viewer{kind: slow, camera: 1, seqs: make([]uint32, 1)}
	s.viewers = []*viewer{v, lazy}
	tell := func(v *viewer, camera, seq int) {
		b := &body{}
		b.add(small(camera, seq, 300))
		s.arrived(v, b)
	}
	for _, seq := range []int{49, 50, 50, 51, 40, 89, 90} { // before, three of them, again, an old one, after
		tell(v, 1, seq)
	}
	tell(lazy, 1, 60)
	if s.pictures != 3 || s.bytes != 900 || s.latencies.count != 3 {
		t.Errorf("%d pictures, %d bytes, %d latencies; want 3, 900, 3", s.pictures, s.bytes, s.latencies.count)
	}
	tell(v, 0, 91) // of a camera that it did not ask for
	if s.torn != 1 {
		t.Errorf("%d pictures are not what they should be, want 1", s.torn)
	}
	var r result
	r.count(s)
	if r.missing != 100*(1-3.0/40) || len(r.broken) != 1 {
		t.Errorf("%v %% missing, broken: %q", r.missing, r.broken)
	}
	s.times.start -= 60e9
	s.from, s.to = s.times.at(0, 50), s.times.at(0, 100)
	if tell(v, 1, 95); s.pictures != 3 {
		t.Error("a picture that came too late counts")
	}
}

func TestLatencies(t *testing.T) {
	l := &latencies{}
	for i := range 100 {
		l.add(time.Duration(i+1) * time.Millisecond)
	}
	for q, want := range map[float64]time.Duration{.5: 50 * time.Millisecond, .99: 99 * time.Millisecond, 1: 100 * time.Millisecond} {
		if got := l.quantile(q); got < want || got > want+latencyStep {
			t.Errorf("quantile %v is %v, want %v", q, got, want)
		}
	}
	if l.add(time.Hour); l.quantile(1) < 3*time.Second || l.most != time.Hour {
		t.Errorf("an hour is %v, %v", l.quantile(1), l.most)
	}
}

// TestServers measures each server for a second and holds it to what it delivers, not to how fast.
func TestServers(t *testing.T) {
	var may unix.CPUSet
	if err := unix.SchedGetaffinity(0, &may); err != nil {
		t.Fatal(err)
	}
	h := &harness{cache: map[string][][]byte{}}
	for !may.IsSet(h.on[0]) {
		h.on[0]++
	}
	for _, s := range []server{limit, traycam, traycamPages} {
		t.Run(s.name, func(t *testing.T) {
			if s.fed {
				program = os.Getenv("TRAYCAM_HEADLESS_BIN")
				if program == "" {
					t.Skip(`TRAYCAM_HEADLESS_BIN names no program; "make test" builds it`)
				}
			}
			r := h.try(s, load{size: sizes[1], fps: 10, cameras: 2, viewers: 3, seconds: 1})
			if r.err != nil || len(r.broken) > 0 {
				t.Fatal(r.err, r.broken)
			}
			if r.gigabytes == 0 || r.p50 <= 0 || r.first <= 0 || r.cpu <= 0 || r.rss == 0 {
				t.Errorf("nothing was measured: %+v", r)
			}
		})
	}
	if left := family(os.Getpid())[1:]; len(left) > 0 {
		t.Errorf("servers still run: %v", left)
	}
}

func TestRowsOfRounds(t *testing.T) {
	perGB := func(values ...float64) (rs rounds) {
		for _, v := range values {
			rs = append(rs, result{cpuPerGB: v})
		}
		return rs
	}
	limit, others := perGB(1, 2, 4), perGB(3, 2, 6)
	others = append(others, result{cpuPerGB: 100, err: fmt.Errorf("a | b")})
	if got := others.times(limit); got != "1.50" { // of 3, 1 and 1.5
		t.Errorf("× limit is %s", got)
	}
	cells := others.carrying(limit)
	if len(cells) != len(carryingColumns) {
		t.Errorf("%d cells in %d columns", len(cells), len(carryingColumns))
	}
	if want := []string{"3.000", "2.000", "1.50"}; !slices.Equal(cells[:3], want) || cells[len(cells)-1] != "**failed:** a / b" {
		t.Errorf("%q", cells)
	}
	if got := (rounds{{err: fmt.Errorf("no")}}).carrying(limit); got[0] != "–" || got[2] != "–" {
		t.Errorf("of nothing but failures: %q", got)
	}
}

// TestUsage burns some processor time and looks for it.
func TestUsage(t *testing.T) {
	var on cores
	pid := os.Getpid()
	before := readUsage(pid, on)
	for end := time.Now().Add(50 * time.Millisecond); time.Now().Before(end); {
	}
	u := readUsage(pid, on).since(before)
	if u.cpu <= 0 || u.own <= 0 || u.rss < 1000 || u.at < 50e6 {
		t.Errorf("%+v", u)
	}
	if cpuOf(1<<22) != 0 || field("/proc/no/such/file", "x", 0) != 0 {
		t.Error("a process that is not there has used something")
	}
}
