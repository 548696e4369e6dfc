//go:build linux

package main

import (
	"context"
	"fmt"
	"net"
	"sync"
	"sync/atomic"
	"time"
)

// feeder is the cameras: each dials its port and sends stamped JPEGs. A picture
// whose time is over when the server has at last taken the one before it is left
// out, as a camera does; it counts as missing.
type feeder struct {
	times     timetable
	pictures  [][]byte
	connected atomic.Int32
	cancel    context.CancelFunc
	running   sync.WaitGroup
}

func startFeeder(ports []int, pictures [][]byte, times timetable) *feeder {
	ctx, cancel := context.WithCancel(context.Background())
	f := &feeder{times: times, pictures: pictures, cancel: cancel}
	for camera, port := range ports {
		f.running.Go(func() { f.run(ctx, camera, fmt.Sprintf("127.0.0.1:%d", port)) })
	}
	return f
}

func (f *feeder) stop() {
	f.cancel()
	f.running.Wait()
}

// await waits until n cameras are connected.
func (f *feeder) await(n int) error {
	for end := now() + 10e9; int(f.connected.Load()) < n; time.Sleep(10 * time.Millisecond) {
		if now() > end {
			return fmt.Errorf("the server took %d of %d cameras in", f.connected.Load(), n)
		}
	}
	return nil
}

func (f *feeder) run(ctx context.Context, camera int, address string) {
	for ctx.Err() == nil {
		if conn, err := net.Dial("tcp", address); err == nil {
			f.connected.Add(1)
			stop := context.AfterFunc(ctx, func() { conn.Close() })
			f.send(ctx, camera, conn)
			stop()
			conn.Close()
			f.connected.Add(-1)
		}
		sleep(ctx, 50*time.Millisecond)
	}
}

func (f *feeder) send(ctx context.Context, camera int, conn net.Conn) {
	var head [stampEnd]byte
	for seq := f.times.due(camera, now()); ; seq = max(seq+1, f.times.due(camera, now())-1) {
		if !sleep(ctx, time.Duration(f.times.at(camera, seq)-now())) {
			return
		}
		picture := f.pictures[seq%len(f.pictures)]
		copy(head[:], picture)
		stamp{uint16(camera), uint32(seq), now(), uint32(len(picture))}.write(head[:])
		buffers := net.Buffers{head[:], picture[stampEnd:]} // one writev
		if _, err := buffers.WriteTo(conn); err != nil {
			return
		}
	}
}

// sleep tells whether it slept to the end.
func sleep(ctx context.Context, d time.Duration) bool {
	if d <= 0 {
		return ctx.Err() == nil
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
		return false
	}
}
