#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# An agent that fails in each of ten ways: one errno within the deadline, one log line that names
# the socket, nothing remembered, and a quote from the next healthy agent.

# shellcheck source=tests/system/lib/common.sh
. "$(dirname "$0")/lib/common.sh"

TIMEOUT_MS=1500
ENTRY=$REPORT/faults-$$

now_ms() {
	date +%s%3N
}

# The preloaded program's stderr is appended to a file: so log lines show, as on a terminal.
logged() {
	: >"$WORK/log"
	shim TEESHIM_TIMEOUT_MS=$TIMEOUT_MS "$@" 2>>"$WORK/log"
}

# entry_write: make the entry, and put HEX into its inblob.
entry_write() {
	shim mkdir "$ENTRY"
	# shellcheck disable=SC2016 # the preloaded shell expands it
	shim D="$WORK/data.bin" E="$ENTRY" bash -c 'cat "$D" >"$E/inblob"'
	[ "$(shim cat "$ENTRY/generation")" = 1 ] || die "the write was not committed"
}

# outblob_fails WHAT: EIO in time, and one log line that names the socket.
outblob_fails() {
	local what=$1 start status=0 lines

	start=$(now_ms)
	logged timeout 20 cat "$ENTRY/outblob" >"$WORK/quote.bin" || status=$?
	TOOK=$(($(now_ms) - start))
	[ "$status" = 1 ] || die "$what: cat ended with $status: $(cat "$WORK/log")"
	[ ! -s "$WORK/quote.bin" ] || die "$what: cat read something"
	grep -q 'cat: .*outblob.*: Input/output error' "$WORK/log" ||
		die "$what: not EIO: $(cat "$WORK/log")"
	lines=$(grep -cF "$SOCKET" "$WORK/log" || true)
	[ "$lines" = 1 ] || die "$what: $lines log lines name $SOCKET: $(cat "$WORK/log")"
	[ "$(wc -l <"$WORK/log")" = 2 ] || die "$what: more than one line: $(cat "$WORK/log")"
	[ "$TOOK" -lt $((2 * TIMEOUT_MS)) ] || die "$what: took $TOOK ms"
	[ "$(shim cat "$ENTRY/generation")" = 1 ] || die "$what: generation moved"
	say "ok $what: EIO after $TOOK ms: $(grep -F "$SOCKET" "$WORK/log")"
}

# outblob_succeeds WHAT: the same entry without another write, from an agent that is well again.
outblob_succeeds() {
	shim cat "$ENTRY/outblob" >"$WORK/quote.bin"
	quote_check "$WORK/quote.bin" "$HEX" "$1, then a healthy agent"
	shim rmdir "$ENTRY"
}

HEX=$(report_data)
hex_to_bytes "$HEX" >"$WORK/data.bin"
chmod 644 "$WORK/data.bin"
export TEESHIM_TEE=tdx

for fault in error empty truncated garbage huge hang slow-drip close wrong-length wrong-data; do
	sim_agent 0.6.0 --fault "$fault"
	entry_write
	outblob_fails "$fault"
	case $fault in
	hang | slow-drip) [ "$TOOK" -ge $((TIMEOUT_MS - 100)) ] || die "$fault: only $TOOK ms" ;;
	esac
	sim_agent 0.6.0
	outblob_succeeds "$fault"
done

# The older API goes another way through the client.
for fault in error truncated hang close wrong-data; do
	sim_agent 0.3.6 --fault "$fault"
	entry_write
	outblob_fails "tappd $fault"
	sim_agent 0.3.6
	outblob_succeeds "tappd $fault"
done

# An agent that died, and left its socket behind.
sim_agent 0.6.0
entry_write
{ kill -KILL "$SIM_PID" && wait "$SIM_PID"; } 2>/dev/null || true
outblob_fails "a socket without listener"
sim_agent 0.6.0
outblob_succeeds "a socket without listener"

# While the platform is unknown, nothing is there; one line says why.
unset TEESHIM_TEE
for fault in error empty garbage hang close; do
	sim_agent 0.6.0 --fault "$fault"
	status=0
	logged cat "$ENTRY/provider" || status=$?
	[ "$status" = 1 ] || die "unknown platform, $fault: cat ended with $status"
	grep -q "cat: .*No such file or directory" "$WORK/log" ||
		die "unknown platform, $fault: $(cat "$WORK/log")"
	lines=$(grep -cF "$SOCKET" "$WORK/log" || true)
	[ "$lines" = 1 ] || die "unknown platform, $fault: $lines log lines: $(cat "$WORK/log")"
	expect_failure 'No such file or directory' shim TEESHIM_TIMEOUT_MS=$TIMEOUT_MS \
		mkdir "$REPORT/unknown"
	say "ok unknown platform, $fault: $(grep -F "$SOCKET" "$WORK/log")"
done

# A failure is not remembered.
sim_agent 0.6.0
entry_write
outblob_succeeds "unknown platform"
