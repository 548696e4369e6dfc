#!/usr/bin/env bash
# Measures what the window costs with 64 live cameras: processor time without a
# window, with it hidden and with it shown, and how soon a click takes effect.
# ROUNDS (default 3) rounds, on a virtual screen.
set -euo pipefail
source "$(dirname "$0")/common.sh"
need_go
scripts/deps.sh test
scripts/build.sh desktop

TRAYCAM_BIN="$PWD/build/traycam" go test -run '^$' -bench WindowOf64Cameras -benchtime "${ROUNDS:-3}x" -timeout 30m ./e2e
