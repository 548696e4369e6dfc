//go:build unix

package streaming

import "syscall"

// descriptors is how many files and connections this process may have open at
// once; 0: not known. Go has raised it to what the system allows.
func descriptors() uint64 {
	var limit syscall.Rlimit
	if syscall.Getrlimit(syscall.RLIMIT_NOFILE, &limit) != nil {
		return 0
	}
	return uint64(limit.Cur) // signed on some systems
}
