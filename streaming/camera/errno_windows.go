package camera

import "golang.org/x/sys/windows"

// Windows' network errors are not those of package syscall.
const (
	errAddrInUse    = windows.WSAEADDRINUSE
	errAddrNotAvail = windows.WSAEADDRNOTAVAIL
	errConnRefused  = windows.WSAECONNREFUSED
	errHostUnreach  = windows.WSAEHOSTUNREACH
	errNetUnreach   = windows.WSAENETUNREACH
)
