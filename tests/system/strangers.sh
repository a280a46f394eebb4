#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Harmless inside strangers: programs of tests/strangers that have nothing to do with a TEE, dynamic
# glibc and musl, as an ordinary user and as root: bare (the test is right), preloaded without an
# agent, preloaded with one.
# timeout: 300

# shellcheck source=tests/system/lib/common.sh
. "$(dirname "$0")/lib/common.sh"

CC=${CC:-gcc}
MUSL_CC=${MUSL_CC:-musl-gcc}
FAILED=0
: >"$WORK/skipped"
command -v "$MUSL_CC" >/dev/null || die "no $MUSL_CC: run make deps"
ulimit -n "$(ulimit -Hn)"
[ "$(id -u)" != 0 ] || ulimit -n 70000 2>/dev/null || true

# build LIBC OUT FLAG...: one program or library of tests/strangers for that libc.
build() {
	local compiler=("$CC") libc=$1 out=$2

	shift 2
	[ "$libc" = glibc ] ||
		compiler=("$MUSL_CC" -idirafter /usr/include -idirafter /usr/include/x86_64-linux-gnu)
	"${compiler[@]}" -std=gnu11 -D_GNU_SOURCE= -O1 -Wall -Wextra -o "$WORK/lib/$out.$libc" "$@"
}

SOURCES=$ROOT/tests/strangers
for libc in glibc musl; do
	for name in threads signals descriptors processes calls loading; do
		build "$libc" "$name" "$SOURCES/$name.c" -pthread -ldl
	done
	build "$libc" early.so -shared -fPIC "$SOURCES/early.c"
	build "$libc" plugin.so -shared -fPIC "$SOURCES/plugin.c"
	build "$libc" needed "$SOURCES/needed.c" "$WORK/lib/early.so.$libc" \
		-Wl,-rpath,"$WORK/lib" -Wl,--no-as-needed
done

# run KIND COMMAND...: bare, alone (preloaded, no agent) or served, as the user that RUN_UID is.
# Below the state folder's parent, which is the folder that this user may write to.
RUN_UID=$TEST_UID
HERE=$USER_DIR
STATE=state
run() {
	local kind=$1

	shift
	case $kind in
	bare) as_uid "$RUN_UID" env -C "$HERE" "$@" ;;
	alone) as_uid "$RUN_UID" env -C "$HERE" LD_PRELOAD="$LIBRARY" \
		TEESHIM_SOCKET="$WORK/run/none.sock" TEESHIM_STATE_DIR="$HERE/$STATE" "$@" ;;
	served) as_uid "$RUN_UID" env -C "$HERE" LD_PRELOAD="$LIBRARY" TEESHIM_SOCKET="$SOCKET" \
		TEESHIM_STATE_DIR="$HERE/$STATE" STRANGER_SERVED=1 "$@" ;;
	esac
}

# failed TEXT: the tests go on, to show all that fails.
failed() {
	say "FAILED $*"
	FAILED=1
}

# try KINDS PROGRAM TEST: for each libc and kind. It must say nothing and exit with 0.
try() {
	local kinds=$1 program=$2 test=$3 libc kind status out started=$SECONDS

	for libc in glibc musl; do
		for kind in $kinds; do
			status=0
			out=$WORK/out
			run "$kind" env PLUGIN="$WORK/lib/plugin.so.$libc" LIBRARY="$LIBRARY" \
				timeout -k 1 90 "$WORK/lib/$program.$libc" "$test" >"$out" 2>&1 || status=$?
			grep '^SKIP' "$out" >>"$WORK/skipped" || true
			[ "$status" = 0 ] ||
				failed "$program $test ($libc, $kind, uid $RUN_UID): exit status $status:" \
					"$(tail -n 3 "$out")"
		done
	done
	say "done $program $test, uid $RUN_UID: $((SECONDS - started)) s"
}

# left WHAT: no entry stays behind.
left() {
	local entries

	entries=$(run served ls "$REPORT" 2>/dev/null || true)
	[ -z "$entries" ] || failed "$1: entries left: $entries"
}

all_tests() {
	local kinds='bare alone served'

	try "$kinds" threads fifo
	try "$kinds" threads fork
	try "$kinds" threads stacks
	try "$kinds" signals restart
	try "$kinds" signals interrupt
	try "$kinds" descriptors many
	try "$kinds" descriptors limit
	try "$kinds" descriptors close_range
	try "$kinds" descriptors lowest
	try "$kinds" processes vfork
	try "$kinds" processes seccomp
	try "$kinds" loading dlopen
	try "$kinds" loading dlmopen
	left 'all tests'
}

# --------------------------------------------------------------------- what is the same as bare

# same_output PROGRAM TEST: the part before a quote is as bare; the part after it as the one before.
same_state() {
	local libc kind

	for libc in glibc musl; do
		for kind in bare alone served; do
			run "$kind" "$WORK/lib/processes.$libc" state >"$WORK/state.out" ||
				failed "processes state ($libc, $kind)"
			grep -v -E '^environ (LD_PRELOAD|TEESHIM_[A-Z_]*|STRANGER_SERVED|_)=' \
				"$WORK/state.out" >"$WORK/state.both" || true
			sed '/^-- /,$d' "$WORK/state.both" >"$WORK/state.$kind"
			sed '1,/^-- /d' "$WORK/state.both" >"$WORK/state.after"
			[ -s "$WORK/state.after" ] || failed "processes state ($libc, $kind): no second part"
			diff -u "$WORK/state.$kind" "$WORK/state.after" ||
				failed "a quote changes the process ($libc, $kind)"
			diff -u "$WORK/state.bare" "$WORK/state.$kind" ||
				failed "the process is not as bare ($libc, $kind)"
		done
	done
	say "done descriptors, threads, environment, signals as bare, uid $RUN_UID"
}

# errno after each call that succeeds: as bare on ordinary paths, and the same on ours.
same_errno() {
	local libc kind

	for libc in glibc musl; do
		for kind in bare alone served; do
			run "$kind" "$WORK/lib/calls.$libc" ordinary >"$WORK/calls.$kind" ||
				failed "calls ordinary ($libc, $kind): $(tail -n 1 "$WORK/calls.$kind")"
		done
		[ "$(wc -l <"$WORK/calls.bare")" -gt 60 ] || failed "calls ($libc): too few lines"
		diff -u "$WORK/calls.bare" "$WORK/calls.alone" || failed "errno, no agent ($libc)"
		diff -u "$WORK/calls.bare" "$WORK/calls.served" || failed "errno, an agent ($libc)"
		run served "$WORK/lib/calls.$libc" ours >"$WORK/calls.ours" ||
			failed "calls ours ($libc): $(tail -n 1 "$WORK/calls.ours")"
		[ "$(wc -l <"$WORK/calls.ours")" -gt 30 ] || failed "calls on ours ($libc): too few lines"
		grep -vxFf "$WORK/calls.bare" "$WORK/calls.ours" >"$WORK/calls.new" || true
		[ ! -s "$WORK/calls.new" ] || failed "errno on ours ($libc): $(cat "$WORK/calls.new")"
	done
	say "done errno of $(wc -l <"$WORK/calls.bare") calls, of $(wc -l <"$WORK/calls.ours") on ours," \
		"uid $RUN_UID"
}

# same COMMAND...: stdout, stderr and exit status as bare, with an agent there.
same() {
	local kind status

	for kind in bare served; do
		status=0
		run "$kind" timeout 60 "$@" >"$WORK/same.$kind" 2>"$WORK/same.$kind.err" </etc/passwd ||
			status=$?
		say "exit status $status" >>"$WORK/same.$kind.err"
	done
	diff -u "$WORK/same.bare" "$WORK/same.served" || failed "stdout differs: $*"
	diff -u "$WORK/same.bare.err" "$WORK/same.served.err" ||
		failed "stderr or exit status differs: $*"
}

same_programs() {
	same sh -c 'exit 7'
	same sh -c 'kill -TERM $$'
	same sh -c 'echo out; echo err >&2; cat; ls /no-such-folder'
	same bash -c 'cd /usr; pwd; for f in *; do [ -d "$f" ] && echo "$f"; done | sort; exit 3'
	same bash -c 'exec 5</etc/passwd; read -r l <&5; echo "$l"; : >/no/such; mkdir -p a/b/c; rmdir -p a/b/c'
	same ls -la --time-style=+ /usr /etc
	same stat -c '%n %a %U %F %s' /etc/passwd /dev/null /tmp /no-such
	same tar cf /dev/null /etc/apt
	same find /etc/apt -newer /etc/passwd
	same sed -n 1p /etc/passwd /no-such
	same awk -F: '{ print $1 > "/dev/stderr" }'
	same env -i /bin/sh -c env
	same timeout 0.2 sleep 5
	same nohup true
	same /usr/bin/perl -e 'print join ",", map { -s $_ // "none" } @ARGV; exit 9' /etc/passwd /none
	same realpath /etc/../usr/bin /none/x .
	same /no/such/program
	same sort -u -S 1M -
	say "done output and exit status of programs, uid $RUN_UID"
}

# ------------------------------------------------------------------- constructors before ours

# early.so opens files in its constructor, which runs before ours or after it by its place in
# LD_PRELOAD, or before both as a library that the program needs.
constructors() {
	local libc kind order early

	for libc in glibc musl; do
		early=$WORK/lib/early.so.$libc
		run bare "$WORK/lib/needed.$libc" >"$WORK/out" 2>&1 || failed "needed, bare ($libc)"
		for kind in alone served; do
			for order in "$LIBRARY" "$early:$LIBRARY" "$LIBRARY:$early"; do
				run "$kind" env LD_PRELOAD="$order" "$WORK/lib/needed.$libc" \
					>"$WORK/out" 2>&1 ||
					failed "constructors ($libc, $kind, $order): $(cat "$WORK/out")"
				case $order in *early*) ;; *) continue ;; esac
				run "$kind" env LD_PRELOAD="$order" "$WORK/lib/processes.$libc" quote \
					>"$WORK/out" 2>&1 ||
					failed "constructors ($libc, $kind, $order): $(cat "$WORK/out")"
			done
		done
	done
	left 'constructors'
	say "done constructors that open files before ours, uid $RUN_UID"
}

# ------------------------------------------------------------------- who has what to say where

data_on_2() {
	local libc

	sim_agent 0.6.0 --fault error
	for libc in glibc musl; do
		STATE=state.$libc
		run served "$WORK/lib/descriptors.$libc" data 2>&1 | cat >"$WORK/err" ||
			failed "data on descriptor 2 ($libc): $(cat "$WORK/err")"
		grep -q 'teeshim\[' "$WORK/err" ||
			failed "data on descriptor 2 ($libc): nothing was logged to a pipe either"
	done
	say "done a data file on descriptor 2, uid $RUN_UID"
}

cancellation() {
	sim_agent 0.6.0 --delay-ms 600
	try 'bare served' threads cancel
	left 'cancellation'
}

# ------------------------------------------------------------------- processes that stand still

# hold FILE COMMAND...: run the command while somebody has an open-file-description lock on FILE,
# as a process stopped inside the library has.
hold() {
	local file=$1 holder status=0

	shift
	python3 - "$file" <<'HOLD' &
import fcntl, os, signal, struct, sys
fd = os.open(sys.argv[1], os.O_RDWR | os.O_CREAT, 0o600)
os.fchmod(fd, 0o600)
fcntl.fcntl(fd, 37, struct.pack("hhqqi4x", fcntl.F_WRLCK, 0, 0, 1, 0))  # F_OFD_SETLK
open(sys.argv[1] + ".held", "w").close()
signal.pause()
HOLD
	holder=$!
	for _ in {1..100}; do
		[ ! -e "$file.held" ] || break
		sleep 0.02
	done
	[ -e "$file.held" ] || die "no lock on $file"
	rm -f "$file.held"
	"$@" || status=$?
	kill "$holder"
	wait "$holder" 2>/dev/null || true
	return "$status"
}

# within SECONDS TEST WHAT: "shared", a quote from the shared entry, or "anew", from one of its own;
# that or an error in that time, for each of the program's calls may wait for the deadline.
within() {
	local limit=$1 test=$2 what=$3 status=0

	run served TEESHIM_TIMEOUT_MS=2000 timeout -k 1 "$limit" "$WORK/lib/processes.glibc" "$test" \
		>"$WORK/out" 2>&1 || status=$?
	[ "$status" = 0 ] || failed "$what: exit status $status: $(tail -n 1 "$WORK/out")"
}

# comes_to RESULT WHAT: the last of those did.
comes_to() {
	[ "$(tail -n 1 "$WORK/out")" = "$1" ] || failed "$2: $(tail -n 1 "$WORK/out"), expected $1"
}

stopped() {
	local store pid round lock

	sim_agent 0.6.0 --delay-ms 100
	STATE=state.stopped
	within 10 shared 'alone'
	comes_to 'a quote' 'alone'
	hold "$HERE/$STATE/tree.lock" within 14 anew 'a stopped holder of tree.lock'
	comes_to EIO 'a stopped holder of tree.lock'
	rm "$HERE/$STATE"/platform-*
	hold "$HERE/$STATE/platform.lock" within 14 anew 'a stopped holder of platform.lock'
	comes_to ENOENT 'a stopped holder of platform.lock'
	store=$(find "$HERE/$STATE" -type d -path '*store*' -name shared)
	for lock in lock ask; do
		hold "$store/$lock" within 14 shared "a stopped holder of the entry's $lock"
		say "done a stopped holder of the entry's $lock: $(tail -n 1 "$WORK/out")"
	done
	within 10 shared 'after stopped holders'
	comes_to 'a quote' 'after stopped holders'
	for round in 1 2 3 4 5 6; do
		run served TEESHIM_TIMEOUT_MS=2000 "$WORK/lib/processes.glibc" loop >"$WORK/loop" 2>&1 &
		pid=$!
		sleep "0.3$((RANDOM % 1000))"
		# the program itself: the job is the shell that became it
		kill -STOP "$pid"
		within 14 shared "round $round, a process stopped in the middle of a quote"
		kill -CONT "$pid"
		sleep 0.2
		kill -0 "$pid" 2>/dev/null || failed "the stopped process failed: $(cat "$WORK/loop")"
		kill -KILL "$pid" 2>/dev/null || true
		wait "$pid" 2>/dev/null || true
	done
	within 10 shared 'after stopped processes'
	comes_to 'a quote' 'after stopped processes'
	run served rmdir "$REPORT/shared" || failed "rmdir of the shared entry"
	say "done processes stopped in the middle of a quote"
}

# ------------------------------------------------------------------- set-user-ID programs

# In a private mount namespace: /etc with an ld.so.preload that names the library, and /run where
# an agent listens, so that only AT_SECURE stands between the program and a quote.
secure() {
	local etc=$WORK/etc program=$WORK/lib/processes.setuid

	if [ "$(id -u)" != 0 ] || ! unshare -m true 2>/dev/null; then
		say 'SKIP set-user-ID programs: needs root and mount namespaces'
		return 0
	fi
	install -m 4755 "$WORK/lib/processes.glibc" "$program"
	# The loader ignores LD_PRELOAD with a slash there; the variables come through.
	RUN_UID=$TEST_UID run served env -u STRANGER_SERVED "$program" quote >"$WORK/out" 2>&1 ||
		failed "a set-user-ID program with LD_PRELOAD: $(cat "$WORK/out")"
	mkdir -p "$etc"
	cp -a /etc/ld.so.cache /etc/passwd /etc/group /etc/nsswitch.conf "$etc/"
	printf '%s\n' "$LIBRARY" >"$etc/ld.so.preload"
	# shellcheck disable=SC2016 # the inner shell's
	unshare -m --propagation private env E="$etc" R="$WORK/run" P="$WORK/lib" U="$TEST_UID" \
		S="$HERE/$STATE" bash -euc '
		mount --bind "$E" /etc
		mount --bind "$R" /run
		as="setpriv --reuid $U --regid $U --clear-groups env TEESHIM_STATE_DIR=$S"
		grep -q libteeshim /proc/self/maps || { echo "not loaded by ld.so.preload"; exit 1; }
		STRANGER_SERVED=1 $as "$P/processes.glibc" quote
		$as cat /proc/self/maps | grep -q libteeshim
		$as "$P/processes.setuid" maps | grep -q libteeshim ||
			{ echo "not loaded into the set-user-ID program"; exit 1; }
		$as "$P/processes.setuid" quote
		$as "$P/processes.setuid" ordinary
		' >"$WORK/out" 2>&1 || failed "/etc/ld.so.preload: $(tail -n 3 "$WORK/out")"
	say "done set-user-ID programs, by LD_PRELOAD and by /etc/ld.so.preload"
}

# ------------------------------------------------------------------- the whole

sim_agent 0.6.0
all_tests
constructors
same_state
same_errno
same_programs
if [ "$(id -u)" = 0 ]; then
	RUN_UID=0
	HERE=$WORK/root
	mkdir -m 700 "$HERE"
	all_tests
	constructors
	same_state
	same_errno
	same_programs
	RUN_UID=$TEST_UID
	HERE=$USER_DIR
fi
secure
data_on_2
cancellation
stopped
sort -u "$WORK/skipped"
exit "$FAILED"
