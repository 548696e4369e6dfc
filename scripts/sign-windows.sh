#!/usr/bin/env bash
# Signs a program for Windows, in place: scripts/sign-windows.sh FILE. package-windows.sh tells with what.
set -euo pipefail
args=(sign -pkcs12 "$TRAYCAM_SIGN_PFX" -h sha256 -n Traycam)
[[ -z ${TRAYCAM_SIGN_PASSWORD_FILE:-} ]] || args+=(-readpass "$TRAYCAM_SIGN_PASSWORD_FILE")
[[ -z ${TRAYCAM_SIGN_TIMESTAMP:-} ]] || args+=(-ts "$TRAYCAM_SIGN_TIMESTAMP")
osslsigncode "${args[@]}" -in "$1" -out "$1.signed" >/dev/null
mv "$1.signed" "$1"
