#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# What entrypoint scripts try before they start their server, as an ordinary user and as root: each
# line is served as in a TDX guest, or fails as the table in docs/differences.md says, and then the
# line that it names instead works.
# shellcheck disable=SC2016 # the texts are for the preloaded shell

# shellcheck source=tests/system/lib/common.sh
. "$(dirname "$0")/lib/common.sh"

[ ! -e /sys/kernel/config ] || skip "the kernel has /sys/kernel/config: these lines are its own here"

ENTRY=$REPORT/entrypoint-$$
HEX=$(report_data)
hex_to_bytes "$HEX" >"$WORK/data.bin"
chmod 644 "$WORK/data.bin"

# In every shell that entrypoints are written for; $R is the report folder, $E an entry.
in_shell() {
	shim R="$REPORT" E="$ENTRY" D="$WORK/data.bin" "$SHELL_USED" -euc "$1"
}

served() {
	local expected=$1 shown

	shown=$(in_shell "$2" 2>&1) || die "uid $TEST_UID, $SHELL_USED: fails: $2: $shown"
	[ "$shown" = "$expected" ] ||
		die "uid $TEST_UID, $SHELL_USED: \"$shown\", expected \"$expected\": $2"
	say "ok served, uid $TEST_UID, $SHELL_USED: $2"
}

# fails TEXT INSTEAD: the line fails, within its time and by its own exit; the other one works.
fails() {
	local status=0

	in_shell "timeout 20 sh -c '$1'" >"$WORK/out" 2>&1 || status=$?
	[ "$status" -ne 0 ] || die "uid $TEST_UID: succeeds: $1"
	[ "$status" -le 127 ] || die "uid $TEST_UID: exit status $status: $1"
	[ -z "$2" ] || in_shell "$2" >"$WORK/out" 2>&1 || die "uid $TEST_UID: fails: $2: $(cat "$WORK/out")"
	say "ok fails as written, uid $TEST_UID, $SHELL_USED: $1${2:+; instead: $2}"
}

every_line() {
	local line

	shim rmdir "$ENTRY" 2>/dev/null || true
	served '' 'mkdir -p /sys/kernel/config'
	served '' 'mkdir -p "$E"'
	served '' 'mkdir -p "$E"'
	while IFS= read -r line; do
		served '' "$line"
	done <<-'LINES'
		[ -d /sys/kernel/config ]
		[ -e /sys/kernel/config/tsm ]
		[ -d /sys/kernel/config/tsm/report ]
		[ -d /sys/kernel/config/tsm/report/ ]
		test -d "$R" && test -r "$R" && test -w "$R" && test -x "$R"
		test -w "$E/inblob"
		test -r "$E/outblob" -a -r "$E/provider"
		[ -f "$E/outblob" ] && [ ! -s "$E/outblob" ] && [ ! -x "$E/outblob" ]
		[ ! -L "$R" ] && [ ! -e "$E/missing" ]
		chmod 666 "$E/inblob"
		chmod 755 "$E" && chmod a+rw "$E"/*
		chmod -R 777 "$R"
		chown -R 1000:1000 "$R"
		chgrp 1000 "$E/inblob"
		touch "$E/inblob"
		install -d -m 700 "$R/made" && rmdir "$R/made"
		d=$(mktemp -d "$R/entry.XXXXXX") && rmdir "$d"
		cd "$R" && mkdir here && cd here && [ "$(cat generation)" = 0 ] && cd .. && rmdir here
		[ "$(readlink -f /sys/kernel/config/tsm)" = /sys/kernel/config/tsm ]
	LINES
	served tsm 'ls /sys/kernel/config'
	served report 'ls /sys/kernel/config/tsm'
	served "${ENTRY##*/}" 'ls "$R"'
	served 'generation inblob outblob provider' 'cd "$E" && echo *'
	served configfs 'stat -f -c %T /sys/kernel/config'
	served '755 root root' 'stat -c "%a %U %G" "$R"'
	served 200 'chmod 666 "$E/inblob"; stat -c %a "$E/inblob"'
	served tdx_guest 'cat "$E/provider"'
	served '' '[ -c /dev/tdx_guest ] && [ -r /dev/tdx_guest ] && [ -w /dev/tdx_guest ]'
	served 600 'chmod 666 /dev/tdx_guest; chown 1000 /dev/tdx_guest; stat -c %a /dev/tdx_guest'

	fails 'ls /sys/kernel | grep -x config' '[ -d /sys/kernel/config ]'
	fails 'touch "$R/new"' 'mkdir "$R/new" && rmdir "$R/new"'
	fails 'mountpoint -q /sys/kernel/config' '[ -d /sys/kernel/config/tsm/report ]'
	fails 'grep configfs /proc/mounts' '[ -d /sys/kernel/config/tsm/report ]'
	fails 'findmnt /sys/kernel/config' '[ -d /sys/kernel/config/tsm/report ]'
	fails 'mount -t configfs none /sys/kernel/config' \
		'[ -d /sys/kernel/config/tsm/report ] || mount -t configfs none /sys/kernel/config'
	fails 'umount /sys/kernel/config' ''
	fails 'modprobe tdx_guest' '[ -d /sys/kernel/config/tsm/report ] || modprobe tdx_guest'
	fails 'lsmod | grep tdx_guest' '[ -d /sys/kernel/config/tsm/report ]'
	fails 'ls /dev | grep -x tdx_guest' '[ -c /dev/tdx_guest ]'
	fails 'rm -rf "$E"' ''

	# After all that the entry does what it is for.
	served '' 'cat "$D" >"$E/inblob"'
	in_shell 'cat "$E/outblob"' >"$WORK/quote.bin"
	quote_check "$WORK/quote.bin" "$HEX" "after the entry point"
	served 1 'cat "$E/generation"'
	served '' 'rmdir "$R"/*'
	served '' 'ls "$R"'
	[ ! -e /sys/kernel/config ] || die "/sys/kernel/config was made"
	[ ! -e /dev/tdx_guest ] || die "/dev/tdx_guest was made"
}

every_shell() {
	for SHELL_USED in bash dash; do
		every_line
	done
}

sim_agent 0.6.0
every_shell
if [ "$(id -u)" = 0 ]; then
	TEST_UID=0
	USER_DIR=$WORK/root
	mkdir -m 700 "$USER_DIR"
	every_shell
fi
