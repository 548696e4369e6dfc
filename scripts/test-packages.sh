#!/usr/bin/env bash
# Installs, starts, updates and removes the packages in fresh copies of the Debian
# that runs here, or of SUITE=trixie. Wants root. The fresh system is kept in build/roots.
set -euo pipefail
source "$(dirname "$0")/common.sh"

((EUID == 0)) || die "The packages are installed into a system of their own, which takes root: sudo make test-packages"
[[ $(sed -n 's/^ID=//p' /etc/os-release) == debian ]] || die "make test-packages needs Debian: NOTHING was tested."
if [[ -z ${TRAYCAM_MOUNTS:-} ]]; then
	scripts/deps.sh packages
	# What is mounted here goes with this script, however it ends.
	TRAYCAM_MOUNTS=own exec unshare --mount --propagation private "$PWD/scripts/test-packages.sh" "$@" ||
		die "This machine lets nobody mount: NOTHING was tested."
fi

work=$(mktemp -d)
here=$(sed -n 's/^VERSION_CODENAME=//p' /etc/os-release)
suite=${SUITE:-$here}
base=build/roots/$suite
port=$((20000 + RANDOM % 10000))
camera=$((port + 1))
id=io.traycam.Traycam
started=()

finish() {
	local pid
	for pid in "${started[@]}"; do kill -9 "$pid" 2>/dev/null || true; done
	findmnt -rno TARGET | grep "^$work/" | sort -r | xargs -r umount -l || true
	rm -rf --one-file-system "$work"
}
trap finish EXIT

mark=$SECONDS
step() { say "$(printf '%4d s  %s' $((SECONDS - mark)) "$*")" && mark=$SECONDS; }
fail() { die "FAILED: $*"; }

# eventually COMMAND... waits up to 30 s for it to succeed.
eventually() {
	local end=$((SECONDS + 30))
	until "$@" >/dev/null 2>&1; do
		((SECONDS < end)) || fail "after 30 s still not: $*"
		sleep 0.1
	done
}

# make_base gives a system with apt and nothing else. Its package lists and what
# it downloads stay in build/roots; the mirror is that of this computer.
make_base() {
	mkdir -p build/roots/archives
	[[ ! -f $base/etc/debian_version ]] || return 0
	local file sources=()
	while read -r file; do
		sed "s/\b$here\b/$suite/g" "$file" >"$work/${file##*/}"
		sources+=("$work/${file##*/}")
	done < <(grep -lsE 'debian\.org|/debian' /etc/apt/sources.list /etc/apt/sources.list.d/*)
	rm -rf "$base" "$base.new"
	mmdebstrap --quiet --mode=root --variant=apt --include=passwd --skip=cleanup/apt/lists \
		--aptopt="$(write_aptopt)" "$suite" "$base.new" "${sources[@]}" || die "No fresh Debian could be made: NOTHING was tested."
	mv "$base.new" "$base"
}

# write_aptopt says how this computer's apt reaches its mirror.
write_aptopt() {
	apt-config dump | grep -E '^(Acquire::(http|https)::|Acquire::Check-)' >"$work/apt.conf" || true
	echo 'APT::Install-Recommends "false";' >>"$work/apt.conf"
	echo "$work/apt.conf"
}

# fresh NAME makes $root, a system in which only Debian's base is installed.
fresh() {
	root=$work/$1/root
	mkdir -p "$work/$1"/{upper,work,root}
	# A layer cannot lie on a layered file system: then a copy.
	mount -t tmpfs tmpfs "$work/$1" && mkdir -p "$work/$1"/{upper,work,root}
	mount -t overlay overlay -o "lowerdir=$PWD/$base,upperdir=$work/$1/upper,workdir=$work/$1/work" "$root" 2>/dev/null ||
		cp -a --reflink=auto "$base/." "$root/"
	mount -t proc proc "$root/proc"
	mount --rbind /dev "$root/dev"
	mkdir -p "$root/tmp/.X11-unix" "$root/var/cache/apt/archives"
	mount --bind build/roots/archives "$root/var/cache/apt/archives"
	[[ ! -d /tmp/.X11-unix ]] || mount --bind /tmp/.X11-unix "$root/tmp/.X11-unix"
	cp -L /etc/resolv.conf "$root/etc/resolv.conf"
	cp /etc/hosts "$root/etc/hosts"
	rm -f "$root/etc/apt/apt.conf.d/docker-clean"
	printf '#!/bin/sh\nexit 101\n' >"$root/usr/sbin/policy-rc.d"
	chmod 755 "$root/usr/sbin/policy-rc.d"
	chroot "$root" useradd --create-home --shell /bin/sh ann
}

in_root() { chroot "$root" env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin LC_ALL=C.UTF-8 DEBIAN_FRONTEND=noninteractive "$@"; }
# as_ann runs in the fresh system as a person without any rights; become_ann never
# comes back, so that in the background it is the program that gets the signals.
become_ann() { exec chroot --userspec=ann "$root" env -i PATH=/usr/bin:/bin HOME=/home/ann LC_ALL=C.UTF-8 "DISPLAY=${display:-}" "$@"; }
as_ann() { (become_ann "$@"); }
apt_get() { in_root apt-get -qq -y -o Dpkg::Use-Pty=0 -o APT::Keep-Downloaded-Packages=true -o APT::Sandbox::User=root --no-install-recommends "$@" >"$work/apt.log" 2>&1 || { tail -n 20 "$work/apt.log" >&2 && fail "apt-get $*"; }; }

install_deb() {
	cp "$1" "$root/tmp/new.deb"
	apt_get install /tmp/new.deb
	rm "$root/tmp/new.deb"
}

# files lists a system, without what installing any package changes.
files() {
	(cd "$root" && find . -xdev \( -path ./proc -o -path ./dev -o -path ./tmp -o -path ./var/cache -o -path ./var/log -o -path ./var/lib/dpkg -o -path ./var/lib/apt \) -prune -o -print | sort)
}

# nothing_left BEFORE [ALLOWED] compares the system with how it was.
nothing_left() {
	local left
	left=$(comm -13 "$1" <(files) | grep -vE "${2:-^$}" || true)
	[[ -z $left ]] || fail "left behind:"$'\n'"$left"
}

settings() {
	mkdir -p "$1"
	cat >"$1/config.toml" <<-END
		# Ann's own words
		port = $port

		[[cameras]]
		id = "door"
		name = "Door"
		url = "tcp://:$camera?listen"
	END
}

# main_job: a camera sends JPEGs, and a viewer gets them.
main_job() {
	eventually curl -fsS "http://localhost:$port/healthz"
	nice ffmpeg -nostdin -loglevel quiet -re -f lavfi -i testsrc2=size=640x360:rate=10 -f mjpeg "tcp://127.0.0.1:$camera" &
	local sender=$!
	started+=("$sender")
	eventually curl -fsS -o "$work/picture.jpg" "http://localhost:$port/cameras/door/snapshot.jpg"
	[[ $(head -c 3 "$work/picture.jpg" | od -An -tx1) == " ff d8 ff" ]] || fail "the snapshot is no JPEG"
	curl -s --max-time 3 "http://localhost:$port/cameras/door/stream.mjpg" >"$work/stream" || true
	local parts
	parts=$(grep -ac '^Content-Length' "$work/stream" || true)
	((parts >= 5)) || fail "a viewer got $parts pictures in 3 s"
	kill "$sender"
	wait "$sender" 2>/dev/null || true
}

# pid_of PROGRAM finds it by its file, in this system alone.
pid_of() {
	local exe
	for exe in /proc/[0-9]*/exe; do
		[[ $(readlink "$exe" 2>/dev/null) == *"$1"* && /proc/${exe//[!0-9]/}/root -ef $root ]] && echo "${exe//[!0-9]/}" && return
	done
	return 1
}

# start_entry FOLDER starts Traycam as a menu does: by the Exec of its desktop file.
start_entry() {
	local command
	command=$(sed -n '/^\[Desktop Entry\]/,/^\[Desktop A/s/^Exec=//p' "$root$1/$id.desktop")
	become_ann sh -c "exec $command" >"$work/out" 2>&1 &
	started+=($!)
	running=$!
}

end_program() {
	kill -TERM "$running"
	local status=0
	wait "$running" || status=$?
	((status == 0)) || { cat "$work/out" >&2 && fail "ended with status $status"; }
}

start_display() {
	local number
	Xvfb -displayfd 3 -screen 0 1280x800x24 -nolisten tcp 3>"$work/display" >/dev/null 2>&1 &
	started+=($!)
	eventually test -s "$work/display"
	number=$(<"$work/display")
	display=:$number
	DISPLAY=$display openbox >/dev/null 2>&1 &
	started+=($!)
}

window() { DISPLAY=$display xdotool search --onlyvisible --class '^Traycam$'; }

window_class() {
	local class
	eventually window
	class=$(DISPLAY=$display xprop -id "$(window | head -n 1)" WM_CLASS)
	[[ $class == *"\"$(sed -n 's/^StartupWMClass=//p' packaging/linux/$id.desktop)\""* ]] || fail "the window is $class"
}

# libraries holds the dependencies of deb and rpm to what the program loads.
libraries() {
	local direct opened soname package
	direct=$(readelf -d build/traycam | sed -n 's/.*NEEDED.*\[\(.*\)\]/\1/p' | sort)
	# Names in the program, of files that it has mapped now, which it is not linked with: those it opened itself.
	opened=$(comm -12 <(strings -a build/traycam | grep -E '^lib[A-Za-z0-9_-]+\.so\.[0-9]+$' | sort -u) \
		<(sed -nE 's|.*/(lib[^/]*\.so[^/]*)$|\1|p' "/proc/$running/maps" | sed -E 's/(\.so\.[0-9]+).*/\1/' | sort -u))
	sort -u <<<"$direct"$'\n'"$opened" >"$work/sonames"
	rpm -qp --requires "$rpm" 2>/dev/null | sed -nE 's/^(lib.*\.so[^(]*)\(.*/\1/p' | sort -u |
		diff "$work/sonames" - >&2 || fail "the rpm's dependencies (>) are not what the program loads (<)"
	while read -r soname; do
		package=$(in_root sh -c "dpkg -S '*/$soname' | head -n 1")
		package=${package%%:*}
		echo "${package%t64}" # as Debian 13 calls some, which provide the name before
	done <"$work/sonames" | sort -u >"$work/loaded"
	dpkg-deb -f "$deb" Depends | tr ',' '\n' | sed -E 's/^ *([^ ]+).*/\1/' | sort -u |
		diff "$work/loaded" - >&2 || fail "the deb's dependencies (>) are not what the program loads (<)"
}

test_files() {
	desktop-file-validate packaging/linux/$id.desktop
	dpkg-deb -x "$deb" "$work/deb"
	appstreamcli validate --no-net --explain "$work/deb/usr/share/metainfo/$id.metainfo.xml" >"$work/appstream" || { cat "$work/appstream" >&2 && fail appstreamcli; }
	lintian --allow-root --fail-on error "$deb" "$headless" || fail lintian
	man --warnings -l "$work/deb/usr/share/man/man1/traycam.1.gz" 2>&1 >/dev/null | head -n 5 || true
}

# make_older gives the same deb a smaller version: making it anew takes 20 s.
make_older() {
	old=$work/traycam_0.0.9.deb
	dpkg-deb -R "$deb" "$work/older"
	sed -i 's/^Version: .*/Version: 0.0.9/' "$work/older/DEBIAN/control"
	dpkg-deb --root-owner-group -Zgzip -z1 -b "$work/older" "$old" >/dev/null
}

test_same_bytes() {
	cp "$headless" "$work/first.deb" # the smallest; all are packed by the same function
	scripts/package.sh headless-deb 2>/dev/null
	cmp "$headless" "$work/first.deb" || fail "the same sources gave another deb"
}

test_deb() {
	fresh deb
	install_deb "$old"
	settings "$root/home/ann/.config/traycam"
	in_root chown -R ann: /home/ann
	start_entry /usr/share/applications
	main_job
	install_deb "$deb" # while the older one runs: it goes on
	kill -0 "$running" || fail "the update ended the running Traycam"
	main_job
	end_program
	grep -qF "Ann's own words" "$root/home/ann/.config/traycam/config.toml" || fail "the settings are not what they were"
	start_entry /usr/share/applications
	main_job
	window_class
	libraries
	end_program
	apt_get purge --autoremove traycam
	[[ -z $(in_root find / -xdev -iname '*traycam*' -not -path '/home/*' -not -path '/var/cache/apt/*' -not -path '/var/log/*' -not -path '/proc/*') ]] ||
		fail "left behind by the deb: $(in_root find / -xdev -iname '*traycam*' -not -path '/home/*' -not -path '/proc/*')"
	[[ -f $root/home/ann/.config/traycam/config.toml ]] || fail "the settings are gone"
}

test_tarball() {
	fresh tarball
	install_deb "$deb" && apt_get remove traycam # its libraries stay
	settings "$root/home/ann/.config/traycam"
	in_root chown -R ann: /home/ann
	files >"$work/before"
	mkdir "$root/tmp/unpacked"
	tar -C "$root/tmp/unpacked" --strip-components=1 --no-same-owner -xf "$tarball"
	in_root chown -R ann: /tmp/unpacked
	as_ann sh /tmp/unpacked/install.sh >/dev/null
	start_entry /home/ann/.local/share/applications
	main_job
	as_ann sh /tmp/unpacked/install.sh >/dev/null # an update, while it runs
	main_job
	end_program
	start_entry /home/ann/.local/share/applications
	main_job
	end_program
	as_ann sh /home/ann/.local/share/doc/traycam/uninstall.sh >/dev/null
	# Beside the settings, a log and what Fyne keeps for any program.
	nothing_left "$work/before" '^\./home/ann/\.(config|cache)(/|$)|^\./home/ann/\.local(/share)?$'
}

test_headless() {
	fresh headless
	local before=$work/before-headless unit=/usr/lib/systemd/system/traycam-headless.service
	files >"$before"
	install_deb "$headless"
	! compgen -G "$root/usr/lib/*/libGL*" >/dev/null || fail "a graphics library came with the headless deb"
	(($(stat -c %s "$headless") < 15000000 && $(stat -c %s "$root/usr/bin/traycam-headless") < 15000000)) || fail "the headless program has 15 MB or more"
	settings "$root/home/ann/.config/traycam"
	in_root chown -R ann: /home/ann
	become_ann traycam-headless >"$work/out" 2>&1 &
	started+=($!) running=$!
	main_job
	end_program
	# The fresh system has no systemd: this computer's reads the unit, with the program built here.
	sed "s|/usr/bin/traycam-headless|$PWD/build/traycam-headless|" "$root$unit" >"$work/traycam-headless.service"
	systemd-analyze verify --man=no "$work/traycam-headless.service" >"$work/verify" 2>&1 || { cat "$work/verify" >&2 && fail "the unit"; }
	systemd-analyze security --offline=yes --threshold=20 "$root$unit" | tail -n 1 || fail "the unit is more open than 2.0"
	apt_get purge traycam-headless
	nothing_left "$before" '^\./home/ann'
}

# test_service boots a system with systemd, which starts the headless package's service.
test_service() {
	fresh service
	apt_get install systemd systemd-sysv
	install_deb "$headless"
	settings "$root/var/lib/traycam"
	mkdir -p "$root/var/log/journal" # kept for below
	umount -l "$root/proc" "$root/dev"
	systemd-nspawn --quiet --boot --register=no --keep-unit --resolv-conf=off --timezone=off --console=pipe --directory "$root" </dev/null >"$work/out" 2>&1 &
	local booted=$!
	started+=("$booted")
	service_or_nothing() { [[ ! -e /proc/$booted ]] || curl -fsS "http://localhost:$port/healthz"; }
	eventually service_or_nothing
	if [[ ! -e /proc/$booted ]]; then
		tail -n 3 "$work/out" >&2
		say "NOT TRIED: the service, since this machine lets nobody boot a system in it"
		return
	fi
	main_job
	local rights
	rights=$(grep -E '^(Uid|CapEff|NoNewPrivs|Seccomp):' "/proc/$(pid_of /usr/bin/traycam-headless)/status" | tr -s '\t\n' ' ')
	[[ $rights =~ ^"Uid: "[1-9][0-9]+" ".*"CapEff: 0000000000000000 NoNewPrivs: 1 Seccomp: 2" ]] || fail "the service runs with $rights"
	kill -QUIT "$(pid_of /usr/bin/traycam-headless)" # Go ends with all its stacks, as after a panic
	reported() { compgen -G "$root/var/cache/private/traycam/log/crash-*.txt"; }
	eventually reported # by the next start, which is systemd's doing
	main_job
	kill -TERM "$booted" # turns it off
	wait "$booted" || fail "the system ended with status $?"
	journalctl --directory="$root/var/log/journal" --unit=traycam-headless --output=cat >"$work/journal"
	grep -q 'Deactivated successfully' "$work/journal" || { cat "$work/journal" >&2 && fail "the service did not end well"; }
	grep -qF "Ann's own words" "$root/var/lib/traycam/config.toml" || fail "the service's settings are not what they were"
}

# test_rpm needs a system of its own with the libraries, and so follows test_tarball. There is
# no rpm in it: this computer's works on it, and does not know what the libraries' packages are.
test_rpm() {
	local into=(rpm --force-debian --root "$root" --dbpath /var/lib/rpm)
	files >"$work/before"
	"${into[@]}" -i --nodeps "$rpm" 2>"$work/out" || { cat "$work/out" >&2 && fail "rpm -i"; }
	"${into[@]}" -V --nodeps traycam || fail "the rpm's files are not as it has them"
	start_entry /usr/share/applications
	main_job
	"${into[@]}" -U --nodeps --replacepkgs "$rpm" # an update, while it runs
	main_job
	end_program
	"${into[@]}" -e traycam
	# The folders are of the package filesystem on Fedora and openSUSE.
	nothing_left "$work/before" '^\./home/ann/|^\./var/lib/rpm|^\./usr/share/(applications|fish|fish/vendor_completions.d|metainfo|zsh/site-functions)$'
}

make_base
step "a fresh Debian $suite"
export PACKAGE_QUICK=1
scripts/package.sh 2>"$work/said" || { cat "$work/said" >&2 && fail "make package"; }
made() { grep -E "^build/packages/$1\$" "$work/said"; }
deb=$(made 'traycam_.*\.deb')
rpm=$(made 'traycam-.*\.rpm')
tarball=$(made 'traycam-.*\.tar\.xz')
headless=$(made 'traycam-headless_.*\.deb')
make_older
step "the packages"
test_same_bytes && step "the same bytes again"
test_files && step "what the checkers say"
test_headless && step "the headless deb, in a system without graphics"
test_service && step "its service, started by systemd"
start_display
test_deb && step "the deb: started, updated while it runs, removed"
test_tarball && step "the tarball, for one person without root"
test_rpm && step "the rpm, in the same system: installed, updated while it runs, removed"
