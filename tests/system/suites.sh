#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Suites of others in short: the quicker modules of CPython, and where `make suites` has built
# coreutils before, a part of its tests. `make suites` runs all of them.
# timeout: 240

set -euo pipefail

SUITES=$(cd "$(dirname "$0")/../suites" && pwd)

# suite SCRIPT ARG...: 77 is a part left out, with its reason said.
suite() {
	local status=0

	bash "$SUITES/$1" "${@:2}" || status=$?
	[ "$status" = 0 ] || [ "$status" = 77 ] || exit "$status"
}

suite python.sh test_posix test_os test_shutil
suite coreutils.sh --cached tests/cp/cp-a-selinux.sh tests/cp/existing-perm-race.sh \
	tests/cp/link.sh tests/cp/parent-perm.sh tests/cp/special-bits.sh tests/dd/no-allocate.sh \
	tests/df/total-unprocessed.sh tests/du/basic.sh tests/install/basic-1.sh tests/ln/misc.sh \
	tests/ls/dangle.sh tests/ls/follow-slink.sh tests/misc/cat-proc.sh tests/misc/close-stdout.sh \
	tests/misc/pwd-long.sh tests/misc/readlink-fp-loop.sh tests/misc/realpath.sh \
	tests/misc/stat-fmt.sh tests/misc/tee.sh tests/misc/truncate-dangling-symlink.sh \
	tests/mkdir/p-1.sh tests/mkdir/parents.sh tests/mv/diag.sh tests/mv/part-symlink.sh \
	tests/rm/deep-2.sh tests/rm/fail-eacces.sh tests/rm/r-1.sh tests/rmdir/ignore.sh \
	tests/touch/no-dereference.sh tests/touch/now-owned-by-other.sh
