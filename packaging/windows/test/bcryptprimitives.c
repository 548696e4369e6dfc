/* Wine 8 has no bcryptprimitives.dll, of which Go's runtime needs this one function. For tests under Wine only. */
#include <windows.h>
#include <ntsecapi.h>

__declspec(dllexport) BOOL WINAPI ProcessPrng(BYTE *data, SIZE_T length) {
	return RtlGenRandom(data, (ULONG)length);
}

BOOL WINAPI DllMainCRTStartup(HINSTANCE dll, DWORD reason, LPVOID reserved) { return TRUE; }
