#!/usr/bin/env bash
# Runs fuzz targets for FUZZTIME (default 30s) each: all, or those that are named.
#
#   scripts/fuzz.sh [TARGET...]
#
# JOBS (default 1) targets run at a time, with one worker each if that is more
# than one. An input that fails is kept by Go in testdata/fuzz beside the test: commit
# it with the repair.
set -euo pipefail
source "$(dirname "$0")/common.sh"
need_go

jobs=${JOBS:-1} parallel=()
((jobs == 1)) || parallel=(-parallel 1)

declare -A folder_of # by target
while IFS=: read -r file line; do
	name=${line#func }
	folder_of[${name%%(*}]=$(dirname "$file")
done < <(grep -r --include='*_test.go' '^func Fuzz' .)

(($#)) || mapfile -t all < <(printf '%s\n' "${!folder_of[@]}" | sort)
(($#)) || set -- "${all[@]}"

# fuzz runs target $1. What it says comes in one piece.
fuzz() {
	local log status=0
	log=$(mktemp)
	go test -run '^$' -fuzz "^$1\$" -fuzzminimizetime 20x -fuzztime "${FUZZTIME:-30s}" "${parallel[@]}" "${folder_of[$1]}" >"$log" 2>&1 || status=1
	printf '== %s %s\n%s\n' "${folder_of[$1]}" "$1" "$(cat "$log")"
	rm -f "$log"
	return $status
}

failed=0 running=0
for target; do
	[[ -n ${folder_of[$target]:-} ]] || die "There is no fuzz target $target; there are: ${!folder_of[*]}"
	if ((running == jobs)); then
		wait -n || failed=1
		running=$((running - 1))
	fi
	fuzz "$target" &
	running=$((running + 1))
done
while ((running--)); do
	wait -n || failed=1
done
exit $failed
