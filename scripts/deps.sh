#!/usr/bin/env bash
# Installs the system packages that Traycam needs and that are missing here.
#
#   scripts/deps.sh build    what the desktop program is compiled with
#   scripts/deps.sh lint     the same, and shellcheck
#   scripts/deps.sh test     the same as lint, and the cameras, browsers and desktops of the tests
#   scripts/deps.sh icons    what the icons are drawn with
#   scripts/deps.sh windows  what the packages for Windows are made with
#   scripts/deps.sh wine     the same, and what they are tried with
#   scripts/deps.sh packages what the packages are made into, and checked with
#
# Debian, Ubuntu (apt-get) and Fedora (dnf); elsewhere it names what is missing.
# Where all is there it asks nothing, installs nothing and takes a fraction of a second.
set -euo pipefail
source "$(dirname "$0")/common.sh"

# One need a line: how to see that it is there, then the Debian package, then the Fedora one.
# cmd:NAME a program on the PATH, pc:NAME a pkg-config module, gst:NAME a GStreamer
# element, gi:NAME a library that the system's Python can call, font:NAME a font (_ for a space), file:PATTERN a file, dri: software OpenGL. Where Fedora's column is -, dnf is
# asked for the program or the pkg-config module itself, which it can find by that name.
build_needs() {
	cat <<-'END'
		cmd:clang                       clang                           clang
		cmd:pkg-config                  pkg-config                      -
		pc:gl                           libgl-dev                       -
		pc:x11                          libx11-dev                      -
		pc:xcursor                      libxcursor-dev                  -
		pc:xrandr                       libxrandr-dev                   -
		pc:xinerama                     libxinerama-dev                 -
		pc:xi                           libxi-dev                       -
		pc:xxf86vm                      libxxf86vm-dev                  -
		pc:gtk+-3.0                     libgtk-3-dev                    gtk3-devel
		pc:ayatana-appindicator3-0.1    libayatana-appindicator3-dev    libayatana-appindicator-gtk3-devel
	END
}

lint_needs() {
	build_needs
	echo "cmd:shellcheck shellcheck ShellCheck"
}

test_needs() {
	local chromium="chromium"
	local firefox="firefox-esr"
	[[ $(os_id) != ubuntu ]] || { chromium="chromium-browser" firefox="firefox"; } # snaps; Ubuntu has no others
	lint_needs
	cat <<-END
		cmd:ffmpeg                      ffmpeg                          -
		cmd:gst-launch-1.0              gstreamer1.0-tools              gstreamer1
		gst:tcpclientsink               gstreamer1.0-plugins-base       gstreamer1-plugins-base
		gst:multipartmux                gstreamer1.0-plugins-good       gstreamer1-plugins-good
		gst:openh264enc                 gstreamer1.0-plugins-bad        gstreamer1-plugin-openh264
		gi:GLib-2.0                     python3-gi                      python3-gobject-base
		gi:GstRtspServer-1.0            gir1.2-gst-rtsp-server-1.0      gstreamer1-rtsp-server
		cmd:chromium|chromium-browser|google-chrome   $chromium         chromium
		cmd:firefox-esr|firefox       $firefox          firefox
		cmd:curl                        curl                            -
		cmd:apache2|httpd               apache2-bin                     httpd-core
		cmd:ip                          iproute2                        iproute
		cmd:avahi-daemon                avahi-daemon                    avahi
		cmd:pgrep                       procps                          procps-ng
		cmd:strace                      strace                          -
		cmd:Xvfb                        xvfb                            -
		cmd:openbox                     openbox                         -
		cmd:xfce4-panel                 xfce4-panel                     -
		cmd:xdotool                     xdotool                         -
		cmd:xclip                       xclip                           -
		cmd:xrdb                        x11-xserver-utils               -
		cmd:dbus-daemon                 dbus                            dbus-daemon
		cmd:dbus-launch                 dbus-x11                        -
		cmd:gnome-keyring-daemon        gnome-keyring                   -
		cmd:import                      imagemagick                     ImageMagick
		dri:                            libgl1-mesa-dri                 mesa-dri-drivers
		font:DejaVu_Sans                fonts-dejavu-core               dejavu-sans-fonts
	END
	# Fedora has no tray of the old kind and no motion; their tests are skipped there.
	command -v dnf >/dev/null || printf '%s\n' "cmd:trayer trayer -" "cmd:motion motion -"
}

icons_needs() {
	cat <<-'END'
		cmd:rsvg-convert                librsvg2-bin                    librsvg2-tools
		cmd:magick|convert              imagemagick                     ImageMagick
		cmd:png2icns                    icnsutils                       libicns-utils
		cmd:optipng                     optipng                         -
	END
}

windows_needs() {
	cat <<-'END'
		cmd:clang                       clang                           clang
		cmd:x86_64-w64-mingw32-windres  binutils-mingw-w64-x86-64       mingw64-binutils
		file:/usr/lib/gcc/x86_64-w64-mingw32/*/libgcc.a   gcc-mingw-w64-x86-64-win32   mingw64-gcc
		cmd:makensis                    nsis                            mingw-nsis-base
		cmd:osslsigncode                osslsigncode                    -
		cmd:zip                         zip                             -
	END
}

wine_needs() {
	windows_needs
	cat <<-'END'
		cmd:wine64|/usr/lib/wine/wine64 wine64                          wine-core
		cmd:ffmpeg                      ffmpeg                          -
		cmd:curl                        curl                            -
		cmd:openssl                     openssl                         -
		cmd:unzip                       unzip                           -
		cmd:Xvfb                        xvfb                            -
		cmd:xdotool                     xdotool                         -
		dri:                            libgl1-mesa-dri                 mesa-dri-drivers
	END
}

packages_needs() {
	build_needs
	cat <<-'END'
		cmd:mmdebstrap                  mmdebstrap                      -
		cmd:desktop-file-validate       desktop-file-utils              -
		cmd:appstreamcli                appstream                       -
		cmd:lintian                     lintian                         -
		cmd:rpm                         rpm                             -
		cmd:xz                          xz-utils                        -
		cmd:systemd-analyze             systemd                         -
		cmd:systemd-nspawn              systemd-container               -
		cmd:setpriv                     util-linux                      -
		cmd:ffmpeg                      ffmpeg                          -
		cmd:curl                        curl                            -
		cmd:Xvfb                        xvfb                            -
		cmd:openbox                     openbox                         -
		cmd:xdotool                     xdotool                         -
		cmd:xprop                       x11-utils                       -
		cmd:dbus-run-session            dbus-daemon                     dbus-daemon
	END
}

os_id() { sed -n 's/^ID=//p' /etc/os-release 2>/dev/null | tr -d '"'; }

there() {
	local name=${1#*:} one
	case $1 in
	cmd:*)
		for one in ${name//|/ }; do
			PATH=$PATH:/usr/sbin command -v "$one" >/dev/null && return
		done
		return 1
		;;
	pc:*) pkg-config --exists "$name" 2>/dev/null ;;
	gi:*) /usr/bin/python3 -c "import gi; gi.require_version('${name%-*}', '${name##*-}')" 2>/dev/null ;;
	gst:*) gst-inspect-1.0 --exists "$name" 2>/dev/null ;;
	font:*) fc-list -q "${name//_/ }" 2>/dev/null ;;
	file:*) compgen -G "$name" >/dev/null ;;
	dri:) compgen -G '/usr/lib*/dri/*_dri.so' >/dev/null || compgen -G '/usr/lib/*/dri/*_dri.so' >/dev/null ;;
	esac
}

# missing prints the packages to install, in column $1 (2: Debian, 3: Fedora) of the needs on standard input.
missing() {
	local need debian fedora
	while read -r need debian fedora; do
		there "$need" && continue
		if [[ $1 == 2 ]]; then
			echo "$debian"
		elif [[ $fedora != - ]]; then
			echo "$fedora"
		elif [[ $need == pc:* ]]; then
			echo "pkgconfig(${need#pc:})"
		else
			echo "/usr/bin/${need#cmd:}"
		fi
	done | sort -u
}

as_root() {
	if ((EUID == 0)); then
		"$@"
	else
		sudo "$@"
	fi
}

# quietly shows what a command says only if it fails. The script goes on: what is
# still missing then is named at the end.
quietly() {
	local log
	log=$(mktemp)
	"$@" >"$log" 2>&1 </dev/null || { cat "$log" >&2 && say "That was: $*"; }
	rm -f "$log"
}

install_debian() {
	quietly as_root apt-get -o DPkg::Lock::Timeout=300 update
	quietly as_root env DEBIAN_FRONTEND=noninteractive \
		apt-get -y --no-install-recommends -o DPkg::Lock::Timeout=300 -o Dpkg::Use-Pty=0 install "$@"
}

install_fedora() { quietly as_root dnf -y --setopt=install_weak_deps=False install "$@"; }

set=${1:-test}
case $set in
build) why="compile the Traycam window" ;;
lint) why="check the Traycam sources" ;;
test) why="build and test Traycam" ;;
icons) why="draw Traycam's icons" ;;
windows) why="make Traycam's packages for Windows" ;;
wine) why="try Traycam's packages for Windows" ;;
packages) why="test the packages" ;;
*) die "usage: scripts/deps.sh build|lint|test|icons|packages|windows|wine" ;;
esac

# macOS and others bring what a build needs, or have their own package managers.
[[ $(uname -s) == Linux ]] || exit 0

column=2
command -v apt-get >/dev/null || ! command -v dnf >/dev/null || column=3
mapfile -t packages < <("${set}_needs" | missing $column)
((${#packages[@]})) || exit 0

if ! command -v apt-get >/dev/null && ! command -v dnf >/dev/null; then
	die "To $why, please install what Debian calls: ${packages[*]}"
fi
if ((EUID != 0)) && ! command -v sudo >/dev/null; then
	die "To $why, please install as root: ${packages[*]}"
fi
say "Installing, to $why: ${packages[*]}"
if ((column == 2)); then
	install_debian "${packages[@]}"
else
	install_fedora "${packages[@]}"
fi

mapfile -t packages < <("${set}_needs" | missing $column)
((${#packages[@]} == 0)) || die "Still missing, to $why: ${packages[*]}"
