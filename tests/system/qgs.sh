#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# The quoting service over vsock and by TDX_CMD_GET_QUOTE: where the system allows vsock sockets and where
# it refuses them, on glibc and musl, as an ordinary user and as root; Python's ways to use a socket; agents
# that fail or go away; sockets to elsewhere.  What single calls answer, where vsock is allowed, is in
# device.sh.
# timeout: 300

# shellcheck source=tests/system/lib/common.sh
. "$(dirname "$0")/lib/common.sh"
# shellcheck source=tests/system/lib/device.sh
. "$(dirname "$0")/lib/device.sh"

TIMEOUT_MS=1500
EPERM=1
EACCES=13
EAFNOSUPPORT=97

[ ! -e /dev/tdx_guest ] || skip "this machine has a /dev/tdx_guest of its own"
device_build
"${CC:-gcc}" -std=gnu11 -O2 "${DEVICE_WARN[@]}" -o "$WORK/lib/refuse" "$ROOT/tests/service/refuse.c"
for client in libtdx_attest_port libtdx_attest_1_20 rust_vsock; do
	install -m 755 "$BUILD/tests/fake/$client".*-dynamic "$WORK/lib/"
done
install -m 644 "$ROOT/tests/tools/vsock_client.py" "$WORK/lib/"
SCRATCH=$(mktemp -d /dev/shm/teeshim-qgs.XXXXXX)
CLEANUP_HOOKS+=("rm -rf $SCRATCH")
chmod 1777 "$SCRATCH"

# refused ERRNO COMMAND...: shim, where vsock sockets are refused so
refused() {
	local error=$1

	shift
	shim TMPDIR="$SCRATCH" "$WORK/lib/refuse" "$error" "$@"
}

quotes_asked() {
	grep -c '^/GetQuote ' "$SIM_LOG" || true
}

# ---------------------------------------------------------------------------- vsock refused

refused_run() {
	local libc=$1 error client

	for error in $EPERM $EACCES $EAFNOSUPPORT; do
		for client in libtdx_attest_port libtdx_attest_1_20 rust_vsock; do
			HEX=$(report_data)
			ASKED=$(quotes_asked)
			refused "$error" timeout 20 "$WORK/lib/$client.$libc-dynamic" "$HEX" 4050 >"$WORK/quote.bin" ||
				die "$client.$libc, uid $TEST_UID, vsock refused with $error"
			quote_check "$WORK/quote.bin" "$HEX" "$client, vsock refused with $error"
			[ $(($(quotes_asked) - ASKED)) = 1 ] || die "$client, vsock refused: not one quote"
		done
	done
	# any other refusal stands
	expect_failure 'socket: No buffer space available' \
		refused 105 "$WORK/lib/libtdx_attest_port.$libc-dynamic" "$HEX"
	refused "$EPERM" timeout 120 "$WORK/lib/device.$libc" >"$WORK/rules" 2>"$WORK/rules.err" ||
		die "rules, $libc, uid $TEST_UID, vsock refused: $(grep '^not ok' "$WORK/rules")"
	say "ok vsock refused: three clients, $(tail -n 1 "$WORK/rules"), $libc, uid $TEST_UID"
}

# ---------------------------------------------------------------------------- Python

python_run() {
	shim timeout 60 python3 "$WORK/lib/vsock_client.py" 2>"$WORK/python.err" ||
		die "python3, uid $TEST_UID: $(cat "$WORK/python.err")"
	refused "$EPERM" timeout 60 python3 "$WORK/lib/vsock_client.py" 2>"$WORK/python.err" ||
		die "python3, uid $TEST_UID, vsock refused: $(cat "$WORK/python.err")"
	say "ok python3, uid $TEST_UID"
}

# ---------------------------------------------------------------------------- failures

# A request with a TDREPORT of this test's own, so that the agent is first met by the quote.
cat >"$WORK/lib/ask.py" <<'PYTHON'
import array, fcntl, os, socket, struct, sys
report = bytearray(1024)
report[0] = 0x81
report[128:192] = os.urandom(64)
message = struct.pack("<HHIIIII", 1, 1, 0, 1048, 0, 1024, 0) + report
framed = struct.pack(">I", len(message)) + message
if sys.argv[1] == "vsock":
    s = socket.socket(socket.AF_VSOCK, socket.SOCK_STREAM)
    s.connect((2, 4050))
    s.sendall(framed)
    reply = s.recv(100, socket.MSG_WAITALL)
    print(len(reply), "error", hex(struct.unpack("<I", reply[16:20])[0]))
else:
    buffer = array.array("B", struct.pack("<QQII", 1, 0, len(framed), 0) + framed + bytes(14000))
    fd = os.open("/dev/tdx_guest", os.O_RDWR)
    fcntl.ioctl(fd, 0x80105404, struct.pack("<QQ", *buffer.buffer_info()))
    print("status", hex(struct.unpack("<Q", buffer[8:16])[0]), struct.unpack("<I", buffer[20:24])[0])
PYTHON

# fails_as WAY EXPECTED: what the client prints, within the deadline, and one line in the log
fails_as() {
	local start took shown

	start=$(date +%s%3N)
	: >"$WORK/log"
	shown=$(shim TEESHIM_TIMEOUT_MS=$TIMEOUT_MS timeout 20 python3 "$WORK/lib/ask.py" "$1" 2>>"$WORK/log") ||
		die "$FAULT, $1: ended with $?: $(cat "$WORK/log")"
	took=$(($(date +%s%3N) - start))
	[ "$shown" = "$2" ] || die "$FAULT, $1: \"$shown\", expected \"$2\""
	[ "$(grep -c . "$WORK/log")" = 1 ] || die "$FAULT, $1: log: $(cat "$WORK/log")"
	[ "$took" -lt $((TIMEOUT_MS + 1500)) ] || die "$FAULT, $1: took $took ms"
}

faults_run() {
	export TEESHIM_TEE=tdx
	for FAULT in error empty truncated garbage huge hang slow-drip close wrong-length wrong-data; do
		sim_agent 0.6.0 --fault "$FAULT"
		fails_as vsock '28 error 0x12001'
		fails_as ioctl 'status 0x8000000000000001 0'
		say "ok $FAULT: error 0x12001, and the status of an unavailable service"
	done
	FAULT='a quote of 70000 bytes'
	sim_agent 0.6.0 --pad 66000
	fails_as vsock '28 error 0x12001'
	fails_as ioctl 'status 0x8000000000000001 0'
	say "ok $FAULT"
	unset TEESHIM_TEE
}

# The agent goes away between two calls.
gone_run() {
	sim_agent 0.6.0
	for error in 0 $EPERM; do
		local run=(shim)
		[ "$error" = 0 ] || run=(refused "$error")
		"${run[@]}" env TEESHIM_SOCKET="$SOCKET" python3 - 2>"$WORK/log" <<'PYTHON' || die "an agent that goes away: $(cat "$WORK/log")"
import errno, os, socket, struct
connected, not_yet = (socket.socket(socket.AF_VSOCK, socket.SOCK_STREAM) for _ in "ab")
connected.connect((2, 4050))
os.environ["TEESHIM_SOCKET"] = "/none"
message = struct.pack("<HHIIIII", 1, 1, 0, 1048, 0, 1024, 0) + b"\x81" + bytes(1023)
connected.sendall(struct.pack(">I", len(message)) + message)
reply = connected.recv(100, socket.MSG_WAITALL)
assert len(reply) == 28 and struct.unpack("<I", reply[16:20])[0] == 0x12001, reply
try:
    not_yet.settimeout(3)
    not_yet.connect((2, 4050))
    raise SystemExit("connected without an agent")
except ConnectionResetError:
    pass
PYTHON
	done
	say 'ok an agent that goes away'
}

# ---------------------------------------------------------------------------- elsewhere

cat >"$WORK/lib/elsewhere.py" <<'PYTHON'
import errno, fcntl, os, socket, struct, sys
def told(what, call):
    try:
        print(what, call())
    except OSError as e:
        print(what, type(e).__name__, errno.errorcode.get(e.errno))
def vsock(kind=socket.SOCK_STREAM, protocol=0):
    s = socket.socket(socket.AF_VSOCK, kind, protocol)
    s.settimeout(3)
    return s
for kind in (socket.SOCK_STREAM, socket.SOCK_DGRAM, socket.SOCK_SEQPACKET, socket.SOCK_RAW):
    told(kind, lambda: vsock(kind).fileno() >= 0)
told("protocol", lambda: vsock(protocol=1))
for cid in (0, 1, 3, 77):
    told(cid, lambda: vsock().connect((cid, 4050)))
for kind in (socket.SOCK_DGRAM, socket.SOCK_SEQPACKET):
    told("host", lambda: vsock(kind).connect((2, 4050)))
server = vsock()
told("bind", lambda: server.bind((socket.VMADDR_CID_ANY, 0x7fffffff)))
told("listen", lambda: server.listen(1))
told("name", lambda: server.getsockname())
told("option", lambda: server.setsockopt(socket.AF_VSOCK, 0, 65536))
server.settimeout(0.2)
told("accept", lambda: server.accept())
told("send", lambda: vsock().send(b"x"))
told("recv", lambda: vsock().recv(1))
if len(sys.argv) > 1:
    told("quoting service", lambda: vsock().connect((2, 4050)))
PYTHON

# bare COMMAND...: as the same user, without the library
bare() {
	as_user env "$@"
}

elsewhere_run() {
	bare python3 "$WORK/lib/elsewhere.py" >"$WORK/bare"
	shim python3 "$WORK/lib/elsewhere.py" >"$WORK/ours"
	diff "$WORK/bare" "$WORK/ours" >"$WORK/diff" || die "vsock to elsewhere differs: $(cat "$WORK/diff")"
	say "ok vsock to elsewhere: $(wc -l <"$WORK/bare") answers are the system's own"
	# and all of it where nothing is ours
	bare python3 "$WORK/lib/elsewhere.py" host >"$WORK/bare"
	shim TEESHIM_TEE=off python3 "$WORK/lib/elsewhere.py" host >"$WORK/ours"
	diff "$WORK/bare" "$WORK/ours" || die 'vsock with TEESHIM_TEE=off differs'
	expect_failure 'PermissionError' \
		refused "$EPERM" env TEESHIM_TEE=off python3 "$WORK/lib/elsewhere.py"
	say 'ok vsock with TEESHIM_TEE=off'
	native_run
}

# Where there is a device that the user may use, the host's own quoting service is left alone, too.
native_run() {
	if [ "$(id -u)" != 0 ] || ! unshare --mount true 2>/dev/null; then
		say 'SKIP a native device: no right to mount'
		return 0
	fi
	unshare --mount sh -c 'mount -t tmpfs none /dev && mknod -m 666 /dev/null c 1 3 &&
		mknod -m 666 /dev/tdx_guest c 1 3 && exec "$@"' sh env LD_PRELOAD="$LIBRARY" \
		TEESHIM_SOCKET="$SOCKET" TEESHIM_STATE_DIR="$WORK/native" TEESHIM_TEE=tdx \
		python3 "$WORK/lib/elsewhere.py" host >"$WORK/ours"
	diff "$WORK/bare" "$WORK/ours" || die 'vsock beside a native device differs'
	say 'ok vsock beside a native device'
}

sim_agent 0.5.11 # the last that extends RTMR3, as some of the rules do
for who in $WHOS; do
	as_who "$who"
	for libc in glibc musl; do
		refused_run "$libc"
	done
	python_run
done
as_who user
elsewhere_run
faults_run
gone_run
