#!/bin/sh
# Removes what install.sh installed, and that Traycam starts at login. Your settings stay.
set -eu
cd "$(dirname "$0")/../../.."
list=share/doc/traycam/installed
[ -f "$list" ] || { echo "Traycam is not installed in $PWD" >&2 && exit 1; }

login=${XDG_CONFIG_HOME:-$HOME/.config}/autostart/io.traycam.Traycam.desktop
if [ -f "$login" ] && grep -qF "$PWD/bin/traycam" "$login"; then
	rm -f "$login"
fi
systemctl --user disable --now traycam.service >/dev/null 2>&1 || true

files=$(cat "$list")
# Paths of the archive: no spaces in them.
for file in $files; do
	rm -f "$file"
done

# Folders go where nothing else is in them.
for file in $files; do
	dirname "$file"
done | sort -ru | while read -r folder; do
	rmdir -p "$folder" 2>/dev/null || true
done
[ ! -d share/applications ] || update-desktop-database -q share/applications 2>/dev/null || true
[ ! -d share/icons/hicolor ] || gtk-update-icon-cache -qtf share/icons/hicolor 2>/dev/null || true
# Without icons the line above has deleted its cache, which kept the folder here.
rmdir -p share/icons/hicolor 2>/dev/null || true
echo "Traycam is removed. Your settings are still in ${XDG_CONFIG_HOME:-$HOME/.config}/traycam"
