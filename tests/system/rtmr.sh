#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Extending RTMR3 under TEESHIM_RTMR=event: what it becomes is computed here anew; agents that do it, that
# refuse it and that fail; shells, tools and fake clients; registers, TDREPORTs and quotes afterwards,
# from every process, also those that were asked for before the extend.  What single calls answer is in
# device.sh.
# shellcheck disable=SC2016 # $R and the like are for the preloaded shell
# timeout: 300

# shellcheck source=tests/system/lib/common.sh
. "$(dirname "$0")/lib/common.sh"

REGISTERS=/sys/devices/virtual/misc/tdx_guest/measurements
RTMR3=$REGISTERS/rtmr3:sha384
TIMEOUT_MS=1500

[ ! -e /sys/devices/virtual/misc/tdx_guest ] || skip "this machine has registers of its own"

# extended OLD DIGEST: RTMR3 after an event with that payload, all as hex digits.
extended() {
	python3 - "$@" <<'PYTHON'
import hashlib, sys
old, digest = map(bytes.fromhex, sys.argv[1:])
event = (0x08000001).to_bytes(4, "little") + b":teeshim-rtmr3-extend:" + digest
print(hashlib.sha384(old + hashlib.sha384(event).digest()).hexdigest())
PYTHON
}

# register NAME: as a program reads it, in a process of its own.
register() {
	shim cat "$REGISTERS/$1" | od -An -v -tx1 | tr -d ' \n'
}

digest_make() {
	DIGEST=$(head -c 48 /dev/urandom | od -An -v -tx1 | tr -d ' \n')
	hex_to_bytes "$DIGEST" >"$WORK/digest.bin"
	# for a shell's printf: each byte as an escape
	printf '%s\n' "$(hex_to_octal "$DIGEST")" >"$WORK/digest.bin.octal"
	chmod 644 "$WORK/digest.bin" "$WORK/digest.bin.octal"
}

# extends WHAT COMMAND...: with the policy event it extends RTMR3 by $WORK/digest.bin, which the next
# quote, and the register read at once, show.
extends() {
	local what=$1 old new

	shift
	digest_make
	old=$(rtmr3)
	shim TEESHIM_RTMR=event D="$WORK/digest.bin" R="$RTMR3" "$@" >"$WORK/out" 2>"$WORK/err" ||
		die "$what: failed: $(cat "$WORK/err")"
	new=$(extended "$old" "$DIGEST")
	[ "$(register rtmr3:sha384)" = "$new" ] || die "$what: the register shows another value"
	[ "$(rtmr3)" = "$new" ] || die "$what: a quote shows another value"
	say "ok $what, uid $TEST_UID"
}

# refused WHAT TEXT COMMAND...: it fails visibly, and RTMR3 is as it was.
refused() {
	local what=$1 text=$2 old

	shift 2
	digest_make
	old=$(rtmr3)
	expect_failure "$text" shim TEESHIM_RTMR=event D="$WORK/digest.bin" R="$RTMR3" "$@"
	[ "$(rtmr3)" = "$old" ] || die "$what: RTMR3 has changed"
	say "ok $what: $text"
}

PY_WRITE='import os
fd = os.open(os.environ["R"], os.O_WRONLY)
assert os.write(fd, open(os.environ["D"], "rb").read()) == 48'

PY_IOCTL='import fcntl, os
fd = os.open("/dev/tdx_guest", os.O_RDWR)
fcntl.ioctl(fd, 0x80315403, open(os.environ["D"], "rb").read() + b"\3")'

# ---------------------------------------------------------------------------- who extends

tools() {
	extends 'python3, os.write' python3 -c "$PY_WRITE"
	extends 'python3, an unbuffered file' python3 -c 'import os
open(os.environ["R"], "wb", buffering=0).write(open(os.environ["D"], "rb").read())'
	extends 'python3, a buffered file' python3 -c 'import os
with open(os.environ["R"], "wb") as f: f.write(open(os.environ["D"], "rb").read())'
	extends 'python3, ioctl' python3 -c "$PY_IOCTL"
	extends 'cp' sh -c 'cp "$D" "$R"'
	extends 'dd' sh -c 'dd if="$D" of="$R" bs=48 count=1'
	extends 'dd conv=notrunc,fsync' sh -c 'dd if="$D" of="$R" conv=notrunc,fsync'
	extends 'perl, syswrite' perl -e 'open(my $d, "<:raw", $ENV{D}); read($d, my $x, 48);
open(my $r, ">:raw", $ENV{R}) or die "open: $!\n";
syswrite($r, $x) == 48 or die "write: $!\n"'
	extends 'below /sys/class' sh -c 'cp "$D" /sys/class/misc/tdx_guest/measurements/rtmr3:sha384'
	# a builtin that calls write(), by another number than that of the open
	extends 'the printf of dash' dash -c 'read -r o <"$D.octal"; printf "$o" >"$R"'
}

# A writer that got the descriptor over exec, and stdio, do not lose it in silence.
unseen_writers() {
	refused 'head, executed by bash' 'No space left on device' bash -c 'head -c 48 "$D" >"$R"'
	refused 'cat, executed by sh' 'No space left on device' sh -c 'cat "$D" >"$R"'
	refused 'the printf of bash, by stdio' 'No space left on device' \
		bash -c 'printf %048d 1 >"$R"'
	refused 'tee, by stdio' 'No space left on device' sh -c 'tee "$R" <"$D" >/dev/null'
	refused 'python3, os.writev' 'No space left on device' python3 -c 'import os
os.writev(os.open(os.environ["R"], os.O_WRONLY), [open(os.environ["D"], "rb").read()])'
}

wrong_writes() {
	refused '47 bytes' 'Invalid argument' sh -c 'dd if="$D" of="$R" bs=47 count=1'
	refused 'one byte at a time' 'Invalid argument' sh -c 'dd if="$D" of="$R" bs=1'
	refused 'open for both' 'No such device or address' python3 -c 'import os
os.open(os.environ["R"], os.O_RDWR)'
	refused 'RTMR2' 'No such device or address' sh -c 'cp "$D" "${R%3:*}2:sha384"'
	refused 'RTMR2 by ioctl' 'Inappropriate ioctl for device' python3 -c "${PY_IOCTL/\\3/\\2}"
	refused 'RTMR4 by ioctl' 'Invalid argument' python3 -c "${PY_IOCTL/\\3/\\4}"
	refused 'another word in the variable' 'No such device or address' \
		env TEESHIM_RTMR=yes cp "$WORK/digest.bin" "$RTMR3"
}

# log_is WHAT LINE ENVIRONMENT...: python3's os.write under it leaves exactly one line, with this text.
log_is() {
	local what=$1 line=$2

	shift 2
	: >"$WORK/log"
	shim D="$WORK/digest.bin" R="$RTMR3" "$@" python3 -c "$PY_WRITE" >/dev/null 2>>"$WORK/log" ||
		true
	[ "$(grep -c '^teeshim\[' "$WORK/log")" = 1 ] || die "$what: log: $(cat "$WORK/log")"
	grep -qF -- "$line" "$WORK/log" || die "$what: log: $(cat "$WORK/log")"
	say "ok the log, $what"
}

logs() {
	digest_make
	log_is 'deny' 'rtmr3:sha384: not extended: the agent extends no register by a raw digest;' \
		TEESHIM_RTMR=deny
	log_is 'no variable' 'TEESHIM_RTMR=event extends RTMR3 by an event' TEESHIM_LOG=error
	log_is 'another word' 'TEESHIM_RTMR is "yes"; set it to deny or event' TEESHIM_RTMR=yes
	log_is 'event' 'by the hash of an event teeshim-rtmr3-extend with these 48 bytes, not by the' \
		TEESHIM_RTMR=event TEESHIM_LOG=info
}

# registers_check FILE DIGEST WHAT: RTMR3 before and after an extend by DIGEST.
registers_check() {
	[ "$(wc -c <"$1")" = 96 ] || die "$3: not two registers"
	[ "$(hex_of "$1" 48 48)" = "$(extended "$(hex_of "$1" 0 48)" "$2")" ] ||
		die "$3: RTMR3 is not what it has to be"
	[ "$(hex_of "$1" 48 48)" = "$(rtmr3)" ] || die "$3: a quote shows another value"
}

clients() {
	local client

	for client in "$BUILD"/tests/fake/*_rtmr.*-dynamic; do
		install -m 755 "$client" "$WORK/lib/"
		client=$(basename "$client")
		HEX=$(report_data)
		shim TEESHIM_RTMR=event "$WORK/lib/$client" "$HEX" >"$WORK/registers.bin" ||
			die "$client failed"
		registers_check "$WORK/registers.bin" "${HEX:0:96}" "$client"
		say "ok $client, uid $TEST_UID"
	done
}

# ---------------------------------------------------------------------------- what is read afterwards

# What a sweep left, and a spare quote, are of the time before the extend.
afterwards() {
	local old new

	shim cat "$REGISTERS/mrtd:sha384" >/dev/null # a sweep, of which RTMR3 is left
	old=$(rtmr3)
	digest_make
	shim TEESHIM_RTMR=event D="$WORK/digest.bin" R="$RTMR3" python3 -c "$PY_WRITE"
	new=$(extended "$old" "$DIGEST")
	[ "$(register rtmr3:sha384)" = "$new" ] || die "after a sweep: RTMR3 of before the extend"
	shim TEESHIM_RTMR=event R="$RTMR3" E=/sys/kernel/config/tsm/report/rtmr python3 - <<'PYTHON' ||
import fcntl, os
R, E, A = os.environ["R"], os.environ["E"], os.urandom(64)
def report():
    request = bytearray(A + bytes(1024))
    fcntl.ioctl(os.open("/dev/tdx_guest", os.O_RDWR), 0xc4405401, request)
    return bytes(request[64 + 720 + 3 * 48:64 + 720 + 4 * 48])
def rtmr3():
    return open(R, "rb").read()
old = report() # leaves a spare quote over A
assert old == rtmr3()
assert os.write(os.open(R, os.O_WRONLY), A[:48]) == 48
os.mkdir(E)
with open(E + "/inblob", "wb") as f:
    f.write(A)
quote = open(E + "/outblob", "rb").read()
os.rmdir(E)
assert quote[568:632] == A
new = quote[48 + 472:48 + 520]
assert new != old, "the quote of before the extend"
assert new == rtmr3() == report()
PYTHON
		die "after a TDREPORT"
	say "ok nothing of before the extend is shown, uid $TEST_UID"
}

# proxy_start SLOW: an agent in front of the simulator's socket.  Of the slow ones, "quotes" are made and
# given out a second later, or "events" reach the simulator a second later.
proxy_start() {
	cat >"$WORK/proxy.py" <<'PYTHON'
import os, socket, sys, threading, time
there, here, slow = sys.argv[1:]
def exchange(client):
    request = b""
    while b"\r\n\r\n" not in request:
        request += client.recv(65536)
    head, body = request.split(b"\r\n\r\n", 1)
    size = [int(line.split(b":")[1]) for line in head.split(b"\r\n")
            if line.lower().startswith(b"content-length:")]
    while size and len(body) < size[0]:
        body += client.recv(65536)
    word = "quote" if b"/GetQuote" in head else "event" if b"/EmitEvent" in head else "other"
    print(word, flush=True)
    if word == "event" and slow == "events":
        time.sleep(1)
    agent = socket.socket(socket.AF_UNIX)
    agent.connect(there)
    agent.sendall(head.replace(b"HTTP/1.1", b"HTTP/1.0") + b"\r\n\r\n" + body)
    answer = b""
    while part := agent.recv(65536):
        answer += part
    if word == "quote" and slow == "quotes":
        time.sleep(1)
    client.sendall(answer)
    client.close()
server = socket.socket(socket.AF_UNIX)
server.bind(here)
os.chmod(here, 0o777)
server.listen(64)
print("listening", flush=True)
while True:
    threading.Thread(target=exchange, args=(server.accept()[0],), daemon=True).start()
PYTHON
	rm -f "$WORK/run/slow.sock"
	: >"$WORK/proxy.out"
	python3 "$WORK/proxy.py" "$WORK/run/dstack.sock" "$WORK/run/slow.sock" "$1" >"$WORK/proxy.out" &
	PROXY_PID=$!
	proxy_wait listening 1
}

PROXY_PID=
proxy_stop() {
	[ -z "$PROXY_PID" ] || kill "$PROXY_PID"
	PROXY_PID=
}
CLEANUP_HOOKS+=(proxy_stop)

# proxy_wait WORD COUNT: until the proxy has said it so often.
proxy_wait() {
	local i

	for ((i = 0; i < 200; i++)); do
		[ "$(grep -c "$1" "$WORK/proxy.out" || true)" -lt "$2" ] || return 0
		sleep 0.02
	done
	die "the proxy does not say $1"
}

# A sweep under way: the extend waits for it, and what it leaves is not shown.
sweep_under_way() {
	local old new job

	shim ls "$REGISTERS" >/dev/null
	old=$(rtmr3)
	sleep 2.2 # no sweep of before
	: >"$WORK/proxy.out"
	shim cat "$REGISTERS/rtmr0:sha384" >/dev/null &
	job=$!
	proxy_wait quote 1
	digest_make
	shim TEESHIM_RTMR=event D="$WORK/digest.bin" R="$RTMR3" python3 -c "$PY_WRITE"
	wait "$job"
	new=$(extended "$old" "$DIGEST")
	[ "$(register rtmr3:sha384)" = "$new" ] || die "a sweep under way: RTMR3 of before the extend"
}

# report_under_way FIRST: a TDREPORT and an extend of two threads, of which the agent sees FIRST first, a
# "quote" or an "event", and is slow about it.  The spare quote is one of before the extend.
report_under_way() {
	shim TEESHIM_RTMR=event R="$RTMR3" E=/sys/kernel/config/tsm/report/rtmr \
		python3 - "$WORK/proxy.out" "$1" <<'PYTHON' || die "a TDREPORT, first the $1"
import fcntl, os, sys, threading, time
R, E, A = os.environ["R"], os.environ["E"], os.urandom(64)
said, first = sys.argv[1:]
def quote():
    fcntl.ioctl(os.open("/dev/tdx_guest", os.O_RDWR), 0xc4405401, bytearray(A + bytes(1024)))
def event():
    assert os.write(os.open(R, os.O_WRONLY), A[:48]) == 48
old = open(R, "rb").read()
seen = open(said).read().count(first)
thread = threading.Thread(target=quote if first == "quote" else event)
thread.start()
while open(said).read().count(first) == seen:
    time.sleep(0.01)
started = time.monotonic()
event() if first == "quote" else quote()
assert time.monotonic() - started < 0.9, "one waited for the other"
thread.join()
os.mkdir(E)
with open(E + "/inblob", "wb") as f:
    f.write(A)
quote = open(E + "/outblob", "rb").read()
os.rmdir(E)
assert quote[568:632] == A
assert quote[48 + 472:48 + 520] != old, "the spare quote of before the extend"
PYTHON
}

under_way() {
	local sim_socket=$SOCKET

	SOCKET=$WORK/run/slow.sock
	proxy_start quotes
	sweep_under_way
	report_under_way quote
	proxy_stop
	proxy_start events
	report_under_way event
	proxy_stop
	SOCKET=$sim_socket
	say "ok nothing that was under way is shown, uid $TEST_UID"
}

# Processes and threads at once: each extend counts once, and each reader sees its own extend.
crowd() {
	local job jobs=() before after

	before=$(grep -c EmitEvent "$SIM_LOG" || true)
	for _ in 1 2 3 4; do
		shim TEESHIM_RTMR=event R="$RTMR3" python3 -c 'import os, threading
R = os.environ["R"]
failed = []
def extend():
    for _ in range(5):
        before = open(R, "rb").read()
        try:
            assert os.write(os.open(R, os.O_WRONLY), os.urandom(48)) == 48
            assert open(R, "rb").read() != before
        except Exception as e:
            failed.append(e)
threads = [threading.Thread(target=extend) for _ in range(4)]
for t in threads: t.start()
for t in threads: t.join()
assert not failed, failed' &
		jobs+=($!)
	done
	for job in "${jobs[@]}"; do
		wait "$job" || die "extends at once"
	done
	after=$(grep -c EmitEvent "$SIM_LOG")
	[ $((after - before)) = 80 ] || die "extends at once: $((after - before)) events"
	say "ok 80 extends by 16 threads of 4 processes, uid $TEST_UID"
}

# ---------------------------------------------------------------------------- agents that do not

# fails WHAT LINE CODE: EIO, and one line with that text.
fails() {
	local what=$1 line=$2 status=0 start took

	digest_make
	: >"$WORK/log"
	start=$(date +%s%3N)
	shim TEESHIM_RTMR=event TEESHIM_TIMEOUT_MS=$TIMEOUT_MS D="$WORK/digest.bin" R="$RTMR3" \
		timeout 20 python3 -c "$3" >/dev/null 2>>"$WORK/log" || status=$?
	took=$(($(date +%s%3N) - start))
	[ "$status" = 1 ] || die "$what: ended with $status: $(cat "$WORK/log")"
	grep -q 'OSError: \[Errno 5\]' "$WORK/log" || die "$what: $(cat "$WORK/log")"
	[ "$(grep -c '^teeshim\[' "$WORK/log")" = 1 ] || die "$what: log: $(cat "$WORK/log")"
	grep -qF -- "$line" "$WORK/log" || die "$what: log: $(cat "$WORK/log")"
	[ "$took" -lt $((TIMEOUT_MS + 1000)) ] || die "$what: took $took ms"
	say "ok $what: EIO after $took ms"
}

agents_refuse() {
	local old cure='agents of dstack 0.5.0 to 0.5.11 alone extend RTMR3'

	sim_agent 0.6.0
	old=$(rtmr3)
	for code in "$PY_WRITE" "$PY_IOCTL"; do
		fails 'agent 0.6.0' "HTTP 400: EmitEvent was removed in dstack 0.6.0;" "$code"
		grep -qF "$cure" "$WORK/log" || die "agent 0.6.0: log: $(cat "$WORK/log")"
	done
	[ "$(rtmr3)" = "$old" ] || die "agent 0.6.0: RTMR3 has changed"
	sim_agent 0.3.6
	shim ls "$REGISTERS" >/dev/null
	fails 'agent 0.3.6' "tappd has no such method; $cure" "$PY_WRITE"
}

faults() {
	local fault

	export TEESHIM_TEE=tdx
	# with an answer of status 200, whatever it holds, the event was taken
	for fault in error truncated huge hang slow-drip close wrong-length; do
		sim_agent 0.5.11 --fault "$fault"
		case $fault in
		truncated)
			shim TEESHIM_RTMR=event D="$WORK/digest.bin" R="$RTMR3" python3 -c "$PY_WRITE" ||
				die "$fault: a good status was taken for a failure"
			say "ok $fault: taken"
			;;
		*) fails "fault $fault" "EmitEvent at $SOCKET: " "$PY_WRITE" ;;
		esac
		sim_agent 0.5.11
		extends "$fault, then a healthy agent" python3 -c "$PY_WRITE"
	done
	unset TEESHIM_TEE
}

# Gone while a register is open.
agent_goes() {
	sim_agent 0.5.11
	shim ls "$REGISTERS" >/dev/null
	fails 'the socket gone before write()' 'RTMR3: no TDX agent to ask any more;' "import os
fd = os.open(os.environ['R'], os.O_WRONLY)
os.environ['TEESHIM_SOCKET'] = '/nonexistent/dstack.sock'
os.write(fd, open(os.environ['D'], 'rb').read())"
}

run() {
	tools
	clients
	afterwards
	crowd
}

for version in 0.5.5 0.5.11; do
	sim_agent "$version"
	run
done
under_way
unseen_writers
wrong_writes
logs
if [ "$(id -u)" = 0 ]; then
	user_dir=$USER_DIR
	TEST_UID=0
	USER_DIR=$WORK/root
	mkdir -m 700 "$USER_DIR"
	sim_agent 0.5.11
	run
	unseen_writers
	TEST_UID=65534
	USER_DIR=$user_dir
fi
agents_refuse
faults
agent_goes
