#!/usr/bin/env bash
# Builds Traycam and starts it with its demo cameras: with a window where there
# is a display, and as a headless server, with nothing to install, where there is none.
# Arguments go to the program: scripts/run.sh --port 8091
set -euo pipefail
source "$(dirname "$0")/common.sh"
need_go

if has_display; then
	[[ -x build/traycam ]] || say "Building Traycam; the first time takes a minute or two."
	scripts/build.sh desktop
	exec build/traycam --demo "$@"
fi

[[ -x build/traycam-headless ]] || say "No display here: building Traycam without a window; the first time takes up to a minute."
scripts/build.sh headless
exec build/traycam-headless --headless --demo "$@"
