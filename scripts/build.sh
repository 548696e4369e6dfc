#!/usr/bin/env bash
# Builds the programs into build/.
#
#   scripts/build.sh              both
#   scripts/build.sh desktop      build/traycam: window, tray, and --headless
#   scripts/build.sh headless     build/traycam-headless: no cgo, needs nothing but Go, runs anywhere
set -euo pipefail
source "$(dirname "$0")/common.sh"
need_go
release_flags

desktop() {
	scripts/deps.sh build
	use_clang
	go build -ldflags "$(ldflags)" -o build/traycam .
}

# Not making the debug data, which the linker would strip, saves a sixth of the first build.
headless() {
	CGO_ENABLED=0 go build -tags headless -gcflags=all=-dwarf=false -ldflags "$(ldflags)" -o build/traycam-headless .
}

case ${1:-both} in
desktop) desktop ;;
headless) headless ;;
both) desktop && headless ;;
*) die "usage: scripts/build.sh [desktop|headless]" ;;
esac
