#!/bin/sh
# Makes the PNG and ICO files from the SVG sources beside this script.
# Needs rsvg-convert (librsvg2-bin) and ImageMagick.
set -eu
cd "$(dirname "$0")"

magick=$(command -v magick || command -v convert)
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT

png() { # png SOURCE SIZE FILE
	rsvg-convert --width "$2" --height "$2" "$1.svg" --output "$tmp/out.png"
	"$magick" "$tmp/out.png" -strip -define png:exclude-chunks=date,time "$3"
}

ico() { # ico SOURCE SIZE...
	name=$1
	shift
	files=
	for size; do
		png "$name" "$size" "$tmp/$size.png"
		files="$files $tmp/$size.png"
	done
	# shellcheck disable=SC2086 # a list of files
	"$magick" $files "$name.ico"
}

png app 512 app.png
png app 128 app-128.png
ico app 256 64 48 32 24 16
for state in stopped streaming attention; do
	png "tray-$state" 64 "tray-$state.png"
	ico "tray-$state" 48 32 24 20 16
done
cp app.svg ../web/favicon.svg
