#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# make demo: an unmodified shell of an ordinary user makes an entry in configfs-tsm, writes its own
# 64 bytes and reads a TDX quote over them, from a simulated dstack guest agent; then the quote is
# verified against the simulator's root.

set -euo pipefail

ROOT=$(cd "$(dirname "$0")/.." && pwd)
BUILD=${BUILD:-build}
case $BUILD in
/*) ;;
*) BUILD=$ROOT/$BUILD ;;
esac

die() {
	printf 'demo: %s\n' "$*" >&2
	exit 1
}

WORK=$(mktemp -d "${TMPDIR:-/tmp}/teeshim-demo.XXXXXX")
SIM_PID=
cleanup() {
	[ -z "$SIM_PID" ] || kill "$SIM_PID" 2>/dev/null || true
	[ "$(id -u)" = 0 ] || chmod -R u+rwX "$WORK" 2>/dev/null || true
	rm -rf "$WORK"
}
trap cleanup EXIT
trap 'exit 143' TERM
trap 'exit 130' INT

for file in libteeshim.so teeshim-sim tests/verify-quote; do
	[ -e "$BUILD/$file" ] || die "$BUILD/$file is missing: run make demo, or make first"
done

# A checkout below a closed home folder is out of an ordinary user's reach, so it gets a copy.
chmod 755 "$WORK"
mkdir -m 700 "$WORK/user"
install -m 755 "$BUILD/libteeshim.so" "$WORK/libteeshim.so"
USER_COMMAND=(env -i)
if [ "$(id -u)" = 0 ]; then
	chown 65534:65534 "$WORK/user"
	USER_COMMAND=(setpriv --reuid 65534 --regid 65534 --clear-groups env -i)
fi

: >"$WORK/sim.out"
"$BUILD/teeshim-sim" --socket "$WORK/dstack.sock" >>"$WORK/sim.out" 2>&1 </dev/null &
SIM_PID=$!
for ((i = 0; i < 200; i++)); do
	! grep -qi listen "$WORK/sim.out" || break
	kill -0 "$SIM_PID" 2>/dev/null || die "the simulator ended: $(tail -n 1 "$WORK/sim.out")"
	sleep 0.05
done
grep -qi listen "$WORK/sim.out" || die "the simulator does not listen after 10 s"
"$BUILD/teeshim-sim" --print-root >"$WORK/root.pem"

# The user's own 64 bytes: the hash of a sentence.
printf '%s' "demo $(date +%s%N)" | sha512sum | cut -d ' ' -f 1 >"$WORK/report-data.hex"
sed 's/../\\x&/g' "$WORK/report-data.hex" | {
	read -r escapes
	# shellcheck disable=SC2059 # the format is made of hex escapes only
	printf "$escapes"
} >"$WORK/user/report-data"
chmod 644 "$WORK/user/report-data"

cat >"$WORK/recipe.sh" <<'RECIPE'
set -eu
show() {
	printf '\n$ %s\n' "$1"
	eval "$1"
}
show 'id -u'
show 'E=/sys/kernel/config/tsm/report/demo; mkdir "$E"'
show 'ls -l "$E"'
show 'cat "$E/provider"'
show 'cat report-data >"$E/inblob"'
show 'cat "$E/generation"'
show 'cat "$E/outblob" >quote; wc -c <quote'
show 'head -c 32 quote | od -An -tx1'
show 'rmdir "$E"'
RECIPE
chmod 644 "$WORK/recipe.sh"

echo "An unmodified dash as an ordinary user, with LD_PRELOAD=libteeshim.so and no TEE device:"
(cd "$WORK/user" && exec "${USER_COMMAND[@]}" PATH=/usr/bin:/bin LD_PRELOAD="$WORK/libteeshim.so" \
	TEESHIM_SOCKET="$WORK/dstack.sock" TEESHIM_STATE_DIR="$WORK/user/state" \
	dash "$WORK/recipe.sh") || die "the recipe failed (exit status $?)"

echo
"$BUILD/tests/verify-quote" --root "$WORK/root.pem" \
	--report-data "$(cat "$WORK/report-data.hex")" <"$WORK/user/quote" >"$WORK/verify.out" 2>&1 ||
	die "the quote is not good: $(tail -n 1 "$WORK/verify.out")"
echo "verified: the quote is over the shell's own 64 bytes, and signed under the simulator's root"
