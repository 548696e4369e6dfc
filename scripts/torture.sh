#!/usr/bin/env bash
# Makes every fault in package faults, in its long form, and writes docs/reliability.md.
# TRAYCAM_SOAK=20m shortens the two tests that take an hour, side by side. Arguments go to go test: scripts/torture.sh -run Fault/camera
set -euo pipefail
source "$(dirname "$0")/common.sh"
need_go
scripts/deps.sh test
scripts/build.sh
use_clang

export TRAYCAM_BIN="$PWD/build/traycam" TRAYCAM_HEADLESS_BIN="$PWD/build/traycam-headless"
export TRAYCAM_TORTURE=1 TRAYCAM_FAULTS="$PWD/build/faults"
rm -rf "$TRAYCAM_FAULTS"
mkdir -p "$TRAYCAM_FAULTS"
arguments=("$@")
((${#arguments[@]})) || arguments=(-run '^TestFault')

# The built programs are measured alone, after the others.
mapfile -t packages < <(go list -test -f '{{if .ForTest}}{{.ForTest}} {{join .Deps " "}}{{end}}' ./... | sed -n 's/^\([^ ]*\) .*traycam\/faults.*/\1/p' | sort -u | grep -v '^traycam/e2e$')
failed=0
((${#packages[@]} == 0)) || go test -race -count=1 -timeout 60m "${arguments[@]}" "${packages[@]}" || failed=1
go test -count=1 -timeout 150m -parallel 4 "${arguments[@]}" ./e2e || failed=1
go test -count=1 -run '^TestFaultsAreDocumented$' ./faults -args -results="$TRAYCAM_FAULTS" || failed=1
exit $failed
