#!/usr/bin/env bash
# Makes what people install, in build/packages.
#
#   scripts/package.sh                deb, rpm, tarball and headless
#   scripts/package.sh deb            with window and tray, for Debian and Ubuntu
#   scripts/package.sh rpm            the same for Fedora and openSUSE
#   scripts/package.sh tarball        the same for one user, without root, on any Linux
#   scripts/package.sh headless-deb   the deb of the program without a window, for each of
#                                     ARCHS="amd64 arm64 armhf"; this computer's alone where nothing is said
#
# The same commit gives the same bytes. PACKAGE_VERSION is another version than git's, for tests;
# with PACKAGE_QUICK=1 they are larger, and made in half the time.
# TRAYCAM_HOMEPAGE and TRAYCAM_MAINTAINER ("NAME <ADDRESS>") say whose package it is.
set -euo pipefail
source "$(dirname "$0")/common.sh"
need_go
umask 022
export TZ=UTC LC_ALL=C

id=io.traycam.Traycam
from=packaging/linux
out=build/packages
compression=xz level=6
[[ -z ${PACKAGE_QUICK:-} ]] || compression=gzip level=0

version=${PACKAGE_VERSION:-$(git_version)}
export PACKAGE_VERSION HOMEPAGE MAINTAINER ARCH
HOMEPAGE=$(homepage)
MAINTAINER=${TRAYCAM_MAINTAINER:-Traycam <traycam@traycam.invalid>}
SOURCE_DATE_EPOCH=${SOURCE_DATE_EPOCH:-$(git log -1 --format=%ct 2>/dev/null || echo 0)}
export SOURCE_DATE_EPOCH

# package_version turns git's version into one that sorts as it should with dpkg and rpm:
# 1.2.0-rc1 before 1.2.0, and 1.2.0-4-gabcdef0, four commits later, behind it.
package_version() {
	sed -E 's/^([0-9.]+(-[a-z]+[0-9.]*)?)-([0-9]+-g[0-9a-f]+)/\1+\3/; s/-dirty$/+dirty/; s/^([0-9.]+)-/\1~/; s/-/./g' <<<"$1"
}
PACKAGE_VERSION=$(package_version "$version")

day() { date -u -d "@$SOURCE_DATE_EPOCH" "$1"; }

# put FILE MODE DESTINATION
put() { install -D -m "$2" "$1" "$3"; }

# fill prints a file with its @…@ filled in.
fill() {
	sed -e "s|@VERSION@|$version|; s|@DATE@|$(day +%F)|; s|@REVISION@|$(git rev-parse HEAD 2>/dev/null || echo HEAD)|" \
		-e "$([[ -n $HOMEPAGE ]] && echo "s|@HOMEPAGE@|$HOMEPAGE|" || echo "/@HOMEPAGE@/d")" "$1"
}

# releases are those in CHANGELOG.md, and before them this one.
releases() {
	local kind=stable
	[[ $version =~ ^[0-9.]+$ ]] || kind=development
	echo "    <release version=\"$version\" date=\"$(day +%F)\" type=\"$kind\"/>"
	sed -nE 's|^## \[([0-9.]+)\] - ([0-9-]+)$|    <release version="\1" date="\2"/>|p' CHANGELOG.md | grep -vF "\"$version\"" || true
}

# metainfo leaves the screenshots out where nobody has said where they are to be had.
metainfo() {
	local screenshots=()
	[[ -n $HOMEPAGE ]] || screenshots=(-e '/<screenshots>/,/<\/screenshots>/d')
	fill "$from/$id.metainfo.xml" | sed -e '/@RELEASES@/{' -e 'r /dev/fd/3' -e 'd' -e '}' "${screenshots[@]}" 3< <(releases)
}

# licenses prints the licences of all that is built into a program.
licenses() {
	local module rest dir file
	echo "Built into this program, beside Traycam itself (Apache-2.0) and Go's own library (BSD-3-Clause):"
	go version -m "$1" | awk '$1 == "dep" { print $2 "@" $3 }' | while IFS=@ read -r module rest; do
		dir=$(go list -m -f '{{.Dir}}' "$module")
		printf '\n==== %s %s\n\n' "$module" "$rest"
		for file in "$dir"/LICEN[CS]E* "$dir"/COPYING* "$dir"/NOTICE*; do
			[[ ! -f $file ]] || cat "$file"
		done
	done
}

# documents ROOT PROGRAM: man page, completions, licences
documents() {
	local share=$1/usr/share program=$2
	fill $from/traycam.1 >"$1/page"
	put "$1/page" 644 "$share/man/man1/$program.1"
	put $from/completions/traycam.bash 644 "$share/bash-completion/completions/$program"
	put $from/completions/_traycam 644 "$share/zsh/vendor-completions/_$program"
	put $from/completions/traycam.fish 644 "$share/fish/vendor_completions.d/$program.fish"
	licenses "build/$program" >"$1/licenses"
	put "$1/licenses" 644 "$share/doc/$program/third-party-licenses"
	put LICENSE 644 "$share/doc/$program/LICENSE"
	rm "$1/page" "$1/licenses"
}

# debian ROOT PROGRAM: what Debian asks of each package
debian() {
	local doc=$1/usr/share/doc/$2
	rm -f "$doc/LICENSE" # its text is on every Debian
	put $from/copyright 644 "$doc/copyright"
	printf '%s (%s) unstable; urgency=medium\n\n  * See CHANGELOG.md in the sources.\n\n -- %s  %s\n' \
		"$2" "$PACKAGE_VERSION" "$MAINTAINER" "$(day -R)" | gzip -9n >"$doc/changelog.gz"
	chmod 644 "$doc/changelog.gz"
	gzip -9nf "$doc/third-party-licenses" "$1/usr/share/man/man1/$2.1"
	if [[ -f $from/lintian-overrides/$2 ]]; then
		put "$from/lintian-overrides/$2" 644 "$1/usr/share/lintian/overrides/$2"
	fi
}

# desktop lays out what all packages of the program with a window share.
desktop() {
	local root=build/package/traycam size
	rm -rf build/package && mkdir -p "$root"
	put build/traycam 755 "$root/usr/bin/traycam"
	put $from/$id.desktop 644 "$root/usr/share/applications/$id.desktop"
	mkdir -p "$root/usr/share/metainfo"
	metainfo >"$root/usr/share/metainfo/$id.metainfo.xml"
	chmod 644 "$root/usr/share/metainfo/$id.metainfo.xml"
	for size in 16 22 24 32 48 64 128 256 512; do
		put "assets/icons/app-$size.png" 644 "$root/usr/share/icons/hicolor/${size}x$size/apps/$id.png"
	done
	put assets/icons/app.svg 644 "$root/usr/share/icons/hicolor/scalable/apps/$id.svg"
	put $from/systemd/traycam.service 644 "$root/usr/lib/systemd/user/traycam.service"
	documents "$root" traycam
}

settle() { find "$1" -exec touch -h -d "@$SOURCE_DATE_EPOCH" {} +; }

# pack PACKAGER CONFIG FILE
pack() {
	settle build/package
	sed "s/compression: xz/compression: $compression/" "$from/$2" >build/package.yaml
	tool nfpm package --packager "$1" --config build/package.yaml --target "$out/$3" >/dev/null
	say "$out/$3"
}

goarch() { go env GOARCH; }

machine() {
	case $(goarch) in
	amd64) echo x86_64 ;;
	arm64) echo aarch64 ;;
	*) goarch ;;
	esac
}

deb() {
	desktop
	debian build/package/traycam traycam
	ARCH=$(goarch)
	pack deb nfpm.yaml "traycam_${PACKAGE_VERSION}_$ARCH.deb"
}

rpm() {
	desktop
	local share=build/package/traycam/usr/share
	gzip -9n "$share/man/man1/traycam.1"
	mv "$share/zsh/vendor-completions" "$share/zsh/site-functions"
	ARCH=$(goarch)
	pack rpm nfpm.yaml "traycam-$PACKAGE_VERSION-1.$(machine).rpm"
}

tarball() {
	desktop
	local name
	name=traycam-$version-linux-$(machine)
	mv build/package/traycam/usr "build/package/$name"
	local top=build/package/$name
	mv "$top/lib/systemd" "$top/share/systemd"
	rmdir "$top/lib"
	mv "$top/share/zsh/vendor-completions" "$top/share/zsh/site-functions"
	put $from/install.sh 755 "$top/install.sh"
	put $from/uninstall.sh 755 "$top/share/doc/traycam/uninstall.sh"
	tar -C build/package --sort=name --mtime="@$SOURCE_DATE_EPOCH" --owner=0 --group=0 --numeric-owner --format=gnu \
		-cf - "$name" | xz "-$level" -T1 >"$out/$name.tar.xz"
	say "$out/$name.tar.xz"
}

# headless_deb ARCH, as Debian calls it. GOARM=6 is what every Raspberry Pi can run.
headless_deb() {
	local root=build/package/traycam-headless
	ARCH=$1
	case $ARCH in
	armhf) GOARCH=arm GOARM=6 scripts/build.sh headless ;;
	*) GOARCH=$ARCH scripts/build.sh headless ;;
	esac
	rm -rf build/package && mkdir -p $root
	put build/traycam-headless 755 $root/usr/bin/traycam-headless
	put $from/systemd/traycam-headless.service 644 $root/usr/lib/systemd/system/traycam-headless.service
	documents $root traycam-headless
	debian $root traycam-headless
	pack deb nfpm-headless.yaml "traycam-headless_${PACKAGE_VERSION}_$ARCH.deb"
}

# headless leaves this computer's own program in build/ behind.
headless() {
	local arch own
	own=$(goarch)
	for arch in ${ARCHS:-$own}; do
		[[ $arch == "$own" ]] || headless_deb "$arch"
	done
	headless_deb "$own"
}

mkdir -p "$out"
case ${1:-all} in
deb | rpm | tarball)
	scripts/build.sh desktop
	"$1"
	;;
headless-deb) headless ;;
all)
	scripts/build.sh desktop
	deb && rpm && tarball && headless
	;;
*) die "usage: scripts/package.sh [deb|rpm|tarball|headless-deb]" ;;
esac
