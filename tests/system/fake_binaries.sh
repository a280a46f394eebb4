#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Every fake client of tests/fake_binaries in four linkages: the dynamic ones, glibc and musl, get a
# verified quote, TDREPORT or SEV-SNP report, or read RTMR3 and are refused the extend, and whatever they do costs the
# agent one quote (or two, where they ask twice); the static ones cannot be preloaded and must fail as without a
# TEE, not crash.  Those named sev_* run on SEV-SNP.

# shellcheck source=tests/system/lib/common.sh
. "$(dirname "$0")/lib/common.sh"

NOT_THERE='No such file or directory|Permission denied|Operation not permitted|Read-only file system'
FAILED=0
NOT_SERVED=0

# run_fake BINARY [ARGUMENT]: what it prints goes to quote.bin, its stderr to fake.err; its exit status.
run_fake() {
	local binary=$1 status=0

	shift
	install -m 755 "$binary" "$WORK/lib/"
	shim timeout -k 1 20 "$WORK/lib/$(basename "$binary")" "$HEX" "$@" \
		>"$WORK/quote.bin" 2>"$WORK/fake.err" || status=$?
	return "$status"
}

# quotes_asked: requests for quotes so far; what the first question asks beside it is not counted.
quotes_asked() {
	grep -cE '^(/GetQuote|/v1/Attest) ' "$SIM_LOG" || true
}

# served NAME [ARGUMENT]
served() {
	local name=$1 status=0 asked

	shift
	HEX=$(report_data)
	asked=$(quotes_asked)
	run_fake "$BUILD/tests/fake/$name" "$@" || status=$?
	if [ "$status" -ne 0 ]; then
		say "FAILED $name: exit status $status: $(cat "$WORK/fake.err")"
		FAILED=1
		return
	fi
	[ ! -s "$WORK/fake.err" ] || die "$name: wrote to stderr: $(cat "$WORK/fake.err")"
	asked=$(($(quotes_asked) - asked))
	fake_check "$name" "$WORK/quote.bin" "$HEX" "$name"
	[ "$asked" = "$COST" ] || die "$name $*: $asked quotes"
	say "ok $name $*"
}

not_served() {
	local name=$1 status=0

	run_fake "$BUILD/tests/fake/$name" || status=$?
	[ "$status" = 1 ] || die "$name: exit status $status, expected 1: $(cat "$WORK/fake.err")"
	[ ! -s "$WORK/quote.bin" ] || die "$name: printed something"
	grep -qE "$NOT_THERE" "$WORK/fake.err" || die "$name: $(cat "$WORK/fake.err")"
	say "  no preload into $name: $(cat "$WORK/fake.err")"
	NOT_SERVED=$((NOT_SERVED + 1))
}

# Which TEE the agent stands on is asked once, and not counted.
agent_of() {
	sim_agent 0.6.0 "$@"
	shim ls /sys/kernel/config/tsm/report >/dev/null
}

count=0
clients=$(cd "$ROOT/tests/fake_binaries" && find . -name '*.c' -printf '%f\n' | sort)
agent_of
for source in $(grep -v '^sev_' <<<"$clients") sev-snp $(grep '^sev_' <<<"$clients"); do
	if [ "$source" = sev-snp ]; then
		agent_of --tee sev-snp --certs table
		continue
	fi
	name=$(basename "$source" .c)
	COST=1
	case $name in
	sev_ratsd | sev_go_device | *_rtmr) COST=2 ;;
	esac
	for linkage in glibc-dynamic musl-dynamic glibc-static musl-static; do
		[ -x "$BUILD/tests/fake/$name.$linkage" ] ||
			die "$BUILD/tests/fake/$name.$linkage is missing: run make"
		HEX=$(report_data)
		case $linkage in
		*-dynamic)
			served "$name.$linkage"
			# without a port it takes the ioctl
			[ "$name" != libtdx_attest_1_20 ] || served "$name.$linkage" 4050
			;;
		*-static) not_served "$name.$linkage" ;;
		esac
		count=$((count + 1))
	done
done
[ "$count" -gt 0 ] || die "no fake clients in tests/fake_binaries"
say "not yet served: $NOT_SERVED static programs, named in its log"
exit "$FAILED"
