#!/usr/bin/env bash
# Takes the pictures in docs/screens from the running program: its window, and
# the viewer page in Chromium. Needs the ports 8090, 9001 and a free 8888.
set -euo pipefail
source "$(dirname "$0")/common.sh"
need_go
scripts/deps.sh test
scripts/build.sh
TRAYCAM_HEADLESS_BIN="$PWD/build/traycam-headless" TRAYCAM_BIN="$PWD/build/traycam" TRAYCAM_SCREENS="$PWD/docs/screens" \
	go test -count=1 -run "^Test(Page|Window)?Screens$" ./e2e
