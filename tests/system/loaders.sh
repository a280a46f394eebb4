#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# One libteeshim.so under other C libraries than the machine's: the loaders of Debian bullseye, bookworm
# and trixie, and two of musl. Their packages are fetched by a private sources list (apt checks the
# signatures), unpacked in .cache/loaders and not installed. TEST_UID chooses the user, as elsewhere;
# root runs both.

# shellcheck source=tests/system/lib/common.sh
. "$(dirname "$0")/lib/common.sh"

CACHE=$ROOT/${TEESHIM_CACHE:-.cache}/loaders
KEYRING=/usr/share/keyrings/debian-archive-keyring.gpg
KERNEL_HEADERS=(-idirafter /usr/include -idirafter /usr/include/x86_64-linux-gnu)
MISSING=()
FAILED=0

case ${TEESHIM_CACHE:-} in
/*) CACHE=$TEESHIM_CACHE/loaders ;;
esac

# debian_mirror: the archive that the system's own sources name, else the archive's own name.
debian_mirror() {
	local uri

	uri=$(cat /etc/apt/sources.list /etc/apt/sources.list.d/*.list \
		/etc/apt/sources.list.d/*.sources 2>/dev/null |
		sed -n 's/#.*//; s!.*\(https\{0,1\}://[^ ]*/debian\)/\{0,1\}\( .*\)\{0,1\}$!\1!p' | sed -n 1p) || true
	printf '%s\n' "${uri:-http://deb.debian.org/debian}"
}

# fetch SUITE PACKAGE...: into $CACHE/SUITE, with the versions in VERSIONS there; kept over runs.
fetch() {
	local suite=$1 dir=$CACHE/$1 tmp=$WORK/fetch.$1 package

	shift
	[ ! -e "$dir/VERSIONS" ] || return 0
	[ -r "$KEYRING" ] || return 1
	mkdir -p "$tmp"/{lists/partial,archives/partial,download,root} "$CACHE"
	printf 'deb [signed-by=%s arch=amd64] %s %s main\n' "$KEYRING" "$(debian_mirror)" "$suite" \
		>"$tmp/sources.list"
	: >"$tmp/status"
	{
		printf 'Dir::Etc::main "/dev/null";\nDir::Etc::parts "/dev/null";\n'
		printf 'Dir::Etc::sourcelist "%s";\n' "$tmp/sources.list"
		printf 'Dir::Etc::sourceparts "/dev/null";\n'
		printf 'Dir::State::lists "%s";\nDir::Cache "%s";\n' "$tmp/lists" "$tmp"
		printf 'Dir::State::status "%s";\nAcquire::Languages "none";\n' "$tmp/status"
		printf 'APT::Architecture "amd64";\nAPT::Sandbox::User "root";\n'
		printf 'APT::Update::Error-Mode "any";\nAcquire::Retries "3";\n'
		apt-config dump Acquire |
			grep -E '^Acquire::(https?|ftp|socks|ForceIPv[46]|Check-[A-Za-z-]*)\b' || true
	} >"$tmp/apt.conf"
	(
		export APT_CONFIG=$tmp/apt.conf
		cd "$tmp/download"
		apt-get update && apt-get download "$@"
	) >"$tmp/log" 2>&1 || return 1
	for package in "$tmp"/download/*.deb; do
		dpkg-deb -x "$package" "$tmp/root"
		dpkg-deb -W "$package" >>"$tmp/root/VERSIONS"
	done
	rm -rf "$dir"
	mv "$tmp/root" "$dir"
}

# run_probe NAME LOADER LIBRARY_DIR PROGRAM: as each user, under that loader.
run_probe() {
	local name=$1 loader=$2 libraries=$3 program=$4 hex uid users=("$TEST_UID")

	[ "$(id -u)" != 0 ] || users=(65534 0)
	for uid in "${users[@]}"; do
		hex=$(report_data)
		rm -rf "$WORK/probe"
		mkdir -m 700 "$WORK/probe" "$WORK/probe/plain"
		echo plain >"$WORK/probe/plain/file"
		: >"$WORK/probe/plain/other"
		[ "$(id -u)" != 0 ] || chown -R "$uid:$uid" "$WORK/probe"
		if as_uid "$uid" env TEESHIM_SOCKET="$SOCKET" TEESHIM_STATE_DIR="$WORK/probe/state" \
			timeout -k 1 30 "$loader" --library-path "$libraries" --preload "$LIBRARY" \
			"$program" "$hex" "$WORK/probe/plain" >"$WORK/quote" 2>"$WORK/probe.err"; then
			quote_check "$WORK/quote" "$hex" "$name, uid $uid"
			say "ok $name, uid $uid"
		else
			say "FAILED $name, uid $uid:"
			cat "$WORK/probe.err"
			FAILED=1
		fi
		chmod -R u+rwX "$WORK/probe"
	done
}

# copy_libc SUITE: an ordinary user cannot reach a checkout below a closed folder. Sets LIBRARIES.
copy_libc() {
	local from=$CACHE/$1/lib/x86_64-linux-gnu

	[ -e "$from/libc.so.6" ] || from=$CACHE/$1/usr/lib/x86_64-linux-gnu
	LIBRARIES=$WORK/$1
	mkdir -m 755 "$LIBRARIES"
	cp -a "$from"/ld-* "$from"/libc.so.6 "$from"/libdl.so.2 "$LIBRARIES/"
	cp -a "$from"/libc-* "$from"/libdl-* "$LIBRARIES/" 2>/dev/null || true
}

# build_old: against the headers and start files of the oldest glibc, so that it imports nothing newer.
build_old() {
	local lib=$CACHE/bullseye/usr/lib/x86_64-linux-gnu include=$CACHE/bullseye/usr/include

	gcc -std=gnu11 -D_GNU_SOURCE= -O2 -nostdinc -isystem "$(gcc -print-file-name=include)" \
		-isystem "$include" -isystem "$include/x86_64-linux-gnu" "${KERNEL_HEADERS[@]}" \
		-nostdlib -o "$WORK/lib/probe.old" "$lib/Scrt1.o" "$lib/crti.o" \
		"$(gcc -print-file-name=crtbeginS.o)" "$ROOT/tests/loaders/probe.c" \
		"$CACHE/bullseye/lib/x86_64-linux-gnu/libc.so.6" "$lib/libc_nonshared.a" \
		"$(gcc -print-file-name=crtendS.o)" "$lib/crtn.o" >"$WORK/compile.log" 2>&1 ||
		die "the probe does not build against glibc 2.31: $(cat "$WORK/compile.log")"
}

build() {
	"$1" -std=gnu11 -D_GNU_SOURCE= -O2 "${@:3}" -o "$WORK/lib/probe.$2" \
		"$ROOT/tests/loaders/probe.c" >"$WORK/compile.log" 2>&1 ||
		die "the probe does not build with $1: $(cat "$WORK/compile.log")"
}

# runs_here PROGRAM VERSION: a program made for the machine's glibc does not run under an older one.
runs_here() {
	local host

	[ "$1" = new ] || return 0
	host=$(getconf GNU_LIBC_VERSION)
	[ "$(printf '%s\n' "${host#glibc }" "$2" | sort -V | head -n 1)" = "${host#glibc }" ]
}

# version SUITE PACKAGE
version() {
	awk -v package="$2" '$1 == package { print $2 }' "$CACHE/$1/VERSIONS"
}

under_glibc() {
	local suite=$1 program version

	copy_libc "$suite"
	version=$(version "$suite" libc6)
	for program in "${@:2}"; do
		[ -e "$WORK/lib/probe.$program" ] || continue
		runs_here "$program" "$version" || continue
		run_probe "glibc $version ($suite), program for $program glibc" \
			"$LIBRARIES/ld-linux-x86-64.so.2" "$LIBRARIES" "$WORK/lib/probe.$program"
	done
}

under_musl() {
	local suite=$1 from=$CACHE/$1/lib/x86_64-linux-musl

	[ -e "$from/libc.so" ] || from=$CACHE/$1/usr/lib/x86_64-linux-musl
	mkdir -m 755 "$WORK/musl.$suite"
	cp "$from/libc.so" "$WORK/musl.$suite/ld-musl-x86_64.so.1"
	run_probe "musl $(version "$suite" musl) ($suite)" \
		"$WORK/musl.$suite/ld-musl-x86_64.so.1" "$WORK/musl.$suite" "$WORK/lib/probe.musl"
}

fetch bullseye libc6 libc6-dev || MISSING+=(bullseye)
fetch bookworm libc6 musl || MISSING+=(bookworm)
fetch trixie libc6 musl || MISSING+=(trixie)
[ "${#MISSING[@]}" -lt 3 ] || skip "no package of bullseye, bookworm or trixie can be fetched"

sim_agent 0.6.0
build gcc new
# the linker must leave the one weak name to the loader
build musl-gcc musl "${KERNEL_HEADERS[@]}" -Wl,-z,dynamic-undefined-weak
readelf -Wr "$WORK/lib/probe.musl" | grep open64 >/dev/null || die "the musl probe does not import open64"
for suite in bullseye bookworm trixie; do
	[ -e "$CACHE/$suite/VERSIONS" ] || continue
	case $suite in
	bullseye) build_old && under_glibc bullseye old ;;
	*) under_glibc "$suite" old new && under_musl "$suite" ;;
	esac
done
[ "$FAILED" = 0 ] || exit 1
[ "${#MISSING[@]}" = 0 ] || skip "not tried, cannot be fetched: ${MISSING[*]}"
