//go:build !windows

package camera

import "syscall"

const (
	errAddrInUse    = syscall.EADDRINUSE
	errAddrNotAvail = syscall.EADDRNOTAVAIL
	errConnRefused  = syscall.ECONNREFUSED
	errHostUnreach  = syscall.EHOSTUNREACH
	errNetUnreach   = syscall.ENETUNREACH
)
