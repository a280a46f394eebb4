#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# The table of rules (tests/rules) under the preload: on glibc and on musl, as an ordinary user and
# as root.  Rows that say what they cost are counted in the agent's log; docs/rules.md must be what
# the program prints.

# shellcheck source=tests/system/lib/common.sh
. "$(dirname "$0")/lib/common.sh"

WARN=(-Wall -Wextra -Wshadow -Wconversion -Wstrict-prototypes -Wmissing-prototypes -Wvla -Werror)
KERNEL_HEADERS=(-idirafter /usr/include -idirafter /usr/include/x86_64-linux-gnu)

# rules_build LIBC COMPILER...: $BUILD/tests/rules.LIBC, where a source is newer.
rules_build() {
	local program=$BUILD/tests/rules.$1

	shift
	if [ ! -x "$program" ] || [ -n "$(find "$ROOT/tests/rules" -newer "$program")" ]; then
		mkdir -p "$BUILD/tests"
		"$@" -std=gnu11 -D_GNU_SOURCE= -O2 "${WARN[@]}" -I"$ROOT/tests" -o "$program" \
			"$ROOT"/tests/rules/*.c
	fi
	install -m 755 "$program" "$WORK/lib/"
}

# run_as WHO COMMAND...: preloaded, each user with a state folder of his own.
run_as() {
	local who=$1

	shift
	if [ "$who" = root ]; then
		env LD_PRELOAD="$LIBRARY" TEESHIM_SOCKET="$SOCKET" \
			TEESHIM_STATE_DIR="$WORK/root-state" "$@"
	else
		shim "$@"
	fi
}

FAILED=

rules_run() {
	local libc=$1 who=$2 out=$WORK/rules.$1.$2

	if run_as "$who" TMPDIR="$SCRATCH" timeout 300 "$WORK/lib/rules.$libc" \
		>"$out" 2>"$out.err" && [ ! -s "$out.err" ]; then
		say "ok $libc, $who: $(tail -n 1 "$out")"
	else
		grep '^not ok' "$out" || true
		cat "$out.err"
		say "not ok $libc, $who: $(tail -n 1 "$out")"
		FAILED="$FAILED $libc/$who"
	fi
}

# What the rows cost the agent: each alone, and the quotes asked for meanwhile.
rules_count() {
	local number expected operation before asked

	while read -r number expected operation; do
		before=$(grep -c GetQuote "$SIM_LOG" || true)
		run_as user TMPDIR="$SCRATCH" "$WORK/lib/rules.glibc" "$number" \
			>"$WORK/one" 2>&1 </dev/null || die "row $number: $(cat "$WORK/one")"
		asked=$(($(grep -c GetQuote "$SIM_LOG" || true) - before))
		[ "$asked" = "$expected" ] ||
			die "row $number, $operation: $asked questions, expected $expected"
		say "ok row $number: $asked questions"
	done < <("$BUILD/tests/rules.glibc" --questions)
}

# docs/rules.md: the head stays, what follows the mark is the program's.
document_check() {
	sed '1,/^<!-- rules --markdown -->$/d' "$ROOT/docs/rules.md" >"$WORK/documented"
	"$BUILD/tests/rules.glibc" --markdown >"$WORK/printed"
	cmp -s "$WORK/documented" "$WORK/printed" ||
		die "docs/rules.md is out of date: below its mark it must be what" \
			"$BUILD/tests/rules.glibc --markdown prints"
	say "ok docs/rules.md is what the program prints"
}

rules_build glibc "${CC:-gcc}"
rules_build musl "${MUSL_CC:-musl-gcc}" "${KERNEL_HEADERS[@]}"
document_check
# "Another file system" is /dev/shm: the state folders of this test are not there.
SCRATCH=$(mktemp -d /dev/shm/teeshim-rules.XXXXXX)
CLEANUP_HOOKS+=("rm -rf $SCRATCH")
chmod 1777 "$SCRATCH"
sim_agent 0.6.0
for libc in glibc musl; do
	rules_run "$libc" user
	[ "$(id -u)" != 0 ] || rules_run "$libc" root
done
rules_count
[ -z "$FAILED" ] || die "not as expected:$FAILED"
