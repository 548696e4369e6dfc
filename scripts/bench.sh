#!/usr/bin/env bash
# Measures how fast Traycam is.
#
#   scripts/bench.sh              the Go benchmarks, then the load
#   scripts/bench.sh go           the benchmarks COUNT (6) times into build/bench.txt, and their summary;
#                                 BENCH=Publish picks; BASE=old.txt compares with an earlier build/bench.txt
#   scripts/bench.sh load [args]  the built program under many viewers, beside the limit of the machine, into
#                                 build/bench-load.md; SECS and ROUNDS; args are those of bench/README.md. Linux only
#   scripts/bench.sh page         how late Chromium paints pictures, into build/bench-page.txt
set -euo pipefail
source "$(dirname "$0")/common.sh"
need_go
mkdir -p build

benchmarks() {
	go test -run '^$' -bench "${BENCH:-.}" -benchmem -count "${COUNT:-6}" ./streaming/... | tee build/bench.txt
	echo
	go tool benchstat ${BASE:+"$BASE"} build/bench.txt
}

load() {
	scripts/build.sh headless
	go build -o build/bench ./bench
	build/bench ${SECS:+-secs "$SECS"} ${ROUNDS:+-rounds "$ROUNDS"} "$@" | tee build/bench-load.md
}

page() {
	scripts/deps.sh test
	scripts/build.sh headless
	TRAYCAM_HEADLESS_BIN="$PWD/build/traycam-headless" go test -run '^$' -bench Paint -benchtime 1x -count "${COUNT:-1}" ./e2e | tee build/bench-page.txt
}

case ${1:-all} in
go) benchmarks ;;
load) load "${@:2}" ;;
page) page ;;
all)
	benchmarks
	# BENCH and BASE ask for some of the benchmarks, not for the load.
	if [[ -n ${BENCH:-}${BASE:-} ]]; then
		exit
	elif [[ $(uname -s) != Linux ]]; then
		say "The load is measured on Linux only."
	else
		echo && load
	fi
	;;
*) die "usage: scripts/bench.sh [go|load [args]|page]" ;;
esac
