#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Entries belong to a user: every process of that user sees them, they outlive who made them, and
# no other user sees them.  Here the state folders are in their default places.

# shellcheck source=tests/system/lib/common.sh
. "$(dirname "$0")/lib/common.sh"

sim_agent 0.6.0
FIRST=$TEST_UID
SECOND=
if [ "$(id -u)" = 0 ]; then
	# Fresh users, so that nobody's default state folder is touched.
	FIRST=$((50000 + RANDOM % 4000))
	SECOND=$((FIRST + 4000))
fi

# A state folder that was there before is somebody's own.
KEEP=$(find /dev/shm /tmp -maxdepth 1 -name 'teeshim-*-v1' 2>/dev/null)
remove_state() {
	local uid folder

	for uid in $FIRST $SECOND; do
		for folder in "/dev/shm/teeshim-$uid-v1" "/tmp/teeshim-$uid-v1"; do
			if [ -d "$folder" ] && ! grep -qxF -- "$folder" <<<"$KEEP"; then
				chmod -R u+rwX "$folder"
				rm -rf "$folder"
			fi
		done
	done
}
CLEANUP_HOOKS+=(remove_state)

# by UID COMMAND...: preloaded, default state folder.
by() {
	local uid=$1

	shift
	as_uid "$uid" env LD_PRELOAD="$LIBRARY" TEESHIM_SOCKET="$SOCKET" "$@"
}

HEX=$(report_data)
hex_to_bytes "$HEX" >"$WORK/data.bin"
chmod 644 "$WORK/data.bin"
NAME=state-$$
ENTRY=$REPORT/$NAME

# Each step is another process.
by "$FIRST" mkdir "$ENTRY"
by "$FIRST" ls "$REPORT" | grep -qx "$NAME" || die "another process does not list the entry"
by "$FIRST" cp "$WORK/data.bin" "$ENTRY/inblob"
by "$FIRST" cat "$ENTRY/outblob" >"$WORK/quote.bin"
quote_check "$WORK/quote.bin" "$HEX" "another process"
[ "$(by "$FIRST" sh -c "sleep 0.1; exec cat $ENTRY/generation")" = 1 ] || die "generation is not 1"
say "ok the entry outlives its maker and is every process's"

if [ -n "$SECOND" ]; then
	folder=/dev/shm/teeshim-$FIRST-v1
	[ -d "$folder" ] || die "no state folder $folder"
	[ "$(stat -c '%a %u' "$folder")" = "700 $FIRST" ] ||
		die "state folder is $(stat -c '%a %u' "$folder")"
	[ -z "$(by "$SECOND" ls "$REPORT")" ] || die "another user lists $(by "$SECOND" ls "$REPORT")"
	expect_failure 'No such file or directory' by "$SECOND" cat "$ENTRY/provider"
	by "$SECOND" mkdir "$ENTRY"
	[ "$(by "$SECOND" cat "$ENTRY/generation")" = 0 ] || die "another user's entry has our generation"
	by "$SECOND" rmdir "$ENTRY"
	[ "$(by "$FIRST" cat "$ENTRY/generation")" = 1 ] || die "another user removed our entry"
	say "ok another user sees none of it"
else
	say "SKIP two users: this needs root"
fi
by "$FIRST" rmdir "$ENTRY"

# Many entries, made by one process, listed by another, removed by a third.
by "$FIRST" bash -euc "cd $REPORT; mkdir many-{1..200}"
[ "$(by "$FIRST" ls "$REPORT" | grep -c '^many-')" = 200 ] || die "not 200 entries"
[ "$(by "$FIRST" find "$REPORT" -name provider | wc -l)" -ge 200 ] || die "find sees fewer"
by "$FIRST" bash -euc "cd $REPORT; rmdir many-*"
[ "$(by "$FIRST" ls "$REPORT" | grep -c '^many-' || true)" = 0 ] || die "entries are left"
say "ok 200 entries"
