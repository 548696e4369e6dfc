package camera

import "golang.org/x/sys/windows"

// Windows' network errors are not those of package syscall.
const (
	errAccess       = windows.WSAEACCES
	errAddrInUse    = windows.WSAEADDRINUSE
	errAddrNotAvail = windows.WSAEADDRNOTAVAIL
	errConnRefused  = windows.WSAECONNREFUSED
	errHostDown     = windows.WSAEHOSTDOWN
	errHostUnreach  = windows.WSAEHOSTUNREACH
	errNetDown      = windows.WSAENETDOWN
	errNetUnreach   = windows.WSAENETUNREACH
)
