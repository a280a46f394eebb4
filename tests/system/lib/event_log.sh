# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
# What tests of the event log share beside common.sh, which comes first: a reader of logs, and agents
# whose Info has another log than the simulator's.

# shellcheck disable=SC2034 # used by the tests
CCEL=/sys/firmware/acpi/tables/CCEL
# shellcheck disable=SC2034
LOG=/sys/firmware/acpi/tables/data/CCEL

cat >"$WORK/replay.py" <<'PYTHON'
# The registers that a log leaves, as "teeshim quote" prints them; then its events, one a line.
import hashlib, struct, sys
data = open(sys.argv[1], "rb").read()
def number(at, form="<I"):
    return struct.unpack_from(form, data, at)[0]
assert len(data) % 65536 == 0, len(data)
assert (number(0), number(4), data[8:28], number(28)) == (1, 3, bytes(20), 33), "first event"
assert data[32:48] == b"Spec ID Event03\0" and data[60:64] == b"\x0c\0\x30\0", "specification"
at, registers, events = 65, [bytes(48)] * 5, []
while number(at) != 0xffffffff:
    assert (number(at + 8), number(at + 12, "<H")) == (1, 12), "one SHA-384 digest"
    digest, size = data[at + 14:at + 62], number(at + 62)
    event = data[at + 66:at + 66 + size]
    assert len(event) == size
    index = number(at)
    registers[index] = hashlib.sha384(registers[index] + digest).digest()
    proved = hashlib.sha384(event).digest() == digest
    events.append("%d %08x %s %r" % (index, number(at + 4), "proved" if proved else "-", event))
    at += 66 + size
assert set(data[at:]) == {0xff}, "the rest"
for i in range(4):
    print("%-15s %s" % ("RTMR%d" % i, registers[i + 1].hex()))
print("\n".join(events))
PYTHON

cat >"$WORK/proxy.py" <<'PYTHON'
# An agent in front of the simulator: its answers, but for what the mode changes in Info's.
import http.client, http.server, json, os, socket, socketserver, sys
path, behind, mode = sys.argv[1:]
class Connection(http.client.HTTPConnection):
    def connect(self):
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.connect(behind)
def changed(body):
    info = json.loads(body)
    tcb = json.loads(info["tcb_info"])
    log = tcb["event_log"]
    if mode == "swapped":
        log[0], log[1] = log[1], log[0]
    elif mode == "long":
        log += [dict(log[0], imr=0, event_payload="ab" * 1000)] * 100
    info["tcb_info"] = json.dumps(tcb)
    return json.dumps(info).encode()
class Handler(http.server.BaseHTTPRequestHandler):
    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        if self.path == "/Info" and mode == "none":
            status, body = 404, b'{"error":"Service not found: Info"}'
        else:
            agent = Connection("agent")
            agent.request("POST", self.path, body, {"Content-Type": "application/json"})
            answer = agent.getresponse()
            status, body = answer.status, answer.read()
            if self.path == "/Info":
                body = changed(body)
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
    def log_message(self, *args):
        pass
server = socketserver.ThreadingUnixStreamServer(path, Handler)
os.chmod(path, 0o777)
print("listening", flush=True)
server.serve_forever()
PYTHON

PROXY_PID=
proxy_stop() {
	[ -z "$PROXY_PID" ] || { kill "$PROXY_PID" && wait "$PROXY_PID"; } 2>/dev/null || true
	PROXY_PID=
	rm -f "$WORK/run/proxy.sock"
}
CLEANUP_HOOKS+=(proxy_stop)

# through MODE COMMAND...: with that agent; its log lines in $WORK/lines.
through() {
	local mode=$1 status=0

	shift
	: >"$WORK/proxy.out"
	python3 "$WORK/proxy.py" "$WORK/run/proxy.sock" "$SOCKET" "$mode" >"$WORK/proxy.out" 2>&1 &
	PROXY_PID=$!
	for _ in {1..200}; do
		! grep -q listening "$WORK/proxy.out" || break
		sleep 0.05
	done
	: >"$WORK/lines"
	shim TEESHIM_SOCKET="$WORK/run/proxy.sock" "$@" 2>>"$WORK/lines" || status=$?
	proxy_stop
	return "$status"
}
