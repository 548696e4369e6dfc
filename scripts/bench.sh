#!/usr/bin/env bash
# Runs the benchmarks COUNT times (default 6) into build/bench.txt and prints the
# summary; with BASE=file, compared to an earlier build/bench.txt. "bench.sh page"
# is how late Chromium paints pictures: into build/bench-page.txt.
set -euo pipefail
source "$(dirname "$0")/common.sh"
need_go

mkdir -p build
if [[ ${1:-} == page ]]; then
	scripts/deps.sh test
	scripts/build.sh headless
	TRAYCAM_HEADLESS_BIN="$PWD/build/traycam-headless" go test -run '^$' -bench Paint -benchtime 1x -count "${COUNT:-1}" ./e2e | tee build/bench-page.txt
	exit
fi
go test -run '^$' -bench "${BENCH:-.}" -benchmem -count "${COUNT:-6}" ./streaming/... | tee build/bench.txt
echo
go tool benchstat ${BASE:+"$BASE"} build/bench.txt
