#!/usr/bin/env bash
# Makes Traycam.app and its disk image in build/packages, on a Mac with Xcode's command line tools.
# packaging/README.md tells how it is signed.
#
#   scripts/package-macos.sh            the disk image
#   scripts/package-macos.sh layout     the bundle alone, around whatever is build/traycam: works anywhere
#
# TRAYCAM_SIGN_IDENTITY is a "Developer ID Application: …" in the keychain; without it the signature is
# an ad-hoc one, which Apple's processors ask for. TRAYCAM_NOTARY_PROFILE is what "xcrun notarytool
# store-credentials" was told to call the account; without it nothing is notarised.
set -euo pipefail
source "$(dirname "$0")/common.sh"
need_go
release_flags

version=$(git_version)
from=packaging/macos
work=build/macos
app=$work/Traycam.app
image=build/packages/traycam-$version-macos.dmg

# programs makes one program for both kinds of processor.
programs() {
	local arch
	for arch in amd64 arm64; do
		CGO_ENABLED=1 GOOS=darwin GOARCH=$arch MACOSX_DEPLOYMENT_TARGET=12.0 \
			CGO_CFLAGS="-mmacosx-version-min=12.0" CGO_LDFLAGS="-mmacosx-version-min=12.0" \
			go build -ldflags "$(ldflags)" -o "$work/traycam-$arch" .
	done
	lipo -create -output build/traycam "$work/traycam-amd64" "$work/traycam-arm64"
}

# bundle lays Traycam.app out. Apple wants at most three numbers as a version, and each build a higher one.
bundle() {
	local build
	build=$(git rev-list --count HEAD 2>/dev/null || echo 1)
	rm -rf "$app"
	mkdir -p "$app/Contents/MacOS" "$app/Contents/Resources"
	sed "s/@NUMBERS@/${version%%-*}/; s/@BUILD@/$build/" $from/Info.plist >"$app/Contents/Info.plist"
	cp build/traycam "$app/Contents/MacOS/traycam"
	cp assets/icons/app.icns LICENSE "$app/Contents/Resources"
	printf 'APPL????' >"$app/Contents/PkgInfo"
}

# The time stamp comes from Apple, which an ad-hoc signature cannot ask.
sign() {
	local identity=${TRAYCAM_SIGN_IDENTITY:--} stamp=--timestamp
	[[ $identity != - ]] || stamp=--timestamp=none
	codesign --force --options runtime $stamp --entitlements $from/entitlements.plist --sign "$identity" "$1"
	codesign --verify --strict "$1"
}

image() {
	local folder=$work/image
	rm -rf "$folder" "$image"
	mkdir -p "$folder" "${image%/*}"
	cp -R "$app" "$folder"
	ln -s /Applications "$folder/Applications"
	hdiutil create -quiet -volname Traycam -srcfolder "$folder" -fs HFS+ -format UDZO "$image"
	[[ -z ${TRAYCAM_SIGN_IDENTITY:-} ]] || codesign --force --timestamp --sign "$TRAYCAM_SIGN_IDENTITY" "$image"
}

notarise() {
	[[ -n ${TRAYCAM_NOTARY_PROFILE:-} ]] || return 0
	xcrun notarytool submit "$image" --keychain-profile "$TRAYCAM_NOTARY_PROFILE" ${TRAYCAM_NOTARY_KEYCHAIN:+--keychain "$TRAYCAM_NOTARY_KEYCHAIN"} --wait
	xcrun stapler staple "$image"
}

mkdir -p $work
if [[ ${1:-} == layout ]]; then
	bundle
	exit
fi
[[ $(uname -s) == Darwin ]] || die "The disk image can be made on a Mac only; \"scripts/package-macos.sh layout\" lays the bundle out anywhere"
programs
bundle
sign "$app"
image
notarise
say "$image"
