#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# coreutils.sh [TEST...]: GNU coreutils' own tests from the distribution's source package, built
# once into the cache, run as an ordinary user; each test must end as without the library, with an
# agent there.
# timeout: 1800

# shellcheck source=tests/system/lib/common.sh
. "$(dirname "$0")/../system/lib/common.sh"
# shellcheck source=tests/suites/lib/source.sh
. "$(dirname "$0")/lib/source.sh"
# shellcheck source=tests/suites/lib/compare.sh
. "$(dirname "$0")/lib/compare.sh"

CACHE=${TEESHIM_CACHE:-$ROOT/.cache}/suites
BUILT=$CACHE/coreutils

# The suite writes into its own folder, so the user that runs it gets a copy of the built tree, which
# has to be told where it stands: it tests the machine's programs otherwise.
build() {
	mkdir -p "$CACHE"
	source_fetch coreutils "$BUILT.new"
	say "building coreutils (some minutes, once)"
	(
		cd "$BUILT.new"
		unset MAKEFLAGS MFLAGS MAKELEVEL MAKEOVERRIDES
		FORCE_UNSAFE_CONFIGURE=1 ./configure --quiet --disable-nls --disable-gcc-warnings
		make -j2 all
		# Programs that only tests use.
		make -j2 check TESTS= SUBDIRS=.
	) >"$CACHE/coreutils.log" 2>&1 ||
		die "coreutils does not build: $(tail -n 3 "$CACHE/coreutils.log")"
	mv "$BUILT.new" "$BUILT"
}

# results FILE COMMAND...: PASS, SKIP, FAIL, ERROR of each test.
results() {
	local out=$1 status=0

	shift
	rm -rf "$USER_DIR/coreutils"
	cp -a "$BUILT" "$USER_DIR/coreutils"
	[ "$(id -u)" != 0 ] || chown -R "$TEST_UID:$TEST_UID" "$USER_DIR/coreutils"
	# shellcheck disable=SC2016 # expanded in there
	"$@" TMPDIR="$USER_DIR" D="$USER_DIR/coreutils" T="$TESTS" \
		sh -c 'cd "$D" && unset MAKEFLAGS && exec timeout -k 5 1500 \
			make -j2 check-TESTS SUBDIRS=. abs_srcdir="$D" abs_builddir="$D" \
			abs_top_srcdir="$D" abs_top_builddir="$D" ${T:+"TESTS=$T"}' \
		>"$out.log" 2>&1 </dev/null || status=$?
	[ "$status" -lt 124 ] || die "coreutils: exit status $status: $(tail -n 3 "$out.log")"
	sed -n 's/^\(PASS\|FAIL\|SKIP\|XFAIL\|XPASS\|ERROR\): \([^ ]*\.[a-z]*\)$/\2 \1/p' \
		"$out.log" >"$out"
}

if [ "${1:-}" = --cached ]; then
	[ -d "$BUILT" ] || skip "SKIP coreutils: not built yet; make suites does it"
	shift
fi
[ -d "$BUILT" ] || build
TESTS=$*
sim_agent 0.6.0
results "$WORK/coreutils.bare" as_user env
results "$WORK/coreutils.shim" shim
compare_results coreutils "$WORK/coreutils.bare" "$WORK/coreutils.shim"
