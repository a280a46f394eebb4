#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Where no agent is, a preloaded program is exactly a bare one: the same output, the same exit
# status, and no file left behind.

# shellcheck source=tests/system/lib/common.sh
. "$(dirname "$0")/lib/common.sh"

for place in dstack.sock dstack/dstack.sock tappd.sock dstack/tappd.sock; do
	[ ! -S "/run/$place" ] || skip "an agent listens on this machine, at /run/$place"
done

# Somebody who has no state folder yet, so that one made by us is seen.
if [ "$(id -u)" = 0 ]; then
	TEST_UID=$((60000 + RANDOM % 5000))
	chown "$TEST_UID" "$USER_DIR"
fi
state_folders() {
	find /dev/shm /tmp -maxdepth 1 -name "teeshim-$TEST_UID-*" 2>/dev/null | sort
}
before=$(state_folders)

# One level down, because the folder above it must look the same at both looks.
HERE=$USER_DIR/here
mkdir "$HERE"
[ "$(id -u)" != 0 ] || chown "$TEST_UID" "$HERE"
cat >"$HERE/hello.c" <<'SOURCE'
#include <stdio.h>
int main(void) { return puts("hello") < 0; }
SOURCE
chmod 644 "$HERE/hello.c"

# same WHAT COMMAND...: bare and preloaded; stdout, stderr and exit status are compared.
same() {
	local what=$1 side status

	shift
	for side in bare preloaded; do
		status=0
		if [ "$side" = bare ]; then
			as_user env -C "$HERE" "$@" >"$WORK/$side.out" 2>>"$WORK/$side.err" || status=$?
		else
			as_user env -C "$HERE" LD_PRELOAD="$LIBRARY" "$@" \
				>"$WORK/$side.raw" 2>>"$WORK/$side.err" || status=$?
			sed '/^LD_PRELOAD=/d' "$WORK/$side.raw" >"$WORK/$side.out"
		fi
		say "exit status $status" >>"$WORK/$side.err"
	done
	diff -u "$WORK/bare.out" "$WORK/preloaded.out" || die "$what: stdout differs"
	diff -u "$WORK/bare.err" "$WORK/preloaded.err" || die "$what: stderr or exit status differs"
	say "ok $what: $(tail -n 1 "$WORK/bare.err")"
	rm -f "$WORK"/bare.* "$WORK"/preloaded.*
}

same env env
same 'ls -la' ls -la --time-style=full-iso /etc /usr
same 'ls of the own folder' ls -la --time-style=full-iso .
same 'python3' python3 -c 'import os, json, ssl, subprocess, tempfile
print(sorted(os.listdir("/sys")), os.stat("/etc/passwd").st_size, os.getcwd())
with tempfile.TemporaryDirectory() as name: print(os.listdir(name))
print(subprocess.run(["true"]).returncode)'
same 'python3 failing' python3 -c 'open("/dev/tdx_guest", "rb")'
same 'perl' perl -e 'print join(",", sort keys %ENV ? "some" : "none"), -e "/dev/tdx_guest" ? 1 : 0'
same 'a compile' gcc -c -o hello.o hello.c
same 'the object file' sha256sum hello.o
same 'a link' gcc -o hello hello.o
same 'the program' ./hello
same 'a find' find /sys/kernel -maxdepth 1
same 'stat of the tree' stat "$REPORT"
same 'ls of the tree' ls -la "$REPORT"
same 'cat below the tree' cat "$REPORT/x/outblob"
same 'mkdir below the tree' mkdir "$REPORT/x"
same 'mkdir -p below the tree' mkdir -p "$REPORT/x"
same 'rmdir below the tree' rmdir "$REPORT/x"
same 'the device' cat /dev/tdx_guest
same 'the event log' cat /sys/firmware/acpi/tables/data/CCEL
same 'bash redirect' bash -c "echo x >$REPORT/x/inblob"
rm -f "$HERE"/hello*

[ "$(state_folders)" = "$before" ] || die "a state folder was made: $(state_folders)"
[ "$(find "$USER_DIR" -mindepth 1)" = "$HERE" ] || die "left: $(find "$USER_DIR" -mindepth 1)"
say "ok no file left"
