# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
# What the load, kill and security tests share beside common.sh, which comes first: their programs,
# and what may stand in a state folder when nobody uses it.

export STATE=$USER_DIR/state
LOG=$WORK/log
DEADLINE_S=6

# load_programs NAME...: tests/load/NAME.c as $WORK/lib/NAME, for everybody to execute.
load_programs() {
	local name

	for name in "$@"; do
		gcc -std=gnu11 -D_GNU_SOURCE -O2 -pthread -Wall -Wextra \
			-o "$WORK/lib/$name" "$ROOT/tests/load/$name.c" || die "$name.c: not built"
	done
}

# state_leftovers FOLDER: what is in a state folder beside its fixed files and folders.
state_leftovers() {
	(cd "$1" && find . -mindepth 1) | grep -vE \
		-e '^\./(tree\.lock|platform\.lock|platform-[0-9a-f]+-[0-9a-f]+)$' \
		-e '^\./teeshim\.native\.(names|store)(/sys(/kernel(/config(/tsm(/report)?)?)?)?)?$' \
		-e '^\./teeshim\.native\.(names|store)/(dev|dev/lock|dev/tdx_guest|dev/sev-guest|sys/(devices|firmware)(/.*)?)$' ||
		true
}

# state_remove FOLDER: with all that is in it.
state_remove() {
	[ ! -d "$1" ] || chmod -R u+rwX "$1"
	rm -rf "$1"
}

# logged COMMAND...: preloaded, its stderr in $LOG, opened for appending so that log lines show.
logged() {
	: >"$LOG"
	shim TEESHIM_TIMEOUT_MS=1500 timeout -k 1 "$DEADLINE_S" "$@" 2>>"$LOG"
}

# refused WHAT ERRNO-TEXT LINE-REGEX COMMAND...: that errno, and exactly that one line.
refused() {
	local what=$1 text=$2 line=$3 status=0

	shift 3
	logged "$@" >"$WORK/out" || status=$?
	[ "$status" = 1 ] || die "$what: \"$1\" ended with $status: $(cat "$LOG")"
	grep -qF -- ": $text" "$LOG" || die "$what: not \"$text\": $(cat "$LOG")"
	[ "$(grep -c '^teeshim\[' "$LOG")" = 1 ] || die "$what: not one line: $(cat "$LOG")"
	grep -qE -- "^teeshim\[[0-9]+\]: $line" "$LOG" ||
		die "$what: expected the line \"$line\": $(cat "$LOG")"
}
