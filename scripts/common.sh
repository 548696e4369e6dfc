# shellcheck shell=bash
# Sourced by the other scripts: where the checkout is, which compiler, which version.

cd "$(dirname "${BASH_SOURCE[0]}")/.." || exit

say() { printf '%s\n' "$*" >&2; }
die() { say "$*"; exit 1; }

# need_go ends the script with one sentence where Go is missing or too old to
# fetch the version that go.mod asks for (it can from 1.21 on).
need_go() {
	local goversion minor
	command -v go >/dev/null || die "Traycam needs Go 1.26 or newer: https://go.dev/dl/"
	goversion=$(GOTOOLCHAIN=local go env GOVERSION 2>/dev/null || true)
	minor=${goversion#go1.}
	minor=${minor%%[!0-9]*}
	if [[ $goversion == go1.* ]] && ((${minor:-0} < 21)); then
		die "Traycam needs Go 1.26 or newer, this is $goversion: https://go.dev/dl/"
	fi
}

# use_clang makes cgo use clang where there is one: a cold build of the OpenGL
# bindings takes 39 s with clang 14 and 3.5 min with gcc 12. macOS has nothing else.
use_clang() {
	[[ -n ${CC:-} ]] || ! command -v clang >/dev/null || export CC=clang
}

# release_flags are the same for build and lint, so that the second finds in Go's
# cache what the first compiled. The version comes from ldflags: Go need not ask git.
release_flags() {
	export GOFLAGS="${GOFLAGS:-} -trimpath -buildvcs=false"
}

# A tag v1.2.3 gives version 1.2.3; commits after it, 1.2.3-4-gabcdef0.
git_version() {
	local version
	version=$(git describe --tags --match 'v[0-9]*' --dirty 2>/dev/null || echo v0.1.0-dev)
	echo "${version#v}"
}

# homepage is where the repository's page is, such as https://github.com/OWNER/traycam,
# as the release workflow says. Empty: nobody said, and nothing points there.
homepage() { echo "${TRAYCAM_HOMEPAGE:-}"; }

# ldflags prints the linker flags of every program that is built here.
ldflags() {
	local commit date
	commit=$(git rev-parse --short=12 HEAD 2>/dev/null || echo unknown)
	date=$(git log -1 --format=%cI 2>/dev/null || echo unknown)
	echo "-s -w -X main.version=$(git_version) -X main.commit=$commit -X main.date=$date -X main.homepage=$(homepage)"
}

# tool runs a program that makes packages, in the version that packaging/tools/go.mod says.
tool() { go tool -modfile=packaging/tools/go.mod "$@"; }

# has_display tells whether a window can be shown here. On Linux the window is an
# X11 one: a Wayland session shows it through Xwayland, which sets DISPLAY too.
has_display() {
	[[ $(uname -s) != Linux || -n ${DISPLAY:-} ]]
}
