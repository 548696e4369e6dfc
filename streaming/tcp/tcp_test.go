package tcp_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"runtime"
	"syscall"
	"testing"
	"time"

	"traycam/streaming/tcp"
)

// pair is the two ends of a connection.
func pair(t testing.TB) (here, there *net.TCPConn) {
	t.Helper()
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer ln.Close()
	dialled, err := net.Dial("tcp", ln.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	accepted, err := ln.Accept()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { dialled.Close(); accepted.Close() })
	return dialled.(*net.TCPConn), accepted.(*net.TCPConn)
}

func TestReader(t *testing.T) {
	here, there := pair(t)
	r := tcp.Reader(here)
	b := make([]byte, 100)
	for _, want := range []string{"one", "two"} {
		go there.Write([]byte(want)) // it waits for what comes
		if n, err := r.Read(b); string(b[:n]) != want || err != nil {
			t.Fatalf("read %q, %v, want %q", b[:n], err, want)
		}
	}
	here.SetReadDeadline(time.Now().Add(10 * time.Millisecond))
	if n, err := r.Read(b); n != 0 || !errors.Is(err, os.ErrDeadlineExceeded) {
		t.Errorf("after the deadline: %d, %v", n, err)
	}
	here.SetReadDeadline(time.Time{})
	there.Close()
	if n, err := r.Read(b); n != 0 || err != io.EOF {
		t.Errorf("at the end: %d, %v", n, err)
	}
	here.Close()
	if n, err := r.Read(b); n != 0 || !errors.Is(err, net.ErrClosed) {
		t.Errorf("once closed: %d, %v", n, err)
	}
}

func TestReaderEndsWhenClosed(t *testing.T) {
	here, _ := pair(t)
	ended := make(chan error)
	go func() {
		_, err := tcp.Reader(here).Read(make([]byte, 1))
		ended <- err
	}()
	here.Close()
	if err := <-ended; !errors.Is(err, net.ErrClosed) {
		t.Errorf("a read of a connection that was closed: %v", err)
	}
}

func TestReaderTellsOfAReset(t *testing.T) {
	here, there := pair(t)
	there.SetLinger(0)
	there.Close()
	if n, err := tcp.Reader(here).Read(make([]byte, 1)); n != 0 || !errors.Is(err, syscall.ECONNRESET) {
		t.Errorf("%d, %v", n, err)
	}
}

func TestTry(t *testing.T) {
	if !tcp.MayTry {
		t.Skip("there are no calls here that do not wait")
	}
	here, there := pair(t)
	raw, try := tcp.Raw(here), tcp.NewTry()
	b := make([]byte, 100)
	if n, err := try.Read(raw, b); n != 0 || err != nil {
		t.Errorf("read %d, %v, where there is nothing", n, err)
	}

	// It writes until there is no room, and then nothing.
	sent := bytes.Repeat([]byte("picture "), 1<<20)
	done := 0
	for {
		n, err := try.Write(raw, sent[done:])
		if err != nil {
			t.Fatal(err)
		}
		if n == 0 {
			break
		}
		done += n
	}
	if done == 0 || done == len(sent) {
		t.Fatalf("%d bytes of %d were taken", done, len(sent))
	}
	got := make([]byte, done)
	if _, err := io.ReadFull(there, got); err != nil || !bytes.Equal(got, sent[:done]) {
		t.Errorf("what arrived is not what was sent: %v", err)
	}

	there.Close()
	for n, err := 0, error(nil); err != io.EOF; n, err = try.Read(raw, b) {
		if n != 0 || err != nil {
			t.Fatalf("at the end: %d, %v", n, err)
		}
	}
	here.Close()
	if n, err := try.Write(raw, sent); n != 0 || !errors.Is(err, net.ErrClosed) {
		t.Errorf("once closed: %d, %v", n, err)
	}
}

func TestTryBoth(t *testing.T) {
	here, there := pair(t)
	raw, try := tcp.Raw(here), tcp.NewTry()
	head, rest := []byte("head"), bytes.Repeat([]byte("picture "), 1<<20)
	n, err := try.WriteBoth(raw, head, rest)
	if err != nil {
		t.Fatal(err)
	}
	if runtime.GOOS == "linux" && (n <= len(head) || n >= len(head)+len(rest)) {
		t.Fatalf("%d bytes were taken", n)
	}
	got := make([]byte, n)
	if _, err := io.ReadFull(there, got); err != nil || !bytes.Equal(got, append(head, rest...)[:n]) {
		t.Errorf("what arrived is not what was sent: %v", err)
	}
}

func TestTryAllocatesNothing(t *testing.T) {
	here, there := pair(t)
	go io.Copy(io.Discard, there)
	raw, try := tcp.Raw(here), tcp.NewTry()
	b := make([]byte, 1000)
	if n := testing.AllocsPerRun(100, func() { try.Write(raw, b); try.WriteBoth(raw, b[:10], b); try.Read(raw, b[:10]) }); n != 0 {
		t.Errorf("%v allocations", n)
	}
}

func TestWithoutASocket(t *testing.T) {
	a, b := net.Pipe()
	defer a.Close()
	defer b.Close()
	if tcp.Raw(a) != nil || tcp.Reader(a) != io.Reader(a) {
		t.Error("a pipe is taken for a socket")
	}
	if n, err := tcp.NewTry().Write(nil, []byte("x")); n != 0 || err != nil {
		t.Errorf("written to nothing: %d, %v", n, err)
	}
	tcp.KeepQueueShort(a) // must do no harm
}

// What keeping the queue short costs a part that is larger than it, written in
// one call that waits: nothing.
func BenchmarkWrite(b *testing.B) {
	for _, short := range []bool{false, true} {
		for _, size := range []int{30_000, 244_000} {
			b.Run(fmt.Sprintf("short=%v/%dKB", short, size/1000), func(b *testing.B) {
				here, there := pair(b)
				if short {
					tcp.KeepQueueShort(here)
				}
				go io.CopyBuffer(struct{ io.Writer }{io.Discard}, struct{ io.Reader }{there}, make([]byte, 1<<20))
				part := make([]byte, size)
				b.SetBytes(int64(size))
				for b.Loop() {
					if _, err := here.Write(part); err != nil {
						b.Fatal(err)
					}
				}
			})
		}
	}
}

// A peer that has hung up is known by it, but not before what it sent is read.
func TestHungUp(t *testing.T) {
	if !tcp.MayTry {
		t.Skip("not known here")
	}
	here, there := pair(t)
	if tcp.HungUp(here) {
		t.Error("a peer that is silent has hung up")
	}
	there.Write([]byte("x"))
	there.Close()
	b := make([]byte, 1)
	here.SetReadDeadline(time.Now().Add(10 * time.Second))
	for range 2 { // it takes nothing away
		if tcp.HungUp(here) {
			t.Error("nobody would read what was sent")
		}
	}
	if n, err := here.Read(b); n != 1 || err != nil {
		t.Fatal(n, err)
	}
	if _, err := here.Read(b); err != io.EOF {
		t.Fatal(err)
	}
	if !tcp.HungUp(here) {
		t.Error("a peer that has hung up is there")
	}
}
