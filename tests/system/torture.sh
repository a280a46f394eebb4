#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Each allocation, and each system call of the library's own, fails in turn: under sanitizers, in the
# agent's client and in the tree (tests/torture); and each allocation of a preloaded program.
# timeout: 600

# shellcheck source=tests/system/lib/common.sh
. "$(dirname "$0")/lib/common.sh"

torture_run() {
	local status=0

	"$BUILD/tests/torture/$1" >"$WORK/$1.log" 2>&1 || status=$?
	[ "$status" = 0 ] || die "$1: status $status: $(head -c 8000 "$WORK/$1.log")"
	say "ok $1: $(grep -c 'failed in turn' "$WORK/$1.log") parts"
	grep 'failed in turn' "$WORK/$1.log"
}

for program in test_client test_tree test_vsock test_snp_ioctl; do
	[ -x "$BUILD/tests/torture/$program" ] ||
		die "$BUILD/tests/torture/$program is missing: run make test"
	torture_run "$program"
done

source=$ROOT/tests/torture/preload
flags=(-std=gnu11 -D_GNU_SOURCE -O2 -fno-builtin -Wall -Wextra)
gcc "${flags[@]}" -fPIC -shared -o "$WORK/lib/libfailing_malloc.so" "$source/failing_malloc.c" ||
	die "failing_malloc.c: not built"
gcc "${flags[@]}" -o "$WORK/lib/flow" "$source/flow.c" -L"$WORK/lib" -lfailing_malloc \
	-Wl,-rpath,"$WORK/lib" || die "flow.c: not built"

for version in 0.6.0 0.5.11 0.3.6; do
	sim_agent "$version"
	# before teeshim and behind it: its allocations are the process's either way
	for order in "$LIBRARY:$WORK/lib/libfailing_malloc.so" "$WORK/lib/libfailing_malloc.so:$LIBRARY"; do
		result=$(shim TEESHIM_LOG=error:/dev/null LD_PRELOAD="$order" "$WORK/lib/flow") ||
			die "a preloaded flow, agent $version: failed"
		say "ok a preloaded flow, agent $version: $result"
	done
done
