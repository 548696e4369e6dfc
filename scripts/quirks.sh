#!/usr/bin/env bash
# Shows what comes of every way in which cameras are odd, and writes the table in docs/cameras.md.
set -euo pipefail
source "$(dirname "$0")/common.sh"
need_go

table=$(mktemp)
failed=0
# In the order of the files: the table is written by the second.
go test -count=1 -run '^TestQuirks(AreDocumented)?$' ./streaming/camera -quirks="$table" >"$table.log" 2>&1 || failed=1
cat "$table"
if ((failed)); then
	cat "$table.log" >&2
fi
rm -f "$table" "$table.log"
exit $failed
