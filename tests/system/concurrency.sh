#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Many processes at once: each on its own entry gets the quote over its own bytes; on one entry
# likewise under Intel's lock; without a lock every quote is over bytes that somebody wrote.  No
# commit is lost.
# timeout: 300

# shellcheck source=tests/system/lib/common.sh
. "$(dirname "$0")/lib/common.sh"

PROCESSES=8
ROUNDS=5
OUT=$WORK/out
mkdir -m 777 "$OUT"
chmod 1777 "$OUT"
sim_agent 0.6.0

# in_parallel FUNCTION: PROCESSES lanes at once, each of ROUNDS rounds; all must succeed.
in_parallel() {
	local lane lanes=() failed=0

	for ((lane = 1; lane <= PROCESSES; lane++)); do
		(
			trap - EXIT
			for ((round = 1; round <= ROUNDS; round++)); do "$1" "$lane.$round" || exit 1; done
		) &
		lanes+=($!)
	done
	for lane in "${lanes[@]}"; do wait "$lane" || failed=1; done
	[ "$failed" = 0 ] || die "$1: a lane failed: $(cat "$OUT"/*.err | sort | uniq -c | head -n 5)"
}

# fake NAME KEY: one run of a fake client over fresh bytes.
fake() {
	local hex

	hex=$(report_data)
	printf '%s' "$hex" >"$OUT/$2.hex"
	shim timeout -k 1 60 "$WORK/lib/$1" "$hex" >"$OUT/$2.quote" 2>"$OUT/$2.err"
}

for name in python_os go_configfs libtdx_attest rust_dstack; do
	install -m 755 "$BUILD/tests/fake/$name.glibc-dynamic" "$WORK/lib/$name"
done

own_entry() {
	fake python_os "$1" && fake go_configfs "$1.go"
}

# The two clients that lock, on the entry that both use; flock() must exclude between processes.
locked_entry() {
	fake libtdx_attest "$1" && fake rust_dstack "$1.dstack"
}

# Everybody writes and reads one entry, with plain programs.
shared_entry() {
	local hex

	hex=$(report_data)
	printf '%s' "$hex" >"$OUT/$1.hex"
	hex_to_bytes "$hex" >"$OUT/$1.data"
	chmod 644 "$OUT/$1.data"
	# shellcheck disable=SC2016 # the preloaded shell expands it
	shim D="$OUT/$1.data" E="$REPORT/shared" bash -euc 'cat "$D" >"$E/inblob"; cat "$E/outblob"' \
		>"$OUT/$1.quote" 2>"$OUT/$1.err"
}

in_parallel own_entry
for quote in "$OUT"/*.quote; do
	quote_check "$quote" "$(cat "${quote%.quote}.hex")" "own entry $(basename "$quote")"
done
say "ok $(find "$OUT" -name '*.quote' | wc -l) quotes, each process on its own entry"
rm -f "$OUT"/*

in_parallel locked_entry
for quote in "$OUT"/*.quote; do
	quote_check "$quote" "$(cat "${quote%.quote}.hex")" "locked entry $(basename "$quote")"
done
[ "$(shim cat "$REPORT/com.intel.dcap/generation")" = $((2 * PROCESSES * ROUNDS)) ] ||
	die "locked entry: generation is $(shim cat "$REPORT/com.intel.dcap/generation")"
shim rmdir "$REPORT/com.intel.dcap"
say "ok $(find "$OUT" -name '*.quote' | wc -l) quotes from one entry, under a lock"
rm -f "$OUT"/*

shim mkdir "$REPORT/shared"
in_parallel shared_entry
for quote in "$OUT"/*.quote; do
	# Report data of a v4 quote: 48 bytes of header, 520 bytes into the TD report body.
	over=$(od -An -v -tx1 -j 568 -N 64 "$quote" | tr -d ' \n')
	grep -qxF -- "$over" <(awk 1 "$OUT"/*.hex) ||
		die "shared entry $(basename "$quote"): over bytes that nobody wrote: $over"
	quote_check "$quote" "$over" "shared entry $(basename "$quote")"
done
[ "$(shim cat "$REPORT/shared/generation")" = $((PROCESSES * ROUNDS)) ] ||
	die "shared entry: generation is $(shim cat "$REPORT/shared/generation")"
shim rmdir "$REPORT/shared"
say "ok $(find "$OUT" -name '*.quote' | wc -l) quotes from one entry, without a lock"
