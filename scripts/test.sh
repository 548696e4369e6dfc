#!/usr/bin/env bash
# Installs what the tests need, builds both programs and runs all tests.
# Arguments go to go test: scripts/test.sh -run Hub
set -euo pipefail
source "$(dirname "$0")/common.sh"
need_go
scripts/deps.sh test
scripts/build.sh
use_clang

export TRAYCAM_BIN="$PWD/build/traycam" TRAYCAM_HEADLESS_BIN="$PWD/build/traycam-headless"

# The tests of the built programs measure frames and memory: they run alone,
# after the others, and never out of the cache, which does not see the programs change.
mapfile -t packages < <(go list ./... | grep -v '^traycam/e2e')
failed=0
# Three at a time: most of them wait more than they compute.
go test -race -p 3 "$@" "${packages[@]}" || failed=1
# The golden pictures are drawn by one goroutine, and the race detector makes that take nine times as long.
(release_flags && go test -run '^TestGolden$' "$@" ./ui) || failed=1
go test -race -tags headless "$@" . || failed=1
go test -count=1 -p 1 -timeout 15m "$@" ./e2e/... || failed=1
exit $failed
