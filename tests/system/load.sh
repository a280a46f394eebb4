#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Under load: many processes and threads quoting at once, ten thousand entries, a thousand processes
# that ask for the platform in one instant, a state folder without space.
# LOAD_SECONDS=120 is the full form of the first; the others are always whole.
# timeout: 1200

# shellcheck source=tests/system/lib/common.sh
. "$(dirname "$0")/lib/common.sh"
# shellcheck source=tests/system/lib/load.sh
. "$(dirname "$0")/lib/load.sh"

SECONDS_QUOTING=${LOAD_SECONDS:-10}
PROCESSES=16
THREADS=4
ENTRIES=10000
CROWD=1000
# Of a single call: what takes a second in such a crowd takes minutes where others need the machine, too.
PATIENCE_MS=240000
# of a process, from a fifth of the time to its end: what is in flight differs by so much
GROWTH_KB=256
GROWTH_MAX_KB=1024

load_programs quoting entries crowd full
sim_agent 0.6.0

# ---------------------------------------------------------------------------- quoting

state_size() {
	du -s --block-size=1K "$STATE" 2>/dev/null | cut -f 1 || true
}

# The folder's size while everybody works: twice, far apart; entries come and go between.
state_watch() {
	sleep $((SECONDS_QUOTING / 5 + 1))
	state_size >"$WORK/size.early"
	sleep $((SECONDS_QUOTING / 2))
	state_size >"$WORK/size.late"
}

shim mkdir "$REPORT/sample"
state_watch &
watcher=$!
# one heap, so that what grows is not the threads' share of it
result=$(shim MALLOC_ARENA_MAX=1 TEESHIM_TIMEOUT_MS=$PATIENCE_MS "$WORK/lib/quoting" "$PROCESSES" "$THREADS" "$SECONDS_QUOTING")
wait "$watcher"
[[ $result =~ ^quotes=[0-9]+\ growth_kb=(-?[0-9]+)\ growth_max_kb=(-?[0-9]+)\ rss_kb=[0-9]+$ ]] ||
	die "quoting said: $result"
if [ "${BASH_REMATCH[1]}" -gt "$GROWTH_KB" ] || [ "${BASH_REMATCH[2]}" -gt "$GROWTH_MAX_KB" ]; then
	die "memory grows: $result"
fi
early=$(cat "$WORK/size.early")
late=$(cat "$WORK/size.late")
# 64 entries of seven files and folders, each file at most two blocks
[ "$late" -le $((early + PROCESSES * THREADS * 16)) ] ||
	die "the state folder grew from $early KB to $late KB"
[ "$(shim ls "$REPORT")" = sample ] || die "entries are left: $(shim ls "$REPORT")"
HEX=$(report_data)
hex_to_bytes "$HEX" >"$WORK/data.bin"
chmod 644 "$WORK/data.bin"
# shellcheck disable=SC2016 # the preloaded shell expands it
shim D="$WORK/data.bin" E="$REPORT/sample" bash -euc 'cat "$D" >"$E/inblob"; cat "$E/outblob"' \
	>"$WORK/quote.bin"
quote_check "$WORK/quote.bin" "$HEX" "after the load"
shim rmdir "$REPORT/sample"
left=$(state_leftovers "$STATE")
[ -z "$left" ] || die "left in the state folder: $left"
say "ok $PROCESSES processes of $THREADS threads, $SECONDS_QUOTING s, each quote over its own bytes: $result;" \
	"state folder $early KB early, $late KB late"

# ---------------------------------------------------------------------------- many entries

shim "$WORK/lib/entries" "$ENTRIES" >"$WORK/entries.out" ||
	die "entries: $(cat "$WORK/entries.out")"
left=$(state_leftovers "$STATE")
[ -z "$left" ] || die "$(wc -l <<<"$left") names are left after $ENTRIES entries: ${left:0:400}"
say "ok $ENTRIES entries: $(tail -n 1 "$WORK/entries.out")"

# ---------------------------------------------------------------------------- one question

for version in 0.6.0 0.5.11; do
	sim_agent "$version"
	state_remove "$STATE"
	shim TEESHIM_TIMEOUT_MS=$PATIENCE_MS "$WORK/lib/crowd" "$CROWD"
	[ -s "$SIM_LOG" ] || die "crowd, agent $version: nobody asked the agent"
	twice=$(awk '{ print $1, $2 }' "$SIM_LOG" | sort | uniq -d)
	[ -z "$twice" ] || die "crowd, agent $version: asked more than once: $twice"
	left=$(state_leftovers "$STATE")
	[ -z "$left" ] || die "crowd, agent $version: left in the state folder: $left"
	say "ok agent $version: $CROWD processes in one instant, requests: $(tr '\n' ';' <"$SIM_LOG")"
done

# ---------------------------------------------------------------------------- no space

SMALL=$USER_DIR/small
small_unmount() {
	umount "$SMALL" 2>/dev/null || true
}

# full_folder OPTIONS WHAT: the flow at every amount of free space, on a tmpfs of that form.
full_folder() {
	local out

	mount -t tmpfs -o "$1,mode=0700,uid=$TEST_UID,gid=$TEST_UID" tmpfs "$SMALL" 2>"$WORK/mount.err" || {
		say "SKIP a full state folder: no tmpfs can be mounted: $(head -n 1 "$WORK/mount.err")"
		return
	}
	out=$(shim TEESHIM_STATE_DIR="$SMALL/state" "$WORK/lib/full" "$SMALL/filler")
	left=$(state_leftovers "$SMALL/state")
	[ -z "$left" ] || die "$2: left in the state folder: $left"
	say "ok $2: $out"
	umount "$SMALL"
}

if [ "$(id -u)" = 0 ]; then
	sim_agent 0.6.0
	mkdir "$SMALL"
	CLEANUP_HOOKS+=(small_unmount)
	full_folder size=64k "a state folder of 64 KB"
else
	say "SKIP a full state folder: this needs root, to mount a tmpfs"
fi
