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
go test -race "$@" "${packages[@]}" || failed=1
go test -race -tags headless "$@" . || failed=1
go test -count=1 -p 1 -timeout 15m "$@" ./e2e/... || failed=1
exit $failed
