#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# SEV-SNP: the rules of sev_guest's entries (tests/sev) and of /dev/sev-guest (tests/device), on glibc and musl,
# as an ordinary user and as root, on each agent that knows SEV-SNP; then the recipe in shells, certificates
# in every form, agents that fail, and an agent that stands on another TEE than before.
# shellcheck disable=SC2016 # $E and the like are for the preloaded shell
# timeout: 600

# shellcheck source=tests/system/lib/common.sh
. "$(dirname "$0")/lib/common.sh"
# shellcheck source=tests/system/lib/device.sh
. "$(dirname "$0")/lib/device.sh"
# shellcheck source=tests/system/lib/recipe.sh
. "$(dirname "$0")/lib/recipe.sh"

TIMEOUT_MS=1500
FAILED=

[ ! -e /dev/sev-guest ] || skip "this machine has a /dev/sev-guest of its own"

# ---------------------------------------------------------------------------- the tables

# sev_build LIBC COMPILER...: $BUILD/tests/sev.LIBC, where a source is newer.
sev_build() {
	local program=$BUILD/tests/sev.$1 rules

	shift
	if [ ! -x "$program" ] ||
		[ -n "$(find "$ROOT/tests/sev" "$ROOT/tests/rules" -newer "$program")" ]; then
		mapfile -t rules < <(find "$ROOT/tests/rules" -name '*.c' ! -name main.c)
		mkdir -p "$BUILD/tests"
		"$@" -std=gnu11 -D_GNU_SOURCE= -O2 "${DEVICE_WARN[@]}" -I"$ROOT/tests" -o "$program" \
			"$ROOT"/tests/sev/*.c "${rules[@]}"
	fi
	install -m 755 "$program" "$WORK/lib/"
}

# table_run PROGRAM LIBC WHO ARGS...
table_run() {
	local program=$1 libc=$2 who=$3 out=$WORK/$1.$2.$3

	shift 3
	as_who "$who"
	if shim TMPDIR="$SCRATCH" timeout 120 "$WORK/lib/$program.$libc" "$@" >"$out" 2>"$out.err" &&
		[ ! -s "$out.err" ]; then
		say "ok $program, $libc, $who: $(tail -n 1 "$out")"
	else
		grep '^not ok' "$out" || true
		cat "$out.err"
		say "not ok $program, $libc, $who: $(tail -n 1 "$out")"
		FAILED="$FAILED $program/$libc/$who"
	fi
	[ ! -e /dev/sev-guest ] || die "$program, $libc, $who: a file is left at /dev/sev-guest"
}

asked() {
	grep -cE '^/(v1/Attest|Attest|GetQuote|Info) ' "$SIM_LOG" || true
}

# What the rows cost the agent: each alone, and the reports asked for meanwhile.
rules_count() {
	local number expected operation before

	while read -r number expected operation; do
		before=$(asked)
		shim TMPDIR="$SCRATCH" "$WORK/lib/$1.glibc" "${@:2}" "$number" >"$WORK/one" 2>&1 \
			</dev/null || true # its answer was compared above
		before=$(($(asked) - before))
		[ "$before" = "$expected" ] ||
			die "$1: row $number, $operation: $before questions, expected $expected"
	done < <("$WORK/lib/$1.glibc" "${@:2}" --questions)
	say "ok $1: rows cost what they should"
}

# Every row that differs names one of the document; those that are shared with tests/rules are its matter.
differences_check() {
	local id operation

	while read -r id operation; do
		grep -q "^| ${id%%[:,]*} |" "$ROOT/docs/differences.md" ||
			die "$operation: no row ${id%%[:,]*} in docs/differences.md"
	done < <("$WORK/lib/sev.glibc" --differences | grep '^D-privlevel' &&
		"$WORK/lib/device.glibc" --sev --differences)
	say "ok each difference has its row"
}

# ---------------------------------------------------------------------------- shells, certificates

RECIPE_SEV='
set -eu
fail() { echo "recipe: $*" >&2; exit 1; }
$TOOL mkdir "$ENTRY"
[ -d /sys/devices/platform/sev-guest ] || fail "no platform device"
[ -c /dev/sev-guest ] && [ ! -e /dev/tdx_guest ] || fail "not one TEE"
# busybox compares owner and mode itself instead of asking the kernel
[ -n "$TOOL" ] || [ -r /dev/sev-guest ] || fail "the device is not readable"
[ "$($TOOL cat /sys/devices/system/cpu/sev/vmpl)" = 0 ] || fail "vmpl"
[ "$($TOOL cat "$ENTRY/provider")" = sev_guest ] || fail "provider"
read -r floor <"$ENTRY/privlevel_floor" || fail "read privlevel_floor"
[ "$floor" = 0 ] || fail "privlevel_floor is $floor"
[ -n "$TOOL" ] || [ -w "$ENTRY/privlevel" ] || fail "privlevel is not writable"
printf "$OCTAL" >"$ENTRY/inblob" || fail "write inblob"
echo 1 >"$ENTRY/privlevel" || fail "write privlevel"
[ "$($TOOL cat "$ENTRY/generation")" = 2 ] || fail "generation after an inblob and an option"
$TOOL cat "$ENTRY/outblob" || fail "read outblob"
$TOOL cat "$ENTRY/auxblob" || fail "read auxblob"
[ "$($TOOL cat "$ENTRY/generation")" = 2 ] || fail "generation after reading"
cd "$ENTRY"
names=$(echo *)
[ "$names" = "auxblob generation inblob outblob privlevel privlevel_floor provider" ] ||
	fail "names are $names"
cd /
$TOOL rmdir "$ENTRY" || fail "rmdir"
'

# sev_recipe WHAT COMMAND...
sev_recipe() {
	local what=$1 hex

	shift
	hex=$(report_data)
	shim ENTRY="$REPORT/recipe-$$" OCTAL="$(hex_to_octal "$hex")" TOOL="${TOOL:-}" timeout 60 \
		"$@" -c "$RECIPE_SEV" >"$WORK/answer" 2>"$WORK/recipe.err" ||
		die "$what: exit status $?: $(cat "$WORK/recipe.err")"
	[ ! -s "$WORK/recipe.err" ] || die "$what: wrote to stderr: $(cat "$WORK/recipe.err")"
	snp_check "$WORK/answer" "$hex" "$what"
	say "ok $what"
}

recipes_run() {
	local busybox

	sim_agent 0.6.0 --tee sev-snp --certs table
	for who in $WHOS; do
		as_who "$who"
		sev_recipe "recipe in dash, $who" dash
		sev_recipe "recipe in bash, $who" bash
		busybox=$(busybox_find || true)
		if [ -n "$busybox" ]; then
			install -m 755 "$busybox" "$WORK/lib/busybox"
			TOOL=$WORK/lib/busybox sev_recipe "recipe in busybox, $who" "$WORK/lib/busybox" sh
		else
			say "SKIP recipe in busybox: no dynamically linked one"
		fi
	done
}

# certs_are FORM COUNT: what auxblob and outblob are with certificates in this form; auxblob is read first.
certs_are() {
	local form=$1 count=$2 hex table

	hex=$(report_data)
	hex_to_bytes "$hex" >"$WORK/data.bin"
	chmod 644 "$WORK/data.bin"
	shim E="$REPORT/certs-$form" D="$WORK/data.bin" sh -euc 'mkdir "$E"; cat "$D" >"$E/inblob"
		cat "$E/auxblob"' >"$WORK/table"
	shim cat "$REPORT/certs-$form/outblob" >"$WORK/report"
	shim rmdir "$REPORT/certs-$form"
	[ "$(wc -c <"$WORK/report")" = 1184 ] || die "$form: a report of another size"
	# entries of 24 bytes up to a zero one
	table=$(od -An -v -tx1 -w24 "$WORK/table" | grep -m 1 -n '^\( 00\)\{24\}$' | cut -d : -f 1 || true)
	[ "$((${table:-1} - 1))" = "$count" ] || die "$form: $((${table:-1} - 1)) certificates"
	if [ "$count" = 0 ]; then
		[ ! -s "$WORK/table" ] || die "$form: auxblob is not empty"
		cp "$WORK/table.kept" "$WORK/table"
	fi
	cp "$WORK/table" "$WORK/table.kept"
	cat "$WORK/report" "$WORK/table" >"$WORK/answer"
	snp_check "$WORK/answer" "$hex" "certificates $form"
	say "ok certificates $form, agent $VERSION: $count in auxblob"
}

# The table comes first: its certificates are those that none at all leaves to look for.
certs_run() {
	as_who user
	for VERSION in 0.6.0 0.6.0-alpha; do
		while read -r form count; do
			sim_agent "$VERSION" --tee sev-snp --certs "$form"
			certs_are "$form" "$count"
		done <<-'END'
			table 3
			none 0
			pem 2
			der 3
			vlek 3
		END
	done
}

# ---------------------------------------------------------------------------- failures, another TEE

faults_run() {
	local fault blob status

	export TEESHIM_TEE=sev-snp
	hex_to_bytes "$(report_data)" >"$WORK/data.bin"
	for fault in error empty truncated garbage huge hang slow-drip close wrong-length wrong-data; do
		sim_agent 0.6.0 --tee sev-snp --fault "$fault"
		shim E="$REPORT/fault" D="$WORK/data.bin" sh -euc 'mkdir "$E"; cat "$D" >"$E/inblob"' ||
			die "$fault: no entry"
		for blob in auxblob outblob; do
			status=0
			: >"$WORK/log"
			# appended to a file, log lines show, as on a terminal
			shim TEESHIM_TIMEOUT_MS=$TIMEOUT_MS timeout 20 cat "$REPORT/fault/$blob" \
				>"$WORK/answer" 2>>"$WORK/log" || status=$?
			[ "$status" = 1 ] || die "$fault, $blob: ended with $status: $(cat "$WORK/log")"
			[ ! -s "$WORK/answer" ] || die "$fault, $blob: something came out"
			grep -q 'Input/output error' "$WORK/log" || die "$fault: $(cat "$WORK/log")"
			[ "$(grep -cF "$SOCKET" "$WORK/log")" = 1 ] || die "$fault: $(cat "$WORK/log")"
		done
		sim_agent 0.6.0 --tee sev-snp
		shim cat "$REPORT/fault/outblob" >"$WORK/answer" || die "$fault, then a healthy agent"
		[ "$(shim cat "$REPORT/fault/generation")" = 1 ] || die "$fault: generation"
		shim rmdir "$REPORT/fault"
		say "ok $fault: EIO, and a report once the agent is well"
	done
	unset TEESHIM_TEE
}

# An entry is what it was when it was made; all else is the agent's.
other_tee_run() {
	local names='auxblob generation inblob outblob privlevel privlevel_floor provider'

	sim_agent 0.6.0 --tee sev-snp
	shim E="$REPORT/old" D="$WORK/data.bin" sh -euc 'mkdir "$E"; cat "$D" >"$E/inblob"
		cat "$E/outblob" >/dev/null'
	sim_agent 0.6.0 --tee tdx
	[ "$(shim sh -c "cd $REPORT/old && echo *")" = "$names" ] || die "the old entry's names"
	[ "$(shim cat "$REPORT/old/provider")" = sev_guest ] || die "the old entry's provider"
	[ "$(shim cat "$REPORT/old/outblob" | wc -c)" = 1184 ] || die "the old entry's report"
	shim sh -c "printf 2 >$REPORT/old/privlevel" || die "privlevel of the old entry"
	: >"$WORK/log"
	! shim cat "$REPORT/old/outblob" >"$WORK/answer" 2>>"$WORK/log" || die "a new report of the old entry"
	grep -q 'Input/output error' "$WORK/log" || die "the old entry: $(cat "$WORK/log")"
	grep -q 'another TEE' "$WORK/log" || die "the old entry: no word of why: $(cat "$WORK/log")"
	shim mkdir "$REPORT/new"
	[ "$(shim sh -c "cd $REPORT/new && echo *")" = 'generation inblob outblob provider' ] ||
		die "the new entry's names"
	expect_failure 'No such file' shim cat "$REPORT/new/auxblob"
	expect_failure 'No such file' shim ls /dev/sev-guest
	shim ls /dev/tdx_guest >/dev/null || die "no /dev/tdx_guest"
	shim rmdir "$REPORT/old" "$REPORT/new"
	sim_stop
	for path in /dev/sev-guest /sys/devices/platform/sev-guest /sys/devices/system/cpu/sev/vmpl; do
		expect_failure 'No such file' shim ls "$path"
	done
	say "ok another TEE, no agent"
}

device_build
sev_build glibc "${CC:-gcc}"
sev_build musl "${MUSL_CC:-musl-gcc}" "${KERNEL_HEADERS[@]}"
SCRATCH=$(mktemp -d /dev/shm/teeshim-sev.XXXXXX)
CLEANUP_HOOKS+=("rm -rf $SCRATCH")
chmod 1777 "$SCRATCH"
differences_check
for VERSION in 0.6.0 0.6.0-alpha; do
	sim_agent "$VERSION" --tee sev-snp --certs table
	for libc in glibc musl; do
		for who in $WHOS; do
			table_run sev "$libc" "$who"
			table_run device "$libc" "$who" --sev
		done
	done
done
as_who user
sim_agent 0.6.0 --tee sev-snp --certs table
# which TEE it is costs a report, once
shim ls "$REPORT" >/dev/null
rules_count sev
rules_count device --sev
recipes_run
certs_run
faults_run
other_tee_run
[ -z "$FAILED" ] || die "not as expected:$FAILED"
