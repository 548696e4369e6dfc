//go:build !windows

package app

import (
	"bufio"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"github.com/gofrs/flock"
)

const raiseWord = "show window\n"

// Claim makes this the one copy of Traycam that runs with configFile, until
// release is called. Another start gets ErrRunning and, if it wants to be seen,
// makes raise of the first receive a value.
func Claim(configFile string, show bool) (raise <-chan struct{}, release func(), err error) {
	path := socketPath(configFile)
	if conn, err := net.DialTimeout("unix", path, time.Second); err == nil {
		defer conn.Close()
		if show {
			fmt.Fprint(conn, raiseWord)
		}
		return nil, nil, ErrRunning
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return nil, nil, err
	}
	// Nobody answers: a copy is only just starting, or what is left there is of one
	// that was killed. The lock, which ends with its process, tells which.
	lock := flock.New(strings.TrimSuffix(path, ".sock") + ".lock")
	first, err := lock.TryLock()
	if err != nil {
		return nil, nil, fmt.Errorf("lock %s: %w", lock.Path(), err)
	}
	if !first {
		return nil, nil, ErrRunning
	}
	os.Remove(path)
	ln, err := new(net.ListenConfig).Listen(context.Background(), "unix", path)
	if err != nil {
		lock.Unlock()
		return nil, nil, fmt.Errorf("listen for other starts of Traycam on %s: %w", path, err)
	}
	os.Chmod(path, 0o600)
	asked := make(chan struct{}, 1)
	var answering sync.WaitGroup
	answering.Go(func() {
		for {
			conn, err := ln.Accept()
			if errors.Is(err, net.ErrClosed) {
				return
			}
			if err != nil { // no file descriptor left: later there may be
				time.Sleep(100 * time.Millisecond)
				continue
			}
			conn.SetDeadline(time.Now().Add(time.Second))
			if word, _ := bufio.NewReaderSize(conn, 64).ReadString('\n'); word == raiseWord {
				poke(asked)
			}
			conn.Close()
		}
	})
	return asked, func() { ln.Close(); answering.Wait(); lock.Unlock() }, nil
}

// socketPath is beside the config, or, where that is too long for a socket's
// name (108 bytes on Linux, 104 on macOS), in the folder for temporary files.
func socketPath(configFile string) string {
	path, err := filepath.Abs(configFile + ".sock")
	if err == nil && len(path) < 100 {
		return path
	}
	sum := sha256.Sum256([]byte(path))
	return filepath.Join(os.TempDir(), fmt.Sprintf("traycam-%d-%x.sock", os.Getuid(), sum[:6]))
}
