#!/usr/bin/env bash
# Runs every fuzz target for FUZZTIME (default 30s) each. An input that fails is
# kept by Go in testdata/fuzz beside the test: commit it with the repair.
set -euo pipefail
source "$(dirname "$0")/common.sh"
need_go

failed=0
mapfile -t folders < <(grep -rl --include='*_test.go' '^func Fuzz' . | xargs -r dirname | sort -u)
for folder in "${folders[@]}"; do
	for target in $(go test -list '^Fuzz' "$folder" | grep '^Fuzz'); do
		echo "== $folder $target"
		go test -run '^$' -fuzz "^$target\$" -fuzzminimizetime 20x -fuzztime "${FUZZTIME:-30s}" "$folder" || failed=1
	done
done
exit $failed
