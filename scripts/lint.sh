#!/usr/bin/env bash
# Checks format, correctness, known vulnerabilities and go.mod. Runs every check
# and fails if one of them found something.
set -euo pipefail
source "$(dirname "$0")/common.sh"
need_go
scripts/deps.sh lint
use_clang
release_flags

failed=()
not_checked=77 # what a check returns that could not be made here
check() {
	local name=$1 start=$SECONDS status=0 result
	shift
	"$@" || status=$?
	case $status in
	0) result="ok" ;;
	"$not_checked") result="NOT CHECKED" ;;
	*) result="FAILED" && failed+=("$name") ;;
	esac
	printf '%-22s %-11s %3d s\n' "$name" "$result" $((SECONDS - start))
}

format() {
	local unformatted
	unformatted=$(go tool gofumpt -l .) || return
	[[ -z $unformatted ]] || { echo "make fmt would change:" && echo "$unformatted" && return 1; }
}

# Not a tool in go.mod: it would bring some hundred modules that nothing else needs.
# Left out: G104, errors that nobody handles (staticcheck and readers look at those); G115, numbers that might
# overflow (it sees no bounds: all of what it found was within them); G304, files with names that are told (the person tells
# them); G103, package unsafe (streaming/tcp alone). What else it finds is mended, or says why not beside "#nosec".
security() {
	go run github.com/securego/gosec/v2/cmd/gosec@v2.30.0 -quiet -exclude=G103,G104,G115,G304 -exclude-dir=bench -exclude-dir=faults ./...
}

# govulncheck ends with 3 where it found something. Without the vulnerability
# database it ends with 1 and names the request that failed: that is not a finding.
vulnerabilities() {
	local status=0 out
	out=$(go tool govulncheck ./... 2>&1) || status=$?
	if ((status == 0)); then
		return 0
	elif ((status == 1)) && grep -qE '^govulncheck: fetching vulnerabilities: Get "https?://' <<<"$out"; then
		echo "govulncheck: the vulnerability database, vuln.go.dev, cannot be reached from here: ${out##*: }"
		return $not_checked
	fi
	echo "$out"
	return 1
}

tidy() {
	local diff
	diff=$(go mod tidy -diff 2>&1) && return
	echo "make fmt would change go.mod or go.sum:"
	grep -E '^(go: |[-+]\s)' <<<"$diff" | head -n 20 || echo "$diff"
	return 1
}

shell() {
	local files
	command -v shellcheck >/dev/null || return $not_checked
	mapfile -t files < <(find . -name '*.sh' -not -path './build/*' -not -path './.git/*')
	shellcheck --external-sources --source-path=SCRIPTDIR "${files[@]}" .ci/run
}

# What is for macOS alone is checked as far as it needs no Apple compiler. What is for Windows, test-windows builds.
macos() { CGO_ENABLED=0 GOOS=darwin go vet -tags headless . ./app ./streaming/...; }

workflows() { tool actionlint; }

check gofumpt format
check "go vet" go vet ./...
check "go vet headless" go vet -tags headless ./...
check "go vet macOS" macos
check staticcheck go tool staticcheck ./...
check "staticcheck headless" go tool staticcheck -tags headless ./...
check gosec security
check govulncheck vulnerabilities
check "go mod tidy" tidy
check shellcheck shell
check actionlint workflows

((${#failed[@]} == 0)) || die "lint failed: ${failed[*]}"
