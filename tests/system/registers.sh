#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# The measurement registers in /sys: values against quotes of every agent, what a sweep and a second
# read cost, tools, agents that fail or are not there.  What single calls answer is in device.sh.
# shellcheck disable=SC2016 # $R and the like are for the preloaded shell

# shellcheck source=tests/system/lib/common.sh
. "$(dirname "$0")/lib/common.sh"

TDX=/sys/devices/virtual/misc/tdx_guest
REGISTERS=$TDX/measurements
TIMEOUT_MS=1500
# register, and its name among the fields that the command prints
ALL=(mrtd:sha384=MRTD mrconfigid=MRCONFIGID mrowner=MROWNER mrownerconfig=MROWNERCONFIG
	rtmr0:sha384=RTMR0 rtmr1:sha384=RTMR1 rtmr2:sha384=RTMR2 rtmr3:sha384=RTMR3)
ABSENT='No such file or directory'

[ ! -e "$TDX" ] || skip "this machine has a $TDX of its own"

quotes_asked() {
	grep -ciE 'quote|attest' "$SIM_LOG" || true
}

# costs EXPECTED WHAT COMMAND...: the quotes that it has the agent make.
costs() {
	local expected=$1 what=$2 before asked

	shift 2
	before=$(quotes_asked)
	"$@" || die "$what: failed"
	asked=$(($(quotes_asked) - before))
	[ "$asked" = "$expected" ] || die "$what: $asked questions, expected $expected"
	say "ok $what, uid $TEST_UID: $asked questions"
}

# Until what a sweep brought may no longer be read.
stale() {
	sleep 2.2
}

# ---------------------------------------------------------------------------- values

# values_are WHAT: every register is the quote's, and they cost one quote.
values_are() {
	local what=$1 pair name

	TEESHIM_SOCKET=$SOCKET "$BUILD/teeshim" quote --report-data 00 >"$WORK/fields" ||
		die "$what: no quote"
	# which TEE it is has its own question
	shim ls "$REGISTERS" >/dev/null
	stale
	costs 1 "$what: every register" registers_save
	for pair in "${ALL[@]}"; do
		name=${pair%=*}
		[ "$(wc -c <"$WORK/$name")" = 48 ] || die "$what: $name: $(wc -c <"$WORK/$name") bytes"
		[ "$(hex_of "$WORK/$name" 0 48)" = "$(awk -v name="${pair#*=}" '$1 == name { print $2 }' \
			"$WORK/fields")" ] || die "$what: $name is $(hex_of "$WORK/$name" 0 48)"
	done
}

registers_save() {
	local pair

	for pair in "${ALL[@]}"; do
		shim cat "$REGISTERS/${pair%=*}" >"$WORK/${pair%=*}" || return 1
	done
}

# ---------------------------------------------------------------------------- questions

sweep() {
	shim sh -c "cat $REGISTERS/* >/dev/null"
}

python_sweep() {
	shim python3 -c 'import os, sys
for name in os.listdir(sys.argv[1]):
    with open(os.path.join(sys.argv[1], name), "rb") as f:
        assert len(f.read()) == 48, name' "$REGISTERS"
}

# reads NAME...: these registers, one after the other, in one process each.
reads() {
	local name

	for name in "$@"; do
		shim cat "$REGISTERS/$name" >/dev/null || return 1
	done
}

looks() {
	shim ls -l "$REGISTERS" >/dev/null
	shim stat "$REGISTERS/rtmr0:sha384" >/dev/null
	shim test -r "$REGISTERS/rtmr0:sha384"
	shim cat "$TDX/dev" "$TDX/uevent" >/dev/null
}

# Eight processes at once, a register each.
crowd() {
	local pair job

	for pair in "${ALL[@]}"; do
		shim cat "$REGISTERS/${pair%=*}" >"$WORK/crowd.${pair%=*}" &
		CROWD+=($!)
	done
	for job in "${CROWD[@]}"; do
		wait "$job" || return 1
	done
	CROWD=()
}
CROWD=()

after_wait() {
	stale
	reads mrowner
}

# A descriptor is a complete answer: reading it again asks nobody.
reread() {
	shim python3 -c 'import os, sys
fd = os.open(sys.argv[1], os.O_RDONLY)
first = os.read(fd, 100)
os.lseek(fd, 0, os.SEEK_SET)
assert os.read(fd, 100) == first == os.pread(fd, 48, 0)' "$REGISTERS/rtmr3:sha384"
}

questions() {
	stale
	costs 0 'looking without reading' looks
	costs 1 'a sweep by a shell' sweep
	costs 1 'another sweep at once' sweep
	stale
	costs 1 'a sweep by Python' python_sweep
	stale
	costs 1 'two registers' reads rtmr0:sha384 rtmr1:sha384
	costs 1 'one of them again' reads rtmr0:sha384
	costs 0 'another of the same sweep' reads rtmr1:sha384
	costs 1 'a register after two seconds' after_wait
	stale
	costs 1 'one descriptor read thrice' reread
	stale
	costs 1 'eight processes at once' crowd
}

# ---------------------------------------------------------------------------- tools

tools() {
	local shown

	# shows WHAT EXPECTED COMMAND...
	shows() {
		local what=$1 expected=$2

		shift 2
		shown=$(shim R="$REGISTERS" T="$TDX" "$@" 2>&1) || die "$what: failed: $shown"
		[ "$shown" = "$expected" ] || die "$what: \"$shown\", expected \"$expected\""
	}
	shows 'dev' '10:256' cat "$TDX/dev"
	shows 'uevent' 'MAJOR=10
MINOR=256
DEVNAME=tdx_guest' cat "$TDX/uevent"
	shows 'ls' 'mrconfigid
mrowner
mrownerconfig
mrtd:sha384
rtmr0:sha384
rtmr1:sha384
rtmr2:sha384
rtmr3:sha384' ls "$REGISTERS"
	shows 'stat' '444 48 root root regular file' stat -c '%a %s %U %G %F' "$REGISTERS/mrtd:sha384"
	shows 'stat of an RTMR' '644 48' stat -c '%a %s' "$REGISTERS/rtmr0:sha384"
	shows 'stat of the folder' '755 directory' stat -c '%a %F' "$REGISTERS"
	shows 'wc' "48 $REGISTERS/rtmr1:sha384" wc -c "$REGISTERS/rtmr1:sha384"
	shows 'find' 8 sh -c 'find "$R" -type f -size 48c | wc -l'
	shows 'glob' 4 sh -c 'cd "$R"; set -- rtmr*; echo $#'
	shows 'tail and dd' 40 sh -c 'cd "$R"; { tail -c 20 rtmr0:sha384
		dd if=rtmr1:sha384 bs=1 skip=28 count=100 status=none; } | wc -c'
	shows 'cp' 48 sh -c 'cp "$R/rtmr2:sha384" "$0" && wc -c <"$0"' "$USER_DIR/copy"
	expect_failure 'Permission denied' shim dd if=/dev/zero of="$REGISTERS/mrtd:sha384" \
		bs=48 count=1 conv=notrunc
	expect_failure 'No such device or address' shim dd if=/dev/zero of="$REGISTERS/rtmr3:sha384" \
		bs=48 count=1 conv=notrunc
	say "ok tools, uid $TEST_UID"
}

# ---------------------------------------------------------------------------- failures

faults() {
	local fault start took status

	export TEESHIM_TEE=tdx
	stale
	# appended to a file, log lines show, as on a terminal
	for fault in error empty truncated garbage huge hang slow-drip close wrong-length wrong-data; do
		sim_agent 0.6.0 --fault "$fault"
		start=$(date +%s%3N)
		status=0
		: >"$WORK/log"
		shim TEESHIM_TIMEOUT_MS=$TIMEOUT_MS timeout 20 cat "$REGISTERS/mrtd:sha384" \
			>"$WORK/out" 2>>"$WORK/log" || status=$?
		took=$(($(date +%s%3N) - start))
		[ "$status" = 1 ] || die "$fault: ended with $status: $(cat "$WORK/log")"
		grep -q 'Input/output error' "$WORK/log" || die "$fault: $(cat "$WORK/log")"
		[ "$(grep -cF "$SOCKET" "$WORK/log")" = 1 ] || die "$fault: log: $(cat "$WORK/log")"
		[ "$took" -lt $((2 * TIMEOUT_MS)) ] || die "$fault: took $took ms"
		[ ! -s "$WORK/out" ] || die "$fault: something came out"
		sim_agent 0.6.0
		costs 1 "$fault: EIO after $took ms; then a healthy agent" reads mrtd:sha384
		stale
	done
	unset TEESHIM_TEE
}

no_agent() {
	sim_stop
	expect_failure "$ABSENT" shim ls "$REGISTERS"
	expect_failure "$ABSENT" shim cat "$REGISTERS/mrtd:sha384"
	expect_failure "$ABSENT" shim cat "$TDX/dev"
	say "ok no agent: no register"
}

run() {
	sim_agent 0.6.0
	shim ls "$REGISTERS" >/dev/null
	questions
	tools
}

sim_agent 0.3.6
values_are 'agent 0.3.6'
for version in 0.5.5 0.5.11 0.6.0; do
	sim_agent "$version"
	values_are "agent $version"
done
sim_agent 0.6.0 --quote-version 5
values_are 'quotes of version 5'
run
faults
no_agent
if [ "$(id -u)" = 0 ]; then
	TEST_UID=0
	USER_DIR=$WORK/root
	mkdir -m 700 "$USER_DIR"
	run
fi
