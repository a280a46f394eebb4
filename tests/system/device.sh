#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# /dev/tdx_guest, registers and event log: the rules of tests/device on glibc and musl, as an ordinary user and as root; then
# TDREPORTs against quotes of every agent, in tools and scripts, what a quote after a TDREPORT costs,
# and agents that fail or are not there.
# shellcheck disable=SC2016 # $D and the like are for the preloaded shell
# timeout: 300

# shellcheck source=tests/system/lib/common.sh
. "$(dirname "$0")/lib/common.sh"
# shellcheck source=tests/system/lib/device.sh
. "$(dirname "$0")/lib/device.sh"

DEVICE=/dev/tdx_guest
TIMEOUT_MS=1500

[ ! -e "$DEVICE" ] || skip "this machine has a $DEVICE of its own"

# Root's calls might reach what they must not: the machine is put right again, and that is a failure.
NULL_BEFORE=$(stat -c '%a %u %g' /dev/null)
machine_check() {
	local now

	now=$(stat -c '%a %u %g' /dev/null)
	if [ "$now" != "$NULL_BEFORE" ]; then
		chmod "${NULL_BEFORE%% *}" /dev/null
		chown 0:0 /dev/null
		die "$1: /dev/null has changed: $now"
	fi
	if [ -e "$DEVICE" ]; then
		rm -f "$DEVICE"
		die "$1: left a file at $DEVICE"
	fi
}

FAILED=
rules_run() {
	local libc=$1 who=$2 out=$WORK/rules.$1.$2

	as_who "$who"
	if shim TMPDIR="$SCRATCH" timeout 120 "$WORK/lib/device.$libc" >"$out" 2>"$out.err" &&
		[ ! -s "$out.err" ]; then
		say "ok $libc, $who: $(tail -n 1 "$out")"
	else
		grep '^not ok' "$out" || true
		cat "$out.err"
		say "not ok $libc, $who: $(tail -n 1 "$out")"
		FAILED="$FAILED $libc/$who"
	fi
	machine_check "$libc, $who"
}

quotes_asked() {
	grep -ciE 'quote|attest|info' "$SIM_LOG" || true
}

# What the rows cost the agent: each alone, and the quotes asked for meanwhile.
rules_count() {
	local number expected operation before asked

	while read -r number expected operation; do
		before=$(quotes_asked)
		shim TMPDIR="$SCRATCH" "$WORK/lib/device.glibc" "$number" >"$WORK/one" 2>&1 </dev/null ||
			true # its answer was compared above
		asked=$(($(quotes_asked) - before))
		[ "$asked" = "$expected" ] ||
			die "row $number, $operation: $asked questions, expected $expected"
	done < <("$BUILD/tests/device.glibc" --questions)
	say "ok rows cost what they should"
}

# Every row that differs names one of the document.
differences_check() {
	local id operation

	while read -r id operation; do
		grep -q "^| ${id%%[:,]*} |" "$ROOT/docs/differences.md" ||
			die "$operation: no row ${id%%[:,]*} in docs/differences.md"
	done < <("$BUILD/tests/device.glibc" --differences)
	say "ok each difference has its row"
}

# ---------------------------------------------------------------------------- reports and quotes

# field NAME: of the quote in quote.bin, as the command prints it.
field() {
	awk -v name="$1" 'substr($0, 1, 16) == sprintf("%-15s ", name) { print substr($0, 17) }' \
		"$WORK/fields"
}

# report_is NAME AT COUNT: the TDREPORT in report.bin has there what the quote has as that field.
report_is() {
	[ "$(hex_of "$WORK/report.bin" "$2" "$3")" = "$(field "$1")" ] ||
		die "$WHAT: $1: TDREPORT $(hex_of "$WORK/report.bin" "$2" "$3"), quote $(field "$1")"
}

# agent_reports FLAGS...: the TDREPORT of this agent holds what its quote does.
agent_reports() {
	local i

	WHAT="agent $*"
	sim_agent "$@"
	HEX=$(report_data)
	shim "$WORK/lib/tdx_selftest.glibc-dynamic" "$HEX" >"$WORK/report.bin" || die "$WHAT: no TDREPORT"
	report_check "$WORK/report.bin" "$HEX" "$WHAT"
	TEESHIM_SOCKET=$SOCKET "$BUILD/teeshim" quote --report-data "$HEX" >"$WORK/fields" ||
		die "$WHAT: no quote"
	report_is 'report data' 128 64
	report_is 'TEE TCB SVN' 264 16
	report_is 'MRSEAM' 280 48
	report_is 'MRSIGNERSEAM' 328 48
	report_is 'SEAM attributes' 376 8
	report_is 'TD attributes' 512 8
	report_is 'XFAM' 520 8
	report_is 'MRTD' 528 48
	report_is 'MRCONFIGID' 576 48
	report_is 'MROWNER' 624 48
	report_is 'MROWNERCONFIG' 672 48
	for i in 0 1 2 3; do
		report_is "RTMR$i" $((720 + 48 * i)) 48
	done
	case $* in
	*'--quote-version 5'*)
		report_is 'TEE TCB SVN 2' 384 16
		report_is 'MRSERVICETD' 912 48
		;;
	esac
	say "ok the TDREPORT is the quote's: $WHAT"
}

# ---------------------------------------------------------------------------- tools

tools_run() {
	local who=$1

	as_who "$who"
	# shows WHAT EXPECTED COMMAND...
	shows() {
		local what=$1 expected=$2 shown

		shift 2
		shown=$(shim D="$DEVICE" "$@" 2>&1) || die "$what, $who: failed: $shown"
		[ "$shown" = "$expected" ] || die "$what, $who: \"$shown\", expected \"$expected\""
	}
	shows 'ls -l' "crw------- 1 root root 10, 256" \
		sh -c 'ls -l "$D" | cut -d " " -f 1-6'
	shows 'stat -c' 'character special file 600 root:root a:100 0' \
		stat -c '%F %a %U:%G %t:%T %s' "$DEVICE"
	for shell in sh bash; do
		shows "test in $shell" 'c e r w' "$shell" -c 'for t in b c d e f h L p S s r w x; do
			[ "-$t" "$D" ] && printf "%s " "$t"; done | sed "s/ \$//"'
	done
	shows 'test(1) -c' '' test -c "$DEVICE"
	shows 'find' "$DEVICE" find "$DEVICE" -type c
	shows 'redirection' 'opened' bash -c 'exec 9<>"$D" && echo opened'
	machine_check "redirection, $who"
	expect_failure 'Invalid argument' shim cat "$DEVICE"
	expect_failure 'Invalid argument' shim dd if=/dev/zero of="$DEVICE" bs=64 count=1
	for name in sev-guest sev tdx-guest tdx-attest; do
		expect_failure 'No such file or directory' shim ls "/dev/$name"
		if shim test -e "/dev/$name"; then
			die "/dev/$name is there"
		fi
	done
	shim python3 - "$DEVICE" <<'PYTHON' || die "python3, $who"
import errno, fcntl, os, stat, sys
GET_REPORT0 = 0xc4405401
data = bytes(range(64))
def report(fd):
    request = bytearray(data + bytes(1024))
    fcntl.ioctl(fd, GET_REPORT0, request)
    assert bytes(request[:64]) == data and request[64] == 0x81
    assert bytes(request[64 + 128:64 + 192]) == data
st = os.stat(sys.argv[1])
assert stat.S_ISCHR(st.st_mode) and (os.major(st.st_rdev), os.minor(st.st_rdev)) == (10, 256), st
with open(sys.argv[1], "rb", buffering=0) as f:
    report(f.fileno())
    # an immutable argument goes through a buffer of Python's, which is 1024 bytes long
    try:
        fcntl.ioctl(f, GET_REPORT0, data + bytes(1024))
        raise SystemExit("bytes of 1088 were taken")
    except ValueError:
        pass
    try:
        f.read(1)
        raise SystemExit("read")
    except OSError as e:
        assert e.errno == errno.EINVAL, e
fd = os.open(sys.argv[1], os.O_RDWR | os.O_SYNC)
report(fd)
PYTHON
	machine_check "tools, $who"
	say "ok tools, $who"
}

# ---------------------------------------------------------------------------- one question, one quote

# costs EXPECTED WHAT: quotes asked for since ASKED was set.
costs() {
	local asked=$(($(quotes_asked) - ASKED))

	[ "$asked" = "$1" ] || die "$2: $asked questions, expected $1"
	say "ok $2: $asked questions"
}

# then_quote WHAT EXPECTED CODE: after a TDREPORT over A, this Python; the quotes of both.
then_quote() {
	ASKED=$(quotes_asked)
	shim python3 -c "$PRELUDE
$3" "$REPORT/once" >"$WORK/once.out" 2>&1 || die "$1: $(tail -n 1 "$WORK/once.out")"
	costs "$2" "$1"
}

PRELUDE='
import fcntl, os, sys, time
A, B = os.urandom(64), os.urandom(64)
E = sys.argv[1]
def report(data):
    fd = os.open("/dev/tdx_guest", os.O_RDWR)
    request = bytearray(data + bytes(1024))
    fcntl.ioctl(fd, 0xc4405401, request)
    os.close(fd)
    assert request[64 + 128:64 + 192] == data
def quote(data, name=E):
    os.makedirs(name, exist_ok=True)
    with open(name + "/inblob", "wb", buffering=0) as f:
        f.write(data)
    with open(name + "/outblob", "rb", buffering=0) as f:
        got = f.read(100000)
    assert got[568:632] == data, "a quote over other report data"
report(A)
'

once_run() {
	local client libc

	sim_agent 0.6.0
	shim "$WORK/lib/tdx_selftest.glibc-dynamic" "$HEX" >/dev/null
	for libc in glibc musl; do
		client=libtdx_attest.$libc-dynamic
		HEX=$(report_data)
		ASKED=$(quotes_asked)
		shim "$WORK/lib/$client" "$HEX" >"$WORK/quote.bin" || die "$client failed"
		quote_check "$WORK/quote.bin" "$HEX" "$client"
		costs 1 "the whole flow of $client"
	done
	then_quote 'a quote over the same report data' 1 'quote(A)'
	then_quote 'a quote over other report data' 2 'quote(B)'
	then_quote 'a second quote, in another entry' 2 'quote(A); quote(A, E + "2")'
	then_quote 'another TDREPORT over the same' 2 'report(A)'
	then_quote 'two TDREPORTs, a quote over the second' 2 'report(B); quote(B)'
	then_quote 'two TDREPORTs, a quote over the first' 3 'report(B); quote(A)'
	then_quote 'a quote of a child' 2 'child = os.fork()
if child == 0:
    quote(A)
    os._exit(0)
assert os.waitpid(child, 0)[1] == 0'
	then_quote 'a quote after 2.5 seconds' 2 'time.sleep(2.5); quote(A)'
	as_user find "$USER_DIR/state" -name 'spare-*' >"$WORK/kept"
	[ "$(wc -l <"$WORK/kept")" -le 2 ] || die "spare quotes stay: $(wc -l <"$WORK/kept")"
}

# ---------------------------------------------------------------------------- failures

faults_run() {
	local fault start took status

	export TEESHIM_TEE=tdx
	# appended to a file, log lines show, as on a terminal
	for fault in error empty truncated garbage huge hang slow-drip close wrong-length wrong-data; do
		sim_agent 0.6.0 --fault "$fault"
		start=$(date +%s%3N)
		status=0
		: >"$WORK/log"
		shim TEESHIM_TIMEOUT_MS=$TIMEOUT_MS timeout 20 "$WORK/lib/tdx_selftest.glibc-dynamic" "$HEX" \
			>"$WORK/report.bin" 2>>"$WORK/log" || status=$?
		took=$(($(date +%s%3N) - start))
		[ "$status" = 1 ] || die "$fault: ended with $status: $(cat "$WORK/log")"
		grep -q 'ioctl GET_REPORT0: Input/output error' "$WORK/log" ||
			die "$fault: $(cat "$WORK/log")"
		[ "$(grep -cF "$SOCKET" "$WORK/log")" = 1 ] || die "$fault: log: $(cat "$WORK/log")"
		[ "$took" -lt $((2 * TIMEOUT_MS)) ] || die "$fault: took $took ms"
		[ ! -s "$WORK/report.bin" ] || die "$fault: something came out"
		sim_agent 0.6.0
		shim "$WORK/lib/tdx_selftest.glibc-dynamic" "$HEX" >"$WORK/report.bin" ||
			die "$fault, then a healthy agent"
		report_check "$WORK/report.bin" "$HEX" "$fault, then a healthy agent"
		say "ok $fault: EIO after $took ms"
	done
	unset TEESHIM_TEE
}

no_agent_run() {
	sim_stop
	expect_failure "open $DEVICE: No such file or directory" \
		shim "$WORK/lib/tdx_selftest.glibc-dynamic" "$HEX"
	expect_failure 'No such file or directory' shim ls "$DEVICE"
	expect_failure 'No such file or directory' shim stat "$DEVICE"
	if shim test -e "$DEVICE"; then
		die "without an agent $DEVICE is there"
	fi
	say "ok no agent: no device"
}

device_build
for client in tdx_selftest libtdx_attest; do
	install -m 755 "$BUILD/tests/fake/$client".*-dynamic "$WORK/lib/"
done
SCRATCH=$(mktemp -d /dev/shm/teeshim-device.XXXXXX)
CLEANUP_HOOKS+=("rm -rf $SCRATCH")
chmod 1777 "$SCRATCH"
HEX=$(report_data)

differences_check
sim_agent 0.5.11 # the last that extends RTMR3
for libc in glibc musl; do
	for who in $WHOS; do
		rules_run "$libc" "$who"
	done
done
as_who user
rules_count
for who in $WHOS; do
	tools_run "$who"
done
as_who user
once_run
for version in 0.3.6 0.5.5 0.5.11 0.6.0; do
	agent_reports "$version"
	agent_reports "$version" --quote-version 5
done
agent_reports 0.6.0 --pad 3000
faults_run
no_agent_run
[ -z "$FAILED" ] || die "not as expected:$FAILED"
