#!/bin/sh
# Installs Traycam for you alone, without root, into ~/.local (or where PREFIX says).
# Run again, it updates. share/doc/traycam/uninstall.sh there removes it.
set -eu
cd "$(dirname "$0")"
prefix=${PREFIX:-$HOME/.local}
case $prefix in
/*) ;;
*) echo "PREFIX must be a whole path, not $prefix" >&2 && exit 2 ;;
esac
case $prefix in
*[\"\'\`\$\\\|\&%\;\<\>\*\?\#\(\)\{\}\~\!]* | *[[:cntrl:]]*) echo "Traycam cannot be installed into $prefix: please choose a path without special characters with PREFIX=…" >&2 && exit 2 ;;
esac
doc=$prefix/share/doc/traycam

# The program may be running: a new file takes its place.
find bin share -type d -exec mkdir -p "$prefix/{}" \;
find bin share -type f -exec sh -c '
	for file; do
		cp -p "$file" "$0/$file.new"
		mv -f "$0/$file.new" "$0/$file"
	done' "$prefix" {} +
find bin share -type f >"$doc/installed"
echo share/doc/traycam/installed >>"$doc/installed"

sed -i "s|^Exec=traycam|Exec=\"$prefix/bin/traycam\"|; s|^TryExec=.*|TryExec=$prefix/bin/traycam|" \
	"$prefix/share/applications/io.traycam.Traycam.desktop"
sed -i "s|^ExecStart=/usr/bin/traycam|ExecStart=\"$prefix/bin/traycam\"|" "$prefix/share/systemd/user/traycam.service"

missing=$(ldd "$prefix/bin/traycam" 2>/dev/null | sed -n 's/^\t*\(.*\) => not found/\1/p' | tr '\n' ' ')
if [ -n "$missing" ]; then
	echo "Traycam needs what is missing here: $missing"
	echo "On Fedora: sudo dnf install libayatana-appindicator-gtk3   On Debian, Ubuntu: sudo apt install libayatana-appindicator3-1 libgl1"
fi
update-desktop-database -q "$prefix/share/applications" 2>/dev/null || true
gtk-update-icon-cache -qtf "$prefix/share/icons/hicolor" 2>/dev/null || true
echo "Traycam is in your menu now. Remove it with: sh \"$doc/uninstall.sh\""
