//go:build !windows

package camera

import "syscall"

const (
	errAccess       = syscall.EACCES
	errAddrInUse    = syscall.EADDRINUSE
	errAddrNotAvail = syscall.EADDRNOTAVAIL
	errConnRefused  = syscall.ECONNREFUSED
	errHostDown     = syscall.EHOSTDOWN
	errHostUnreach  = syscall.EHOSTUNREACH
	errNetDown      = syscall.ENETDOWN
	errNetUnreach   = syscall.ENETUNREACH
)
