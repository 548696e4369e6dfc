#!/usr/bin/env bash
# Runs the benchmarks COUNT times (default 6) into build/bench.txt and prints the
# summary; with BASE=file, compared to an earlier build/bench.txt.
set -euo pipefail
source "$(dirname "$0")/common.sh"
need_go

mkdir -p build
go test -run '^$' -bench "${BENCH:-.}" -benchmem -count "${COUNT:-6}" ./streaming/... | tee build/bench.txt
echo
go tool benchstat ${BASE:+"$BASE"} build/bench.txt
