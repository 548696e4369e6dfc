#!/usr/bin/env bash
# Draws the icons of all sizes from their sources, app.svg and tray.svg in assets/icons. They are
# committed, so building needs none of the programs that this needs.
set -euo pipefail
source "$(dirname "$0")/common.sh"
scripts/deps.sh icons
cd assets/icons

tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
magick=$(command -v magick || command -v convert)

# draw SVG SIZE FILE [STYLE]
draw() {
	rsvg-convert --width "$2" --height "$2" --stylesheet <(echo "${4:-}") "$1" --output "$3"
	optipng -quiet -strip all "$3"
}

# Below 32 pixels the margin goes, and what would only blur.
small=$tmp/app.svg
sed 's/viewBox="0 0 128 128"/viewBox="6 6 116 116"/' app.svg >"$small"

app() {
	if (($1 < 32)); then
		draw "$small" "$1" "$2" '.glint { display: none }'
	else
		draw app.svg "$1" "$2"
	fi
}

sizes=(16 22 24 32 48 64 128 256 512)
for size in "${sizes[@]}"; do
	app "$size" "app-$size.png"
done
"$magick" app-256.png app-64.png app-48.png app-32.png app-24.png app-16.png app.ico
png2icns app.icns app-16.png app-32.png app-48.png app-128.png app-256.png app-512.png >/dev/null
cp app.svg ../web/favicon.svg

# tray STATE STYLE: a PNG for Linux and macOS, an ICO for Windows
tray() {
	local size files=()
	draw tray.svg 64 "tray-$1.png" "$2"
	for size in 48 32 24 20 16; do
		draw tray.svg $size "$tmp/$size.png" "$2"
		files+=("$tmp/$size.png")
	done
	"$magick" "${files[@]}" "tray-$1.ico"
}

tray streaming '.warning, .around { display: none }'
tray stopped '.warning, .around, .pupil { display: none } .ink { stroke: #828890 }'
tray attention ''
