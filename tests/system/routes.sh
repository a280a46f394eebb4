#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# timeout: 240
# Every way that libc and the kernel have of reaching a path, tried on ours: which are served is what
# tests/routes/expected.c says, on glibc and on musl, as an ordinary user and as root; docs/routes.md is
# that table.  `tests/system/routes.sh -v` shows each try.

# shellcheck source=tests/system/lib/common.sh
. "$(dirname "$0")/lib/common.sh"

VERBOSE=${1:-}
SOURCES=("$ROOT"/tests/routes/*.c)

# compile LIBC COMPILER: build/tests/routes.LIBC, where it is older than a source.  No fortify: the
# checked names are called as such.
compile() {
	local out=$BUILD/tests/routes.$1 source

	for source in "${SOURCES[@]}" "$ROOT"/tests/routes/*.h; do
		[ "$out" -nt "$source" ] && continue
		mkdir -p "$BUILD/tests"
		# The linker warns of getwd(), which is tried because programs have it.
		"$2" -std=gnu11 -O2 -D_GNU_SOURCE= -U_FORTIFY_SOURCE -Wall -Wextra -Werror \
			-o "$out" "${SOURCES[@]}" -ldl 2>"$WORK/compile.log" ||
			die "$out: $(cat "$WORK/compile.log")"
		break
	done
	install -m 755 "$out" "$WORK/lib/"
}

# try_as UID LIBC: the routes of one build as one user, with a state folder of their own.
try_as() {
	local uid=$1 libc=$2 dir=$WORK/$2.$1

	mkdir -m 700 "$dir"
	[ "$(id -u)" != 0 ] || chown "$uid:$uid" "$dir"
	as_uid "$uid" env LD_PRELOAD="$LIBRARY" TEESHIM_SOCKET="$SOCKET" \
		TEESHIM_STATE_DIR="$dir/state" ROUTES_SCRATCH="$dir" timeout -k 1 110 \
		"$WORK/lib/routes.$libc" ${VERBOSE:+"$VERBOSE"} >"$dir.log" 2>&1
}

compile glibc "${CC:-gcc}"
compile musl "${MUSL_CC:-musl-gcc}"
sim_agent 0.6.0

users=("$TEST_UID")
[ "$(id -u)" != 0 ] || users=(65534 0)
failed=0
for uid in "${users[@]}"; do
	declare -A tries=()
	for libc in glibc musl; do
		try_as "$uid" "$libc" &
		tries[$libc]=$!
	done
	for libc in glibc musl; do
		wait "${tries[$libc]}" || failed=1
		say "$libc, uid $uid:"
		cat "$WORK/$libc.$uid.log"
	done
done

"$BUILD/tests/routes.glibc" --markdown >"$WORK/routes.md"
diff -u "$ROOT/docs/routes.md" "$WORK/routes.md" ||
	die "docs/routes.md is not current: $BUILD/tests/routes.glibc --markdown >docs/routes.md"
exit "$failed"
