#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# The event log in /sys/firmware/acpi: what it replays to against quotes of every agent, in tools of glibc
# and musl, what it costs, agents with other logs, that fail or are not there; and where the kernel has
# such a folder of its own, or a log that this user may not read.  What single calls answer is in device.sh.
# shellcheck disable=SC2016 # $L and the like are for the preloaded shell
# timeout: 240

# shellcheck source=tests/system/lib/common.sh
. "$(dirname "$0")/lib/common.sh"
# shellcheck source=tests/system/lib/event_log.sh
. "$(dirname "$0")/lib/event_log.sh"

ACPI=/sys/firmware/acpi
TABLES=$ACPI/tables
TIMEOUT_MS=1500
ABSENT='No such file or directory'

[ ! -e "$LOG" ] || skip "this machine has a $LOG of its own"

# ---------------------------------------------------------------------------- reading a log

# replays WHAT FILE: to the registers of the agent's quote.  Leaves the events in $WORK/events.
replays() {
	python3 "$WORK/replay.py" "$2" >"$WORK/replayed" || die "$1: no event log"
	"$BUILD/teeshim" quote --report-data 00 >"$WORK/fields" || die "$1: no quote"
	grep '^RTMR' "$WORK/fields" | diff - <(head -n 4 "$WORK/replayed") >&2 ||
		die "$1: the log does not replay to the quote's registers"
	tail -n +5 "$WORK/replayed" >"$WORK/events"
}

# A reader as small as can be, for each libc.
cat >"$WORK/read.c" <<'C'
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>
int main(int argc, char **argv)
{
	char piece[1000];
	ssize_t len = -1;
	int fd = argc == 2 ? open(argv[1], O_RDONLY) : -1;

	while (fd >= 0 && (len = read(fd, piece, sizeof(piece))) > 0)
		if (write(1, piece, (size_t)len) != len)
			return 1;
	if (len < 0)
		perror(argv[1]);
	return len < 0;
}
C
"${CC:-gcc}" -O2 -o "$WORK/lib/read.glibc" "$WORK/read.c"
"${MUSL_CC:-musl-gcc}" -O2 -o "$WORK/lib/read.musl" "$WORK/read.c"

asked() {
	grep -ciE 'quote|attest|info' "$SIM_LOG" || true
}

# costs EXPECTED WHAT COMMAND...: the questions that it has the agent answer.
costs() {
	local expected=$1 what=$2 before now

	shift 2
	before=$(asked)
	"$@" || die "$what: failed"
	now=$(($(asked) - before))
	[ "$now" = "$expected" ] || die "$what: $now questions, expected $expected"
	say "ok $what, uid $TEST_UID: $now questions"
}

# ---------------------------------------------------------------------------- every agent, every tool

# reads WHAT COMMAND...: it prints the log; both files are what they should be.
reads() {
	local what=$1

	shift
	shim "$@" "$CCEL" >"$WORK/table" || die "$what: CCEL not read"
	[ "$(hex_of "$WORK/table" 0 9) $(hex_of "$WORK/table" 36 20)" = \
		'4343454c3800000001 0200000000000100000000000000000000000000' ] ||
		die "$what: CCEL is $(hex_of "$WORK/table" 0 56)"
	[ "$(wc -c <"$WORK/table")" = 56 ] || die "$what: CCEL has $(wc -c <"$WORK/table") bytes"
	shim "$@" "$LOG" >"$WORK/log.bin" || die "$what: the log not read"
	[ "$(wc -c <"$WORK/log.bin")" = 65536 ] || die "$what: $(wc -c <"$WORK/log.bin") bytes"
	replays "$what" "$WORK/log.bin"
	say "ok $what, uid $TEST_UID"
}

PYTHON_READ='import pathlib, sys
sys.stdout.buffer.write(pathlib.Path(sys.argv[1]).read_bytes())'

every_tool() {
	local what=$1 libc

	reads "$what: cat" cat
	reads "$what: dd" sh -c 'dd if="$1" bs=777 status=none' dd
	reads "$what: cp" sh -c 'rm -f "$0" && cp "$1" "$0" && cat "$0"' "$USER_DIR/copy"
	reads "$what: Python" python3 -c "$PYTHON_READ"
	for libc in glibc musl; do
		reads "$what: $libc" "$WORK/lib/read.$libc"
	done
}

every_agent() {
	local version

	for version in 0.3.6 0.5.5 0.5.11 0.6.0; do
		sim_agent "$version"
		export TEESHIM_SOCKET=$SOCKET
		every_tool "agent $version"
		# a whole log, by any of them: 29 events, of which only the three of ACPI's tables prove nothing
		[ "$(wc -l <"$WORK/events")" = 29 ] || die "$version: $(cat "$WORK/events")"
		[ "$(grep -c ' proved ' "$WORK/events")" = 26 ] || die "$version: $(cat "$WORK/events")"
	done
	sim_agent 0.6.0 --quote-version 5
	reads 'quotes of version 5' cat
}

looks() {
	shim ls -l "$CCEL" "$LOG" >/dev/null
	shim test -r "$LOG"
	shim stat "$CCEL" "$LOG" >/dev/null
	shim cat "$CCEL" >/dev/null
	[ "$(shim stat -c '%a %s %U %F' "$CCEL" "$LOG")" = '400 56 root regular file
400 65536 root regular file' ] || die "stat: $(shim stat -c '%a %s %U %F' "$CCEL" "$LOG")"
}

two_reads() {
	shim sh -c 'cat "$0" "$0" >/dev/null' "$LOG"
}

# A descriptor is a complete answer, and its file nobody else's.
reread() {
	shim python3 -c 'import os, sys
fd = os.open(sys.argv[1], os.O_RDONLY)
first = os.read(fd, 100000)
os.lseek(fd, 0, os.SEEK_SET)
assert os.read(fd, 100000) == first == os.pread(fd, 65536, 0)
assert os.readlink("/proc/self/fd/%d" % fd).split(" ")[0] == sys.argv[1]' "$LOG"
}

crowd() {
	local job jobs=()

	for job in 1 2 3 4 5 6 7 8; do
		shim cat "$LOG" >"$WORK/crowd.$job" &
		jobs+=($!)
	done
	for job in "${jobs[@]}"; do
		wait "$job" || return 1
	done
	for job in 2 3 4 5 6 7 8; do
		cmp "$WORK/crowd.1" "$WORK/crowd.$job" || return 1
	done
}

questions() {
	costs 0 'looking, and reading CCEL' looks
	costs 0 'other files' elsewhere
	costs 2 'two opens' two_reads
	costs 1 'one descriptor read thrice' reread
	costs 8 'eight processes at once' crowd
	as_user find "$USER_DIR/state" -path '*/acpi/*' -type f ! -name lock ! -name CCEL.0 >"$WORK/kept"
	[ ! -s "$WORK/kept" ] || die "files stay: $(cat "$WORK/kept")"
}

# Who looks for other files of ACPI has nothing to do with us: no question, no state folder.
elsewhere() {
	expect_failure "$ABSENT" shim TEESHIM_STATE_DIR="$USER_DIR/none" cat "$ACPI/absent" "$TABLES/CCEM"
	[ ! -e "$USER_DIR/none" ] || die 'a state folder for a file that is not ours'
}

# ---------------------------------------------------------------------------- agents with other logs

other_logs() {
	sim_agent 0.6.0
	export TEESHIM_SOCKET=$SOCKET
	# without Info: the log of a quote's answer, whose boot events have lost their data
	through none cat "$LOG" >"$WORK/log.bin" || die "without Info: $(cat "$WORK/lines")"
	[ ! -s "$WORK/lines" ] || die "without Info: $(cat "$WORK/lines")"
	replays 'without Info' "$WORK/log.bin"
	[ "$(grep -c 'the dstack agent does not give the data' "$WORK/events")" = 12 ] ||
		die "without Info: $(cat "$WORK/events")"
	[ "$(grep -c '^[12] 00000004 proved' "$WORK/events")" = 2 ] ||
		die "without Info: no separators: $(cat "$WORK/events")"
	[ "$(grep -c '^4 0000000d proved' "$WORK/events")" = 9 ] ||
		die "without Info: dstack's own events: $(cat "$WORK/events")"
	say "ok without Info, uid $TEST_UID"
	# not what the registers say: served, and one line
	through swapped cat "$LOG" >"$WORK/log.bin" || die "swapped: $(cat "$WORK/lines")"
	python3 "$WORK/replay.py" "$WORK/log.bin" >/dev/null || die "swapped: no event log"
	[ "$(wc -l <"$WORK/lines")" = 1 ] || die "swapped: not one line: $(cat "$WORK/lines")"
	grep -q 'does not replay to the RTMR0' "$WORK/lines" || die "swapped: $(cat "$WORK/lines")"
	say "ok two events swapped: served, and one line, uid $TEST_UID"
	# more than CCEL tells of
	through long cat "$LOG" >"$WORK/log.bin" || die "long: $(cat "$WORK/lines")"
	python3 "$WORK/replay.py" "$WORK/log.bin" >"$WORK/replayed" || die "long: no event log"
	[ "$(wc -c <"$WORK/log.bin")" = 131072 ] || die "long: $(wc -c <"$WORK/log.bin") bytes"
	[ "$(tail -n +5 "$WORK/replayed" | wc -l)" = 129 ] || die "long: $(wc -l <"$WORK/replayed")"
	say "ok a long log: two areas, uid $TEST_UID"
}

# ---------------------------------------------------------------------------- failures

faults() {
	local fault start took status

	export TEESHIM_TEE=tdx
	# appended to a file, log lines show, as on a terminal
	for fault in error empty truncated garbage huge hang slow-drip close wrong-length; do
		sim_agent 0.6.0 --fault "$fault"
		start=$(date +%s%3N)
		status=0
		: >"$WORK/lines"
		shim TEESHIM_TIMEOUT_MS=$TIMEOUT_MS timeout 20 cat "$LOG" >"$WORK/out" 2>>"$WORK/lines" ||
			status=$?
		took=$(($(date +%s%3N) - start))
		[ "$status" = 1 ] || die "$fault: ended with $status: $(cat "$WORK/lines")"
		grep -q 'Input/output error' "$WORK/lines" || die "$fault: $(cat "$WORK/lines")"
		[ "$(grep -cF "$SOCKET" "$WORK/lines")" = 1 ] || die "$fault: log: $(cat "$WORK/lines")"
		[ "$took" -lt $((TIMEOUT_MS + 1000)) ] || die "$fault: took $took ms"
		[ ! -s "$WORK/out" ] || die "$fault: something came out"
		shim cat "$CCEL" >/dev/null || die "$fault: CCEL needs no agent's answer"
		sim_agent 0.6.0
		costs 1 "$fault: EIO after $took ms; then a healthy agent" shim sh -c 'cat "$0" >/dev/null' "$LOG"
	done
	unset TEESHIM_TEE
}

no_agent() {
	sim_stop
	expect_failure "$ABSENT" shim cat "$CCEL"
	expect_failure "$ABSENT" shim cat "$LOG"
	expect_failure "$ABSENT" shim ls "$LOG"
	say "ok no agent: no event log"
}

another_tee() {
	sim_agent 0.6.0
	expect_failure "$ABSENT" shim TEESHIM_TEE=sev-snp cat "$LOG"
	expect_failure "$ABSENT" shim TEESHIM_TEE=off cat "$CCEL"
	say "ok another TEE: no event log"
}

# ---------------------------------------------------------------------------- the kernel's folder

# masked: an empty /sys/firmware, as in a container; every folder is ours.
masked() {
	local shown

	shown=$(shim A="$ACPI" sh -euc 'ls "$A" "$A/tables/data"; cd "$A/tables"; pwd; ls; cat CCEL | wc -c
		cd data; wc -c <CCEL; cat ../CCEL | wc -c; cd /sys; cat firmware/acpi/tables/CCEL | wc -c
		cd /sys/firmware; [ -d acpi ]; cat acpi/tables/CCEL | wc -c' 2>&1) ||
		die "masked: $shown"
	[ "$(tr '\n' ' ' <<<"$shown")" = "$ACPI: tables  $TABLES/data: CCEL $TABLES CCEL data 56 65536 56 56 56 " ] ||
		die "masked: $shown"
	expect_failure 'Operation not permitted' shim sh -c 'cd "$0" && mkdir new' "$TABLES"
	[ "$(shim ls -A "$TABLES" | wc -l)" = 2 ] || die "masked: mkdir has made something"
	expect_failure "$ABSENT" shim cat "$TABLES/DSDT"
	every_tool masked
}

# native MODE OWNER: a log and another table of the kernel's.
native() {
	mkdir -p "$TABLES/data"
	rm -f "$TABLES/DSDT" "$CCEL" "$LOG"
	echo 'native table' >"$TABLES/DSDT"
	echo 'native log' >"$LOG"
	echo 'native CCEL' >"$CCEL"
	chown "$2" "$LOG" "$CCEL"
	chmod "$1" "$LOG" "$CCEL"
	chmod 400 "$TABLES/DSDT"
}

in_namespace() {
	mount -t tmpfs -o mode=755 tmpfs /sys/firmware || skip "no tmpfs can be mounted on /sys/firmware"
	sim_agent 0.6.0
	export TEESHIM_SOCKET=$SOCKET
	masked
	native 400 0:0
	every_tool 'a native log that this user may not read'
	expect_failure 'Permission denied' shim cat "$TABLES/DSDT"
	[ "$(shim ls "$TABLES" | tr '\n' ' ')" = 'CCEL DSDT data ' ] || die "the kernel's folder is not its own"
	native 400 "$TEST_UID"
	costs 0 'a native log that this user may read' native_shown
	every_tool_preferred
	TEST_UID=0
	USER_DIR=$WORK/root
	mkdir -m 700 "$USER_DIR"
	native 400 0:0
	costs 0 "a native log that root may read" native_shown
	every_tool_preferred
	[ "$(shim TEESHIM_PREFER=agent cat "$TABLES/DSDT")" = 'native table' ] || die "another table is gone"
	rm -rf "$ACPI"
	masked
}

native_shown() {
	[ "$(shim cat "$CCEL" "$LOG")" = 'native CCEL
native log' ]
}

every_tool_preferred() {
	export TEESHIM_PREFER=agent
	every_tool 'TEESHIM_PREFER=agent'
	unset TEESHIM_PREFER
}

if [ -n "${EVENT_LOG_NAMESPACE:-}" ]; then
	in_namespace
	exit 0
fi
every_agent
questions
other_logs
another_tee
faults
no_agent
if [ "$(id -u)" = 0 ]; then
	TEST_UID=0
	USER_DIR=$WORK/root
	mkdir -m 700 "$USER_DIR"
	every_agent
	questions
	other_logs
	if unshare -m true 2>/dev/null; then
		EVENT_LOG_NAMESPACE=1 unshare -m --propagation private bash "$0" || die "in a mount namespace"
	else
		say "SKIP no mount namespace can be made here: an empty /sys/firmware, and a native log"
	fi
fi
