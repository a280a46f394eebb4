#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# An agent that says what no agent should: quotes of odd shapes, JSON made to hurt, error texts made for
# terminals.  Each refusal is EIO and one clean line; and no log holds report data or a quote.
# What fails in plainer ways is in faults.sh.
# timeout: 300

# shellcheck source=tests/system/lib/common.sh
. "$(dirname "$0")/lib/common.sh"
# shellcheck source=tests/system/lib/load.sh
. "$(dirname "$0")/lib/load.sh"

load_programs hostile
SOCKET=$WORK/run/dstack.sock

# ---------------------------------------------------------------------------- the agent

export TEESHIM_TEE=tdx
HEX=$(report_data)
hex_to_bytes "$HEX" >"$WORK/data.bin"
chmod 644 "$WORK/data.bin"

hostile_stop() {
	[ -z "${HOSTILE_PID:-}" ] || { kill "$HOSTILE_PID" && wait "$HOSTILE_PID"; } 2>/dev/null || true
	HOSTILE_PID=
}
CLEANUP_HOOKS+=(hostile_stop)
hostile_start() {
	hostile_stop
	"$WORK/lib/hostile" "$SOCKET" "$1" >"$WORK/hostile.out" 2>&1 &
	HOSTILE_PID=$!
	for _ in {1..200}; do
		! grep -q listening "$WORK/hostile.out" 2>/dev/null || return 0
		sleep 0.01
	done
	die "hostile agent: $(cat "$WORK/hostile.out")"
}
hostile_write() {
	shim mkdir "$REPORT/hostile" 2>/dev/null || true
	# shellcheck disable=SC2016 # the preloaded shell expands it
	shim D="$WORK/data.bin" E="$REPORT/hostile" bash -c 'cat "$D" >"$E/inblob"'
}

refusals=0
while read -r shape fate; do
	hostile_start "$shape"
	hostile_write
	if [ "$fate" = accepted ]; then
		logged cat "$REPORT/hostile/outblob" >"$WORK/quote.bin" ||
			die "hostile agent, $shape: refused: $(cat "$LOG")"
		[ "$(od -An -v -tx1 -j 568 -N 64 "$WORK/quote.bin" | tr -d ' \n')" = "$HEX" ] ||
			die "hostile agent, $shape: over other bytes"
		continue
	fi
	refused "hostile agent, $shape" 'Input/output error' "GetQuote at $SOCKET: .+; .+" \
		cat "$REPORT/hostile/outblob"
	[ ! -s "$WORK/out" ] || die "hostile agent, $shape: something was read"
	! LC_ALL=C grep -q '[^ -~]' "$LOG" || die "hostile agent, $shape: raw bytes in the log"
	! grep -q '^teeshim\[1\]' "$LOG" || die "hostile agent, $shape: a forged line"
	[ "$(wc -c <"$LOG")" -lt 700 ] || die "hostile agent, $shape: $(wc -c <"$LOG") bytes of log"
	refusals=$((refusals + 1))
done < <("$WORK/lib/hostile" list)
[ "$refusals" -ge 30 ] || die "only $refusals hostile shapes"
say "ok $refusals hostile answers, one line each"

# A quote cut at each of its lengths; only the whole one passes.
hostile_start cut
hostile_write
# shellcheck disable=SC2016 # the preloaded shell expands it
logged env E="$REPORT/hostile" bash -c '
	n=0
	until { od -An -v -tx1 -j 568 -N 64 <&5; } 5<"$E/outblob"; do
		n=$((n + 1))
		[ "$n" -lt 1000 ] || exit 1
	done
	echo "$n"' >"$WORK/out" || die "cut quotes: $(tail -n 2 "$LOG")"
[ "$(tr -d ' \n' <"$WORK/out")" = "${HEX}700" ] || die "cut quotes: $(cat "$WORK/out")"
[ "$(grep -c "^teeshim\[.*GetQuote at $SOCKET: " "$LOG")" = 700 ] ||
	die "cut quotes: $(grep -c '^teeshim' "$LOG") lines for 700 refusals"
shim rmdir "$REPORT/hostile"
hostile_stop
say "ok a quote cut at each of its 700 lengths is refused, the whole one is not"

# ---------------------------------------------------------------------------- what the log holds

# Printable, so that the bytes themselves can be looked for too.
SECRET=$(head -c 256 /dev/urandom | base64 -w 0 | tr -d '+/=' | head -c 64)
HEX=$(printf '%s' "$SECRET" | od -An -v -tx1 | tr -d ' \n')
printf '%s' "$SECRET" >"$WORK/data.bin"
BASE64=$(base64 -w 0 "$WORK/data.bin")
DEBUG_LOG=$USER_DIR/debug.log

log_checked() {
	local at quote

	[ -s "$DEBUG_LOG" ] || die "$1: no log at all"
	for ((at = 0; at + 8 <= 64; at += 4)); do
		! grep -qaF -- "${SECRET:at:8}" "$DEBUG_LOG" || die "$1: report data in the log"
		! grep -qaiF -- "${HEX:2*at:16}" "$DEBUG_LOG" || die "$1: report data in the log, in hex"
	done
	! grep -qaF -- "${BASE64:0:12}" "$DEBUG_LOG" || die "$1: report data in the log, in base64"
	quote=$(od -An -v -tx1 -j 0 -N 8 "$WORK/quote.bin" | tr -d ' \n')
	! grep -qaiF -- "${quote:-0400020081000000}" "$DEBUG_LOG" || die "$1: a quote in the log"
}
quote_debug() {
	# shellcheck disable=SC2016 # the preloaded shell expands it
	shim TEESHIM_LOG="debug:$DEBUG_LOG" TEESHIM_TIMEOUT_MS=500 D="$WORK/data.bin" \
		E="$REPORT/debug" bash -c 'mkdir "$E"; cat "$D" >"$E/inblob"
			cat "$E/outblob"; cat "$E/generation"; rmdir "$E"' >"$WORK/quote.bin" 2>/dev/null || true
}
for fault in '' error empty truncated garbage huge hang slow-drip close wrong-length wrong-data; do
	# shellcheck disable=SC2086 # two words, or none
	sim_agent 0.6.0 ${fault:+--fault $fault}
	quote_debug
done
log_checked "the simulator's faults"
for shape in other_bytes auth_huge odd_digits no_digit error_escapes twice; do
	hostile_start "$shape"
	quote_debug
done
log_checked "hostile answers"
hostile_stop
[ "$(wc -l <"$DEBUG_LOG")" -ge 16 ] || die "only $(wc -l <"$DEBUG_LOG") lines of log"
[ "$(stat -c %a "$DEBUG_LOG")" = 600 ] || die "the log file's mode is $(stat -c %a "$DEBUG_LOG")"
say "ok no report data and no quote in $(wc -l <"$DEBUG_LOG") log lines at level debug"
