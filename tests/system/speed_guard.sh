#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# What the library makes a process execute that never meets a TEE: instructions, counted by callgrind,
# against the figures in tests/guard/figures.txt.  Counts do not depend on the machine's load, as times
# do (make bench); they do on the C library, so others than the one of the figures skip.
# timeout: 120
# `speed_guard.sh --store` stores what it counts, for a change that is meant to cost more.

# shellcheck source=tests/system/lib/common.sh
. "$(dirname "$0")/lib/common.sh"

FIGURES=$ROOT/tests/guard/figures.txt
CALLS=1000
# what may come on top, in percent
TOLERANCE=3

command -v valgrind >/dev/null || skip 'valgrind is missing; run make deps'
command -v "${CC:-gcc}" >/dev/null || skip 'no C compiler; run make deps'
libc=$(getconf GNU_LIBC_VERSION 2>/dev/null || echo 'no glibc')
stored_for=$(sed -n 's/^# counted with //p' "$FIGURES")
if [ "${1:-}" != --store ] && [ "$libc" != "$stored_for" ]; then
	skip "the figures are for $stored_for, this is $libc"
fi

mkdir -p "$WORK/guard"
"${CC:-gcc}" -std=gnu11 -D_GNU_SOURCE -O2 -o "$WORK/guard/hot" "$ROOT/tests/guard/hot.c"
# As long a name as ours, for the loader copies names.
"${CC:-gcc}" -shared -fPIC -nostartfiles -Wl,-z,now -Wl,-z,noseparate-code -Wl,--no-as-needed \
	-o "$WORK/guard/libnothing.so" "$ROOT/bench/empty.c"
cp "$BUILD/libteeshim.so" "$WORK/guard/libteeshim.so"
chmod -R a+rX "$WORK/guard"

# count LIBRARY COMMAND...: instructions of the command with that preloaded
count() {
	local library=$WORK/guard/$1 out

	shift
	out=$(as_user env -i PATH=/usr/bin:/bin LC_ALL=C HOME=/nonexistent LD_PRELOAD="$library" \
		valgrind --tool=callgrind --callgrind-out-file=/dev/null "$@" 2>&1) ||
		die "valgrind failed: $out"
	sed -n 's/.*refs: *//p' <<<"$out" | tr -d ,
}

# hot_extra KIND: instructions per 1000 calls that the library adds
hot_extra() {
	local bare ours

	bare=$(($(count libnothing.so "$WORK/guard/hot" "$1" $CALLS) - $(count libnothing.so "$WORK/guard/hot" "$1" 0)))
	ours=$(($(count libteeshim.so "$WORK/guard/hot" "$1" $CALLS) - $(count libteeshim.so "$WORK/guard/hot" "$1" 0)))
	echo $((ours - bare))
}

figures() {
	echo "start-of-true $(($(count libteeshim.so /bin/true) - $(count libnothing.so /bin/true)))"
	for kind in open+close stat stat-absent fstat read write close ioctl; do
		echo "$kind $(hot_extra "$kind")"
	done
}

figures >"$WORK/figures"
if [ "${1:-}" = --store ]; then
	{
		sed -n '/^# counted with /q; p' "$FIGURES"
		echo "# counted with $libc"
		cat "$WORK/figures"
	} >"$WORK/stored"
	cat "$WORK/stored" >"$FIGURES"
fi

failed=0
compared=0
while read -r name counted; do
	stored=$(awk -v name="$name" '$1 == name { print $2 }' "$FIGURES")
	[ -n "$stored" ] || die "no figure of $name in tests/guard/figures.txt"
	compared=$((compared + 1))
	# A call that costs nothing still may differ by a stray instruction per thousand.
	limit=$((stored + stored * TOLERANCE / 100 + 50))
	if [ "$counted" -gt "$limit" ]; then
		say "FAIL $name: $counted instructions more than without the library, stored $stored"
		failed=$((failed + 1))
	elif [ "$counted" -lt $((stored - stored * TOLERANCE / 100 - 50)) ]; then
		say "ok   $name: $counted, better than the stored $stored (speed_guard.sh --store)"
	else
		say "ok   $name: $counted"
	fi
done <"$WORK/figures"
say "$compared figures compared, $failed worse by more than $TOLERANCE %"
[ "$compared" = 9 ] && [ "$failed" = 0 ]
