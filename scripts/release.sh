#!/usr/bin/env bash
# What goes with a release, beside the packages that are in build/packages already.
#
#   scripts/release.sh            the list of what is built in (SBOM, CycloneDX) and SHA256SUMS, there too
#   scripts/release.sh figures    docs/release.md: sizes, and the time from start to first frame
#
# The same commit and packages give the same bytes.
set -euo pipefail
source "$(dirname "$0")/common.sh"
need_go
export TZ=UTC LC_ALL=C
SOURCE_DATE_EPOCH=${SOURCE_DATE_EPOCH:-$(git log -1 --format=%ct 2>/dev/null || echo 0)}
out=build/packages

# components lists what is built into the desktop program, without the time and place of its making.
components() {
	local list
	list=$out/traycam-$(git_version).cdx.json
	[[ -f build/traycam ]] || scripts/build.sh desktop
	tool cyclonedx-gomod bin -json -noserial -licenses -version "v$(git_version)" -output "$list" build/traycam 2>/dev/null
	sed -i "s/\"timestamp\": \"[^\"]*\"/\"timestamp\": \"$(date -u -d "@$SOURCE_DATE_EPOCH" +%FT%TZ)\"/; /\"Os\?Arch\"/d" "$list"
	say "$list"
}

sums() {
	rm -f $out/SHA256SUMS
	(cd $out && find . -maxdepth 1 -type f -printf '%P\n' | sort | xargs sha256sum) >build/SHA256SUMS
	mv build/SHA256SUMS $out
	say "$out/SHA256SUMS"
}

# installed FILE prints the bytes that a package takes when it is installed; nothing where that is not known.
installed() {
	case $1 in
	*.deb) dpkg-deb --fsys-tarfile "$1" | tar -tv | awk '{ n += $3 } END { print n }' ;;
	*.rpm) rpm -qp --queryformat '%{LONGSIZE}' "$1" 2>/dev/null || true ;;
	*.tar.xz) tar -tvf "$1" | awk '{ n += $3 } END { print n }' ;;
	*.zip) unzip -l "$1" | awk 'END { print $1 }' ;;
	esac
}

megabytes() { [[ -z $1 ]] || awk -v n="$1" 'BEGIN { printf "%.1f MB", n / 1e6 }'; }

sizes() {
	local file
	echo "| file | size | installed |"
	echo "| --- | --- | --- |"
	for file in "$out"/*; do
		case $file in
		*/SHA256SUMS | *.json) continue ;;
		esac
		echo "| \`${file##*/}\` | $(megabytes "$(stat -c %s "$file")") | $(megabytes "$(installed "$file")") |"
	done
}

first_frames() {
	TRAYCAM_BIN=$PWD/build/traycam TRAYCAM_HEADLESS_BIN=$PWD/build/traycam-headless \
		go test -run '^$' -bench FirstFrame -benchtime 20x ./e2e | awk '
		$1 ~ /^BenchmarkFirstFrame/ { sub(/.*\//, "", $1); sub(/-[0-9]+$/, "", $1)
			what = $1 == "desktop" ? "`traycam`, window and tray, on a desktop that stands already" : "`traycam-headless`"
			for (i = 3; i < NF; i += 2) at[$(i + 1)] = $i
			printf "| %s | %.0f ms | %.0f ms |\n", what, at["median-ms"], at["worst-ms"] }'
}

figures() {
	scripts/deps.sh test
	scripts/build.sh
	cat >docs/release.md <<-END
		# What a release weighs

		Written by \`make release-figures\`, from the packages of $(git_version) and on a computer with $(nproc) cores ($(uname -sm)).

		## Sizes

		$(sizes)

		The Windows installer takes what the \`.zip\` has without the headless program. The disk image for macOS is made on a Mac, and
		is not in this table unless it was.

		## From start to first frame

		From the start of the program until a viewer has a camera's first picture, 640×360 from the built-in camera; of 20 starts,
		files in the system's cache. \`go test -run '^$' -bench FirstFrame ./e2e\`

		| program | median | worst |
		| --- | --- | --- |
		$(first_frames)
	END
	say docs/release.md
}

mkdir -p $out
case ${1:-} in
"") components && sums ;;
figures) figures ;;
*) die "usage: scripts/release.sh [figures]" ;;
esac
