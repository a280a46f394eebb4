#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# python.sh [MODULE...]: CPython's own tests of what the library wraps, with the machine's Python,
# as an ordinary user; each test must end as without the library, with an agent there.
# timeout: 900

# shellcheck source=tests/system/lib/common.sh
. "$(dirname "$0")/../system/lib/common.sh"
# shellcheck source=tests/suites/lib/compare.sh
. "$(dirname "$0")/lib/compare.sh"

[ $# -gt 0 ] || set -- test_os test_posix test_io test_socket test_subprocess test_pathlib test_shutil
PYTHON=/usr/bin/python3
[ -x "$PYTHON" ] || skip "SKIP CPython's tests: no $PYTHON"
# Not for want of the library: this must not be able to fail quietly under it.
"$PYTHON" -c 'import test.test_os' 2>/dev/null ||
	skip "SKIP CPython's tests: not installed (Debian: lib$(readlink "$PYTHON")-testsuite)"

# results FILE COMMAND...: the outcome of each test by name.
results() {
	local out=$1 status=0 tmp=$USER_DIR/python xml=$USER_DIR/python/results.xml

	shift
	rm -rf "$tmp"
	as_user mkdir "$tmp"
	# Exit status 2: a test failed. The comparison is what decides.
	"$@" TMPDIR="$tmp" timeout -k 5 800 "$PYTHON" -m test --tempdir "$tmp" --timeout 120 \
		--junit-xml "$xml" "${MODULES[@]}" >"$out.log" 2>&1 || status=$?
	case $status in
	0 | 2) ;;
	*) die "python3 -m test: exit status $status: $(tail -n 5 "$out.log")" ;;
	esac
	"$PYTHON" - "$xml" >"$out" <<'PARSE'
import sys
import xml.etree.ElementTree as tree

for case in tree.parse(sys.argv[1]).iter("testcase"):
    result = "ok"
    for kind in ("failure", "error", "skipped"):
        if case.find(kind) is not None:
            result = kind
    print(case.get("name").replace(" ", "_"), result)
PARSE
}

MODULES=("$@")
sim_agent 0.6.0
results "$WORK/python.bare" as_user env
results "$WORK/python.shim" shim
compare_results python "$WORK/python.bare" "$WORK/python.shim"
