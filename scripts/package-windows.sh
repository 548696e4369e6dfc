#!/usr/bin/env bash
# Makes what people on Windows install, on Linux, in build/packages: the installer, and the
# zip that needs none. packaging/README.md tells how they behave.
#
# TRAYCAM_SIGN_PFX is a PKCS #12 file with certificate and key, TRAYCAM_SIGN_PASSWORD_FILE a file with
# its password, TRAYCAM_SIGN_TIMESTAMP the address of a time stamp server. Nothing is signed without
# the first. PACKAGE_VERSION is another version than git's, for tests; with PACKAGE_QUICK=1 the installer is larger.
# Unsigned, the same commit gives the same bytes.
set -euo pipefail
source "$(dirname "$0")/common.sh"
need_go
scripts/deps.sh windows
release_flags
umask 022
export TZ=UTC LC_ALL=C
export SOURCE_DATE_EPOCH="${SOURCE_DATE_EPOCH:-$(git log -1 --format=%ct 2>/dev/null || echo 315532800)}"

[[ -z ${PACKAGE_VERSION:-} ]] || git_version() { echo "$PACKAGE_VERSION"; }
version=$(git_version)
name=traycam-$version-windows-amd64
work=build/windows
out=build/packages
from=packaging/windows
linked=rsrc_windows_amd64.syso
trap 'rm -f $linked' EXIT

# numbers prints a version as the four numbers that Windows wants: 1.2.3-4-gabcdef0 as 1.2.3.4, with $1 between them.
numbers() {
	local dot=$1 major minor patch rest
	IFS=.-+ read -r major minor patch rest <<<"$version"
	[[ $version =~ -([0-9]+)-g ]] && rest=${BASH_REMATCH[1]} || rest=0
	echo "$major$dot$minor$dot${patch:-0}$dot$rest"
}

# resources NAME DESCRIPTION makes icon, version and manifest, which Go links where it finds them.
resources() {
	sed -e "s/@NAME@/$1/; s/@DESCRIPTION@/$2/; s/@VERSION@/$version/; s/@NUMBERS@/$(numbers ,)/" $from/traycam.rc >"$work/$1.rc"
	x86_64-w64-mingw32-windres --include-dir . "$work/$1.rc" $linked
}

# build NAME ARGUMENTS... compiles a program. Mingw's gcc takes minutes for the OpenGL bindings, clang
# does not; it is told where the libraries are, and the linker not to note the time.
build() {
	local program=$1 flags
	shift
	flags=$(ldflags)
	GOOS=windows GOARCH=amd64 CC="clang --target=x86_64-w64-mingw32" CGO_LDFLAGS="-L$(libgcc) -Wl,--no-insert-timestamp" \
		go build -ldflags "$flags -compressdwarf=false ${linking:-}" -o "$work/$program.exe" "$@" .
	sign "$work/$program.exe"
}

# libgcc prints the folder of mingw's, for the threads of Windows or those of POSIX; nothing of it but
# arithmetic is linked.
libgcc() { dirname "$(compgen -G '/usr/lib/gcc/x86_64-w64-mingw32/*/libgcc.a' | sort | tail -n 1)"; }

# sign FILE puts a signature on it, if there is a certificate.
sign() { [[ -z ${TRAYCAM_SIGN_PFX:-} ]] || scripts/sign-windows.sh "$1"; }

portable() {
	local folder=$work/$name
	mkdir -p "$folder"
	cp "$work/traycam.exe" "$work/traycam-headless.exe" "$folder"
	# Windows' older editors want its line ends.
	sed 's/$/\r/' LICENSE >"$folder/LICENSE.txt"
	sed 's/$/\r/' $from/portable.txt >"$folder/README.txt"
	find "$folder" -exec touch -d "@$SOURCE_DATE_EPOCH" {} +
	(cd $work && find "$name" -type f | sort | zip -qX "../packages/$name.zip" -@)
}

installer() {
	local signing=()
	[[ -z ${TRAYCAM_SIGN_PFX:-} ]] || signing=("-DSIGN=scripts/sign-windows.sh")
	local compressor=lzma
	[[ -z ${PACKAGE_QUICK:-} ]] || compressor=zlib
	makensis -V2 -NOCD "-DVERSION=$version" "-DNUMBERS=$(numbers .)" "-DCOMPRESSOR=$compressor" "-DPROGRAM=$work/traycam.exe" \
		"-DOUT=$out/$name-setup.exe" "${signing[@]}" $from/traycam.nsi
}

rm -rf $work
mkdir -p $work $out
rm -f "$out/$name.zip" "$out/$name-setup.exe"
resources traycam Traycam
CGO_ENABLED=1 linking="-H windowsgui" build traycam
resources traycam-headless "Traycam without a window"
CGO_ENABLED=0 build traycam-headless -tags headless
portable
installer
stat -c "%s %n" "$out/$name-setup.exe" "$out/$name.zip" | awk '{ printf "%6.1f MB  %s\n", $1 / 1e6, $2 }'
