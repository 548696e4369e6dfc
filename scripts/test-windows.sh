#!/usr/bin/env bash
# Tries the packages for Windows under Wine, in a Windows of their own that is thrown away: installs over an
# older version, runs it as a camera's and a viewer's computer would, and removes it. Makes the packages first,
# signed with a certificate of its own. Wine's own version of Windows is what is shown, not Windows.
set -euo pipefail
source "$(dirname "$0")/common.sh"
scripts/deps.sh wine

tmp=$(mktemp -d)
wine=$(PATH=$PATH:/usr/lib/wine command -v wine64)
export WINEPREFIX=$tmp/prefix WINEDEBUG=-all WINEDLLOVERRIDES="mscoree,mshtml="
started=()
finish() {
	((${#started[@]} == 0)) || kill "${started[@]}" 2>/dev/null || true
	"${wine%wine64}wineserver" -k 2>/dev/null || /usr/lib/wine/wineserver64 -k 2>/dev/null || true
	rm -rf "$tmp"
}
trap finish EXIT

user=$WINEPREFIX/drive_c/users/$(id -un)
programs="$user/AppData/Local/Programs/Traycam"
menu="$user/AppData/Roaming/Microsoft/Windows/Start Menu/Programs/Traycam.lnk"
config=$user/AppData/Roaming/traycam/config.toml
run_key='HKCU\Software\Microsoft\Windows\CurrentVersion\Run'
uninstall_key='HKCU\Software\Microsoft\Windows\CurrentVersion\Uninstall\Traycam'

check() {
	local what=$1
	shift
	"$@" || die "FAILED: $what"
	say "ok: $what"
}
absent() { [[ ! -e $1 ]]; }
registry() { "$wine" reg query "$1" /v "$2" 2>/dev/null | grep -qF -- "$3"; }
unregistered() { ! "$wine" reg query "$@" >/dev/null 2>&1; }
# until_true SECONDS COMMAND... waits for it, as long as that.
until_true() {
	local end=$((SECONDS + $1))
	shift
	until "$@" >/dev/null 2>&1; do
		((SECONDS < end)) || return 1
		sleep 0.2
	done
}
live() { curl -fsS "localhost:$port/state" | grep -q '"state":"live"'; }
# background COMMAND... runs it; its number is in $last, and start's in $traycam.
background() {
	"$@" &
	last=$!
	started+=("$last")
}
start() {
	background "$wine" "$@"
	traycam=$last
}
ends_well() { wait "$traycam"; }

openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=Traycam-test -addext extendedKeyUsage=codeSigning \
	-keyout "$tmp/key.pem" -out "$tmp/cert.pem" 2>/dev/null
(umask 077 && echo test >"$tmp/password")
openssl pkcs12 -export -inkey "$tmp/key.pem" -in "$tmp/cert.pem" -passout "file:$tmp/password" -out "$tmp/cert.pfx"
# package VERSION FOLDER
package() {
	PACKAGE_VERSION=$1 PACKAGE_QUICK=1 scripts/package-windows.sh
	mkdir -p "$2"
	mv "build/packages/traycam-$1-windows-amd64"* "$2"
}
package 0.0.1 "$tmp/again"
package 0.0.1 "$tmp/packages"
check "the same sources give the same bytes" diff -r "$tmp/again" "$tmp/packages"
TRAYCAM_SIGN_PFX=$tmp/cert.pfx TRAYCAM_SIGN_PASSWORD_FILE=$tmp/password package 0.0.2 "$tmp/packages"

# run waits for a Windows program, for a while.
run() { timeout 90 "$wine" "$@"; }
setup() { run "$tmp/packages/traycam-$1-windows-amd64-setup.exe" /S "${@:2}"; }

run wineboot -i 2>/dev/null
run winecfg /v win10 2>/dev/null # the installer wants 10; Debian's Wine says that it is 7
clang --target=x86_64-w64-mingw32 -O1 -shared -nostdlib packaging/windows/test/bcryptprimitives.c -ladvapi32 -lkernel32 \
	-o "$WINEPREFIX/drive_c/windows/system32/bcryptprimitives.dll"

unzip -q "$tmp/packages/traycam-0.0.2-windows-amd64.zip" -d "$tmp"
portable=$tmp/traycam-0.0.2-windows-amd64
signed() { osslsigncode verify -CAfile "$tmp/cert.pem" -in "$1" >/dev/null; }
check "the installer is signed" signed "$tmp/packages/traycam-0.0.2-windows-amd64-setup.exe"
check "the program is signed" signed "$portable/traycam.exe"
check "it has icon, version and manifest" grep -qa PerMonitorV2 "$portable/traycam.exe"

check "the older version installs" setup 0.0.1 /LOGIN=1
check "the program is there" test -f "$programs/traycam.exe"
check "its uninstaller is there" test -f "$programs/uninstall.exe"
check "it is in the start menu" test -f "$menu"
check "Windows lists it" registry "$uninstall_key" DisplayVersion 0.0.1
check "it starts at login" registry "$run_key" Traycam 'Programs\Traycam\traycam.exe" --hidden'

mkdir -p "${config%/*}"
port=18397 camera=18398
printf '# mine\nport = %s\n\n[[cameras]]\nid = "door"\nname = "Door"\nurl = "tcp://127.0.0.1:%s?listen"\nenabled = true\n' $port $camera >"$config"
cp "$config" "$tmp/config.toml"

main_job() {
	check "it serves viewers" until_true 30 curl -fsS "localhost:$port/state"
	background ffmpeg -v quiet -re -f lavfi -i testsrc2=size=640x360:rate=15 -f mjpeg "tcp://127.0.0.1:$camera"
	local ffmpeg=$last
	check "ffmpeg's camera is live" until_true 20 live
	curl -sS -m 3 "localhost:$port/cameras/door/stream.mjpg" >"$tmp/stream" 2>/dev/null || true
	check "a viewer gets pictures" test "$(grep -ac image/jpeg "$tmp/stream")" -gt 10
	kill "$ffmpeg"
}

start "$portable/traycam-headless.exe"
main_job
check "--quit ends it" run "$portable/traycam-headless.exe" --quit
check "its exit status is 0" ends_well

# The window, by way of the start menu, while an upgrade is installed.
background Xvfb -displayfd 7 -screen 0 1280x900x24 7>"$tmp/display" 2>/dev/null
check "there is a screen" until_true 20 test -s "$tmp/display"
DISPLAY=:$(cat "$tmp/display")
export DISPLAY
start start /wait "C:\\users\\$(id -un)\\AppData\\Roaming\\Microsoft\\Windows\\Start Menu\\Programs\\Traycam.lnk"
check "the start menu's entry shows the window" until_true 60 xdotool search --onlyvisible --name Traycam
main_job
check "a second start leaves it at that" run "$programs/traycam.exe"
check "a newer version installs over the one that runs" setup 0.0.2
check "that one ended well" ends_well
check "Windows lists the newer one" registry "$uninstall_key" DisplayVersion 0.0.2
version() { run "$programs/traycam.exe" --version | grep -q "traycam 0.0.2"; }
check "it is the newer one" version
check "its uninstaller is signed" signed "$programs/uninstall.exe"
check "it still starts at login" registry "$run_key" Traycam 'traycam.exe" --hidden'
check "the settings are as they were" cmp "$config" "$tmp/config.toml"

# The uninstaller copies itself and returns at once, unless it is told where it is.
remove() { run "$programs/uninstall.exe" /S "$@" "_?=C:\\users\\$(id -un)\\AppData\\Local\\Programs\\Traycam"; }
gone() {
	check "it is not in the start menu" absent "$menu"
	check "it does not start at login" unregistered "$run_key" /v Traycam
	check "Windows does not list it" unregistered "$uninstall_key"
	check "the program is gone" absent "$programs/traycam.exe"
	check "its logs are gone" absent "$user/AppData/Local/traycam"
}
start "$programs/traycam.exe" --hidden
check "it runs when it is removed" until_true 30 curl -fsS "localhost:$port/state"
check "it can be removed" remove
gone
check "it ended well" ends_well
check "the settings are kept" cmp "$config" "$tmp/config.toml"

check "it installs again" setup 0.0.2
check "not at login: nobody asked" unregistered "$run_key" /v Traycam
check "it installs again, to start at login" setup 0.0.2 /LOGIN=1
check "and again, not to" setup 0.0.2 /LOGIN=0
check "not at login any more" unregistered "$run_key" /v Traycam
check "it can be removed with its settings" remove /DELETESETTINGS
gone
check "the settings are gone" absent "${config%/*}"
