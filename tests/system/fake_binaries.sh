#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Every fake client of tests/fake_binaries in four linkages: the dynamic ones, glibc and musl, get a
# verified quote, TDREPORT or SEV-SNP report, or read RTMR3 and are refused the extend, at the cost of one question,
# or two; the static ones cannot be preloaded and must fail as without a TEE, not crash.

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

# quotes_asked: requests for quotes and reports so far.
quotes_asked() {
	grep -c -e '^/GetQuote ' -e '^/v1/Attest ' "$SIM_LOG" || true
}

# quotes_due NAME: how many it may cost.
quotes_due() {
	case $1 in
	*_rtmr.*) echo 2 ;;        # a register that is read again is asked for anew
	snp_go_device.*) echo 2 ;; # the certificates' length is asked for over other report data
	*) echo 1 ;;
	esac
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
	[ "$asked" = "$(quotes_due "$name")" ] || die "$name $*: $asked quotes"
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

# run_source NAME: in its four linkages.
run_source() {
	local name=$1 linkage

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
}

count=0
for tee in tdx sev-snp; do
	sim_agent 0.6.0 --tee "$tee" --certs table
	rm -rf "$USER_DIR/state"
	# what the first look asks beside it is not counted
	shim ls "$REPORT" >/dev/null
	for source in "$ROOT"/tests/fake_binaries/*.c; do
		name=$(basename "$source" .c)
		case $tee/$name in
		tdx/snp_*) ;;
		tdx/* | sev-snp/snp_*) run_source "$name" ;;
		esac
	done
done
[ "$count" -gt 0 ] || die "no fake clients in tests/fake_binaries"
say "not yet served: $NOT_SERVED static programs, named in its log"
exit "$FAILED"
