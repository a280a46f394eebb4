#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# jansson.sh: the distribution's source package of jansson, configured, built and tested by autoconf,
# make, gcc and libtool that all run under the library; as an ordinary user, with an agent there. The built
# library and the tests' results must be as without.
# timeout: 600

# shellcheck source=tests/system/lib/common.sh
. "$(dirname "$0")/../system/lib/common.sh"
# shellcheck source=tests/suites/lib/source.sh
. "$(dirname "$0")/lib/source.sh"
# shellcheck source=tests/suites/lib/compare.sh
. "$(dirname "$0")/lib/compare.sh"

CACHE=${TEESHIM_CACHE:-$ROOT/.cache}/suites
for tool in autoreconf automake libtoolize; do
	command -v "$tool" >/dev/null ||
		skip "SKIP jansson: no $tool (Debian: autoconf, automake, libtool)"
done
if [ ! -d "$CACHE/jansson" ]; then
	mkdir -p "$CACHE"
	source_fetch jansson "$CACHE/jansson"
fi

# results FILE COMMAND...: what each test said, and the built library's code.
results() {
	local out=$1 status=0 folder=$USER_DIR/jansson

	shift
	rm -rf "$folder"
	cp -a "$CACHE/jansson" "$folder"
	[ "$(id -u)" != 0 ] || chown -R "$TEST_UID:$TEST_UID" "$folder"
	# shellcheck disable=SC2016 # expanded in there
	"$@" D="$folder" sh -euc 'cd "$D"; unset MAKEFLAGS
		autoreconf -i
		./configure --disable-static
		make -j2
		VERBOSE=1 make check' >"$out.log" 2>&1 </dev/null || status=$?
	[ "$status" = 0 ] || die "jansson: exit status $status: $(tail -n 5 "$out.log")"
	awk '$1 == "Suite:" { suite = $2 } NF == 2 && $1 ~ /\.\.\.$/ {
		sub(/\.\.\.$/, "", $1); print suite "/" $1, $2 }' "$folder/test/run-suites.log" >"$out"
	# The code, without the folder's name that debugging data holds.
	objcopy -O binary -j .text -j .rodata "$folder/src/.libs/libjansson.so" "$WORK/code"
	say "libjansson.so/$(sha256sum <"$WORK/code" | cut -c 1-16) built" >>"$out"
}

sim_agent 0.6.0
results "$WORK/jansson.bare" as_user env
results "$WORK/jansson.shim" shim
compare_results jansson "$WORK/jansson.bare" "$WORK/jansson.shim"
