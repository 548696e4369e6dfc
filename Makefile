# Each target is a script in scripts/, which works without make too.

.DEFAULT_GOAL := help
.PHONY: help run headless build test torture lint fmt fuzz quirks bench bench-load bench-page bench-window screenshots icons package deb rpm tarball headless-deb package-windows package-macos release release-figures test-packages test-windows deps clean

help: ## this list
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  make \1	\2/p' Makefile | expand -t 20

run: ## build and start Traycam with its demo cameras; no window where there is no display
	@scripts/run.sh

headless: ## build the program without a window: build/traycam-headless
	@scripts/build.sh headless

build: ## build both programs into build/
	@scripts/build.sh

test: ## install what the tests need and run them all
	@scripts/test.sh

torture: ## make every fault in docs/reliability.md, in its long form, and write what was measured there
	@scripts/torture.sh

lint: ## format, vet, staticcheck, gosec, known vulnerabilities, go.mod, shell scripts
	@scripts/lint.sh

fmt: ## format the sources, tidy go.mod
	go tool gofumpt -w .
	go mod tidy

fuzz: ## run every fuzz target for FUZZTIME=30s, or TARGETS alone, JOBS=1 at a time
	@scripts/fuzz.sh $(TARGETS)

quirks: ## show that every odd camera works, and write the table in docs/cameras.md
	@scripts/quirks.sh

bench: ## run the benchmarks COUNT=6 times, then bench-load; with BASE=old.txt compare the benchmarks alone
	@scripts/bench.sh

bench-load: ## what many viewers cost beside the machine's limit; SECS=3 is 2 minutes, LOAD="-stalled 0.2 stalled"
	@scripts/bench.sh load $(LOAD)

bench-window: ## what the window costs with 64 live cameras, ROUNDS=3
	@scripts/bench-window.sh

bench-page: ## how late Chromium paints pictures, over the WebSocket and over <img>
	@scripts/bench.sh page

screenshots: ## take the pictures in docs/screens from the running program
	@scripts/screenshots.sh

icons: ## draw the icons of all sizes from their SVG sources in assets/icons
	@scripts/icons.sh

package: ## make all packages for Linux, in build/packages
	@scripts/package.sh

deb: ## the package for Debian and Ubuntu
	@scripts/package.sh deb

rpm: ## the package for Fedora and openSUSE
	@scripts/package.sh rpm

tarball: ## an archive that installs for one user, without root, on any Linux
	@scripts/package.sh tarball

headless-deb: ## the package without a window, ARCHS="amd64 arm64 armhf"
	@scripts/package.sh headless-deb

package-windows: ## make the installer and the zip for Windows, on Linux, in build/packages
	@scripts/package-windows.sh

package-macos: ## make Traycam.app and its disk image, on a Mac
	@scripts/package-macos.sh

test-packages: ## install, start, update and remove the packages in a fresh Debian; wants root
	@scripts/test-packages.sh

test-windows: ## make the packages for Windows and do the same under Wine
	@scripts/test-windows.sh

release: ## checksums and the list of what is built in, for all that is in build/packages
	@scripts/release.sh

release-figures: ## write docs/release.md: sizes of the packages, time from start to first frame
	@scripts/release.sh figures

deps: ## install the system packages for building and testing
	@scripts/deps.sh test

clean: ## remove build/
	rm -rf build
