# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
# What the system tests share: a simulator that is gone at the end, an ordinary user with the
# library preloaded, fresh report data for every call, and quotes that are verified.

set -euo pipefail

ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/../../.." && pwd)
BUILD=${BUILD:-build}
case $BUILD in
/*) ;;
*) BUILD=$ROOT/$BUILD ;;
esac
export REPORT=/sys/kernel/config/tsm/report

# The machine's own programs: what root's PATH holds is often closed to other users.
export PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
export LC_ALL=C
unset LD_PRELOAD DSTACK_SIMULATOR_ENDPOINT "${!TEESHIM_@}"

die() {
	printf '%s: %s\n' "$(basename "$0" .sh)" "$*" >&2
	exit 1
}

skip() {
	printf '%s\n' "$*"
	exit 77
}

say() {
	printf '%s\n' "$*"
}

# Where everything of one test lives.  The user's own folder is the only one it may write to.
WORK=$(mktemp -d "${TMPDIR:-/tmp}/teeshim-test.XXXXXX")
chmod 755 "$WORK"
# It is uid 65534 unless a test is about another; who is not root is the ordinary user himself.
TEST_UID=${TEST_UID:-65534}
[ "$(id -u)" = 0 ] || TEST_UID=$(id -u)
USER_DIR=$WORK/user
LIBRARY=$WORK/lib/libteeshim.so
SOCKET=$WORK/run/dstack.sock
SIM_PID=
SIM_COUNT=0

# Tests add what else has to go to CLEANUP_HOOKS, as commands.
CLEANUP_HOOKS=()
cleanup() {
	local status=$? hook

	trap - EXIT
	for hook in ${CLEANUP_HOOKS[@]+"${CLEANUP_HOOKS[@]}"}; do
		$hook || true
	done
	sim_stop
	# The library makes its folders without write permission.
	[ "$(id -u)" = 0 ] || chmod -R u+rwX "$WORK" 2>/dev/null || true
	rm -rf "$WORK"
	exit "$status"
}
# as_uid UID COMMAND...: run as that user where we are root, as ourselves otherwise.
as_uid() {
	local uid=$1

	shift
	if [ "$(id -u)" = 0 ]; then
		(cd / && exec setpriv --reuid "$uid" --regid "$uid" --clear-groups \
			env HOME=/nonexistent "$@")
	else
		(cd / && exec env HOME=/nonexistent "$@")
	fi
}

as_user() {
	as_uid "$TEST_UID" "$@"
}

# shim [VARIABLE=VALUE...] COMMAND...: as the ordinary user, with the library and the socket.
shim() {
	as_user env LD_PRELOAD="$LIBRARY" TEESHIM_SOCKET="$SOCKET" \
		TEESHIM_STATE_DIR="$USER_DIR/state" "$@"
}

# sim_start FLAGS...: a simulator, listening when this returns.  Its log of requests is $SIM_LOG.
sim_start() {
	local out i

	[ -z "$SIM_PID" ] || sim_stop
	[ -x "$BUILD/teeshim-sim" ] || die "$BUILD/teeshim-sim is missing: run make"
	SIM_COUNT=$((SIM_COUNT + 1))
	out=$WORK/sim.$SIM_COUNT.out
	SIM_LOG=$WORK/sim.$SIM_COUNT.log
	"$BUILD/teeshim-sim" --log "$SIM_LOG" "$@" >"$out" 2>&1 </dev/null &
	SIM_PID=$!
	for ((i = 0; i < 200; i++)); do
		if grep -qi listen "$out" 2>/dev/null; then
			return 0
		fi
		kill -0 "$SIM_PID" 2>/dev/null || break
		sleep 0.05
	done
	sed 's/^/teeshim-sim: /' "$out" >&2
	die "the simulator does not listen (flags: $*)"
}

# sim_agent VERSION [FLAGS...]: a simulator of that version on the socket it has; sets SOCKET.
sim_agent() {
	local version=$1

	shift
	if [ "$version" = 0.3.6 ]; then
		SOCKET=$WORK/run/tappd.sock
		sim_start --agent "$version" --tappd-socket "$SOCKET" "$@"
	else
		SOCKET=$WORK/run/dstack.sock
		sim_start --agent "$version" --socket "$SOCKET" "$@"
	fi
}

sim_stop() {
	[ -n "$SIM_PID" ] || return 0
	kill "$SIM_PID" 2>/dev/null || true
	wait "$SIM_PID" 2>/dev/null || true
	SIM_PID=
	rm -f "$WORK/run/dstack.sock" "$WORK/run/tappd.sock"
}

# report_data: 64 fresh bytes as 128 hex digits on stdout.
report_data() {
	head -c 64 /dev/urandom | od -An -v -tx1 | tr -d ' \n'
}

# hex_to_bytes HEX: the bytes on stdout.
hex_to_bytes() {
	# shellcheck disable=SC2059 # the format is made of hex escapes only
	printf "$(printf '%s' "$1" | sed 's/../\\x&/g')"
}

# hex_to_octal HEX: escapes that every shell's printf knows.
hex_to_octal() {
	local hex=$1 out='' i

	for ((i = 0; i < ${#hex}; i += 2)); do
		out+=$(printf '\\%03o' "0x${hex:i:2}")
	done
	printf '%s' "$out"
}

# quote_check FILE HEX WHAT: the quote is over these bytes and signed under the simulator's root.
quote_check() {
	local file=$1 hex=$2 what=$3

	[ -s "$WORK/root.pem" ] || "$BUILD/teeshim-sim" --print-root >"$WORK/root.pem"
	[ -s "$file" ] || die "$what: no quote came out"
	"$BUILD/tests/verify-quote" --root "$WORK/root.pem" --report-data "$hex" <"$file" \
		>"$WORK/verify.out" 2>&1 ||
		die "$what: quote not verified: $(tail -n 1 "$WORK/verify.out")"
}

# snp_check FILE HEX WHAT: an SEV-SNP report over these bytes, verified by the certificate table behind it;
# one without by the last that there was.
snp_check() {
	local file=$1 hex=$2 what=$3

	[ -s "$WORK/ark.pem" ] || "$BUILD/teeshim-sim" --tee sev-snp --print-root >"$WORK/ark.pem"
	head -c 1184 "$file" >"$WORK/snp.report"
	[ "$(wc -c <"$file")" -le 1184 ] || tail -c +1185 "$file" >"$WORK/snp.certs"
	"$BUILD/tests/verify-report" --root "$WORK/ark.pem" --certs "$WORK/snp.certs" \
		--report-data "$hex" <"$WORK/snp.report" >"$WORK/verify.out" 2>&1 ||
		die "$what: report not verified: $(tail -n 1 "$WORK/verify.out")"
}

# hex_of FILE AT COUNT: bytes of a file as hex digits.
hex_of() {
	od -An -v -tx1 -j "$2" -N "$3" "$1" | tr -d ' \n'
}

# sha384_of FILE AT COUNT: the hash of bytes of a file, as hex digits.
sha384_of() {
	tail -c +$(($2 + 1)) "$1" | head -c "$3" | openssl dgst -sha384 -r | cut -d ' ' -f 1
}

# report_check FILE HEX WHAT: a TDREPORT over these bytes, its two hashes those of what they cover.
# Offsets: TDREPORT_STRUCT, Intel TDX Module ABI specification.
report_check() {
	local file=$1 hex=$2 what=$3

	[ "$(wc -c <"$file")" = 1024 ] || die "$what: no TDREPORT came out"
	[ "$(hex_of "$file" 0 1)" = 81 ] || die "$what: TDREPORT of type $(hex_of "$file" 0 1)"
	[ "$(hex_of "$file" 128 64)" = "$hex" ] || die "$what: TDREPORT over other report data"
	[ "$(hex_of "$file" 32 48)" = "$(sha384_of "$file" 256 239)" ] ||
		die "$what: TEE_TCB_INFO_HASH is not the hash of TEE_TCB_INFO"
	[ "$(hex_of "$file" 80 48)" = "$(sha384_of "$file" 512 512)" ] ||
		die "$what: TEE_INFO_HASH is not the hash of TDINFO"
}

# rtmr3: that of the agent's quotes, as hex digits.
rtmr3() {
	TEESHIM_SOCKET=$SOCKET "$BUILD/teeshim" quote --report-data 00 | awk '$1 == "RTMR3" { print $2 }'
}

# refusal_check FILE HEX WHAT: RTMR3 before and after an extend that was refused.
refusal_check() {
	[ "$(wc -c <"$1")" = 96 ] || die "$3: not two registers"
	[ "$(hex_of "$1" 0 48)" = "$(hex_of "$1" 48 48)" ] || die "$3: RTMR3 has changed"
	[ "$(hex_of "$1" 0 48)" = "$(rtmr3)" ] || die "$3: RTMR3 is $(hex_of "$1" 0 48)"
}

# fake_check CLIENT FILE HEX WHAT: what a fake client printed: a quote, a TDREPORT, registers or a report.
fake_check() {
	local client=$1

	shift
	case $client in
	tdx_selftest.*) report_check "$@" ;;
	*_rtmr.*) refusal_check "$@" ;;
	sev_*) snp_check "$@" ;;
	*) quote_check "$@" ;;
	esac
}

# expect_failure TEXT COMMAND...: it must exit with a failure whose stderr holds the text.
expect_failure() {
	local text=$1 status=0

	shift
	"$@" >"$WORK/failure.out" 2>"$WORK/failure.err" || status=$?
	[ "$status" -ne 0 ] || die "succeeded, expected \"$text\": $*"
	[ "$status" -lt 126 ] || die "exit status $status: $*: $(cat "$WORK/failure.err")"
	grep -qF -- "$text" "$WORK/failure.err" ||
		die "expected \"$text\": $*: $(cat "$WORK/failure.err")"
}

trap cleanup EXIT
trap 'exit 143' TERM
trap 'exit 130' INT

[ -e "$BUILD/libteeshim.so" ] || die "$BUILD/libteeshim.so is missing: run make"
mkdir -m 755 "$WORK/lib" "$WORK/run"
mkdir -m 700 "$USER_DIR"
[ "$(id -u)" != 0 ] || chown "$TEST_UID:$TEST_UID" "$USER_DIR"
# A checkout below a closed home folder is out of the ordinary user's reach, so it gets a copy.
install -m 755 "$BUILD/libteeshim.so" "$LIBRARY"
