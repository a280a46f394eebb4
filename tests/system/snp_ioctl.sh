#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# The ioctls of /dev/sev-guest: the rules of tests/snp_ioctl on glibc and musl, as an ordinary user and as
# root, and what they cost; reports by both interfaces against the verifier, with the certificates of every
# kind, of the agent and of the user; derived keys; agents that fail or are not there; real reports.
# timeout: 300

# shellcheck source=tests/system/lib/common.sh
. "$(dirname "$0")/lib/common.sh"
# shellcheck source=tests/system/lib/device.sh
. "$(dirname "$0")/lib/device.sh"

TIMEOUT_MS=1500
FAULTS='error empty truncated garbage huge hang slow-drip close wrong-length wrong-data'
TABLE_AT=1184 # in what the clients print, behind the report

[ ! -e /dev/sev-guest ] || skip "this machine has a /dev/sev-guest of its own"

program_build snp_ioctl
for client in "$BUILD"/tests/fake/sev_*.*-dynamic; do
	install -m 755 "$client" "$WORK/lib/"
done
SCRATCH=$(mktemp -d /dev/shm/teeshim-snp.XXXXXX)
CLEANUP_HOOKS+=("rm -rf $SCRATCH")
chmod 1777 "$SCRATCH"
"$BUILD/teeshim-sim" --tee sev-snp --print-root >"$WORK/ark.pem"

attests() {
	grep -c '^/.*Attest 200$' "$SIM_LOG" || true
}

# ---------------------------------------------------------------------------- the rules

FAILED=
# rules_run LIBC WHO [--no-certs]
rules_run() {
	local libc=$1 who=$2 out=$WORK/rules.$1.$2

	shift 2
	as_who "$who"
	if shim TEESHIM_LOG="error:$SCRATCH/log.$who" TMPDIR="$SCRATCH" timeout 120 \
		"$WORK/lib/snp_ioctl.$libc" "$@" >"$out" 2>"$out.err" && [ ! -s "$out.err" ]; then
		say "ok $libc, $who $*: $(tail -n 1 "$out")"
	else
		grep '^not ok' "$out" || true
		cat "$out.err"
		say "not ok $libc, $who $*: $(tail -n 1 "$out")"
		FAILED="$FAILED $libc/$who"
	fi
}

# What the rows cost the agent: each alone, and the reports asked for meanwhile.
rules_count() {
	local number expected operation before asked

	while read -r number expected operation; do
		before=$(attests)
		shim TEESHIM_LOG="error:$SCRATCH/log.user" TMPDIR="$SCRATCH" \
			"$WORK/lib/snp_ioctl.glibc" "$@" "$number" >"$WORK/one" 2>&1 </dev/null ||
			true # its answer was compared above
		asked=$(($(attests) - before))
		[ "$asked" = "$expected" ] ||
			die "row $number, $operation: $asked questions, expected $expected"
	done < <("$BUILD/tests/snp_ioctl.glibc" "$@" --questions)
	say "ok rows cost what they should $*"
}

# Every row that differs names one of the document.
differences_check() {
	local id operation

	while read -r id operation; do
		grep -q "^| ${id%%[:,]*} |" "$ROOT/docs/differences.md" ||
			die "$operation: no row ${id%%[:,]*} in docs/differences.md"
	done < <("$BUILD/tests/snp_ioctl.glibc" --differences)
	say "ok each difference has its row"
}

# ---------------------------------------------------------------------------- reports and certificates

# verified FILE CERTS WHAT: a report over HEX, down to the simulator's ARK.
verified() {
	"$BUILD/tests/verify-report" --root "$WORK/ark.pem" --certs "$2" --report-data "$HEX" <"$1" \
		>"$WORK/verify.out" 2>&1 || die "$3: report not verified: $(cat "$WORK/verify.out")"
}

# client NAME [ARGUMENT...]: what it prints, as $WORK/report and $WORK/certs, over fresh report data.
client() {
	local name=$1

	shift
	HEX=$(report_data)
	shim ${CERTS:+TEESHIM_SNP_CERTS="$CERTS"} timeout 20 "$WORK/lib/$name" "$HEX" "$@" \
		>"$WORK/printed" 2>"$WORK/err" || die "$name $*: $(cat "$WORK/err")"
	[ ! -s "$WORK/err" ] || die "$name $*: on stderr: $(cat "$WORK/err")"
	head -c "$TABLE_AT" "$WORK/printed" >"$WORK/report"
	tail -c +$((TABLE_AT + 1)) "$WORK/printed" >"$WORK/certs"
}

# entry: the same by configfs.
entry() {
	HEX=$(report_data)
	hex_to_bytes "$HEX" >"$WORK/data.bin"
	chmod 644 "$WORK/data.bin"
	shim ${CERTS:+TEESHIM_SNP_CERTS="$CERTS"} E="$REPORT/snp_ioctl" D="$WORK/data.bin" sh -euc '
		mkdir "$E"
		cat "$D" >"$E/inblob"
		cat "$E/outblob" "$E/auxblob"
		rmdir "$E"' >"$WORK/printed" || die "configfs"
	head -c "$TABLE_AT" "$WORK/printed" >"$WORK/report"
	tail -c +$((TABLE_AT + 1)) "$WORK/printed" >"$WORK/certs"
}

# both_interfaces WHAT: a report with certificates by each, which leave the same table.
both_interfaces() {
	local what=$1

	client sev_virtee.glibc-dynamic
	verified "$WORK/report" "$WORK/certs" "$what, the device"
	cp "$WORK/certs" "$WORK/certs.device"
	entry
	verified "$WORK/report" "$WORK/certs" "$what, configfs"
	cmp -s "$WORK/certs" "$WORK/certs.device" || die "$what: other certificates in auxblob"
	say "ok $what, by both interfaces: $(tail -n 1 "$WORK/verify.out")"
}

# costs EXPECTED COMMAND...: reports that it asks the agent for.
costs() {
	local expected=$1 before

	shift
	before=$(attests)
	"$@"
	[ $(($(attests) - before)) = "$expected" ] ||
		die "$*: $(($(attests) - before)) reports asked for, expected $expected"
	say "ok $*: $expected"
}

clients_run() {
	local libc

	for libc in glibc musl; do
		costs 1 client "sev_virtee.$libc-dynamic"
		verified "$WORK/report" "$WORK/certs" sev_virtee
		costs 1 client "sev_amdese.$libc-dynamic" ext
		verified "$WORK/report" "$WORK/certs" sev_amdese
		cp "$WORK/certs" "$WORK/certs.kept"
		# it asks for the length over other report data
		costs 2 client "sev_go_device.$libc-dynamic"
		verified "$WORK/report" "$WORK/certs" sev_go_device
		for name in sev_rats_tls sev_skr sev_amdese; do
			costs 1 client "$name.$libc-dynamic" report
			verified "$WORK/report" "$WORK/certs.kept" "$name"
		done
	done
}

# The simulator's chain in files, as a user would have it.
user_certs_make() {
	HEX=$(report_data)
	TEESHIM_SOCKET=$SOCKET "$BUILD/teeshim" report --report-data "$HEX" --json >"$WORK/json"
	mkdir -p "$WORK/der" "$WORK/pem"
	python3 - "$WORK/json" "$WORK" <<-'END'
		import base64, json, struct, sys
		table = bytes.fromhex(json.load(open(sys.argv[1]))["cert_table"])
		at, names = 0, ["vcek", "ask", "ark"]
		for name in names:
		    start, size = struct.unpack_from("<II", table, at + 16)
		    der = table[start:start + size]
		    at += 24
		    open(sys.argv[2] + "/der/" + name + ".der", "wb").write(der)
		    text = base64.encodebytes(der).decode()
		    open(sys.argv[2] + "/pem/" + name + ".pem", "w").write(
		        "-----BEGIN CERTIFICATE-----\n" + text + "-----END CERTIFICATE-----\n")
	END
	cat "$WORK"/pem/*.pem >"$WORK/chain.pem"
	chmod 755 "$WORK/der" "$WORK/pem"
	chmod 644 "$WORK"/{der,pem}/* "$WORK/chain.pem"
}

certs_run() {
	local form

	for form in table pem der vlek; do
		sim_agent 0.6.0 --tee sev-snp --certs "$form"
		both_interfaces "certificates of the agent, $form"
	done
	sim_agent 0.6.0 --tee sev-snp --certs none
	for form in der pem chain.pem; do
		CERTS=$WORK/$form both_interfaces "certificates of the user, $form"
	done
	expect_failure 'certificates: No data available' \
		shim "$WORK/lib/sev_amdese.glibc-dynamic" "$HEX" ext
	CERTS='' client sev_virtee.glibc-dynamic
	[ ! -s "$WORK/certs" ] || die "certificates out of nothing"
	# what is wrong with the user's is one line, and no failure
	HEX=$(report_data)
	shim TEESHIM_SNP_CERTS="$WORK/nowhere" "$WORK/lib/sev_virtee.glibc-dynamic" "$HEX" \
		>"$WORK/report" 2>>"$WORK/log"
	[ "$(wc -c <"$WORK/report")" = "$TABLE_AT" ] || die "absent certificates cost the report"
	[ "$(wc -l <"$WORK/log")" = 1 ] || die "absent certificates: log: $(cat "$WORK/log")"
	grep -q "TEESHIM_SNP_CERTS=$WORK/nowhere: no such file" "$WORK/log" ||
		die "absent certificates: log: $(cat "$WORK/log")"
	# the agent's come first
	sim_agent 0.6.0 --tee sev-snp --certs vlek
	CERTS=$WORK/der client sev_virtee.glibc-dynamic
	verified "$WORK/report" "$WORK/certs" 'certificates of both'
}

# ---------------------------------------------------------------------------- keys

# agents_key PATH: what GetKey of the agent answers, as hex digits.
agents_key() {
	python3 - "$SOCKET" "$1" <<-'END'
		import http.client, json, socket, sys
		connection = http.client.HTTPConnection("localhost")
		connection.sock = socket.socket(socket.AF_UNIX)
		connection.sock.connect(sys.argv[1])
		connection.request("POST", "/GetKey", json.dumps({"path": sys.argv[2]}),
		                   {"Content-Type": "application/json"})
		print(json.load(connection.getresponse())["key"])
	END
}

# key_of AGENT LOG: the derived key of a fresh simulator, as hex digits in KEY.
key_of() {
	sim_agent "$1" --tee sev-snp
	shim TEESHIM_SNP_DERIVED_KEY=on TEESHIM_LOG="debug:$2" "$WORK/lib/sev_amdese.glibc-dynamic" \
		"$HEX" key >"$WORK/key" || die "agent $1: no key"
	KEY=$(hex_of "$WORK/key" 0 32)
}

keys_run() {
	local log=$SCRATCH/log.keys of_alpha of_release

	sim_agent 0.6.0 --tee sev-snp
	client sev_rats_tls.glibc-dynamic
	MEASUREMENT=$(hex_of "$WORK/report" $((0x90)) 48)
	key_of 0.6.0-alpha "$log"
	of_alpha=$KEY
	key_of 0.6.0 "$log"
	of_release=$KEY
	[ "${#of_release}" = 64 ] || die "a key of ${#of_release} digits"
	[ "$of_alpha" = "$of_release" ] || die "the key depends on the agent's release"
	# the agent has the same for whoever knows the path
	# whoever has the socket gets the same for the same path
	[ "$(agents_key "teeshim/snp-derived-key/v1/root=0/fields=08/vmpl=0/measurement=$MEASUREMENT")" = \
		"$of_release" ] || die "another key than GetKey's for the documented path"
	grep -q '^/GetKey 200$' "$SIM_LOG" || die "the simulator's log has no GetKey"
	: >>"$log"
	! grep -qiF "$(cut -c 1-16 <<<"$of_release")" "$log" "$SIM_LOG" || die "the key is in a log"
	! as_user grep -rqF "$(cut -c 1-16 <<<"$of_release")" "$USER_DIR/state" ||
		die "the key is in the state folder, as digits"
	as_user python3 - "$USER_DIR/state" "$of_release" <<-'END' || die "the key is in the state folder"
		import os, sys
		key = bytes.fromhex(sys.argv[2])
		for folder, _, names in os.walk(sys.argv[1]):
		    for name in names:
		        path = os.path.join(folder, name)
		        if os.path.isfile(path) and key[:8] in open(path, "rb").read():
		            sys.exit(path)
	END
	say "ok one key for both releases, which is in no log and no file"
	sim_agent 0.6.0 --tee sev-snp
	: >"$WORK/log"
	shim "$WORK/lib/sev_amdese.glibc-dynamic" "$HEX" key >"$WORK/key" 2>>"$WORK/log" &&
		die "a key without TEESHIM_SNP_DERIVED_KEY=on"
	grep -q 'Input/output error, exitinfo2 15$' "$WORK/log" || die "off: $(cat "$WORK/log")"
	[ "$(grep -c 'TEESHIM_SNP_DERIVED_KEY=on' "$WORK/log")" = 1 ] || die "off: $(cat "$WORK/log")"
	[ ! -s "$WORK/key" ] || die "off: something came out"
	! grep -q GetKey "$SIM_LOG" || die "off: the agent was asked"
	say "ok no key unless it is turned on"
}

# ---------------------------------------------------------------------------- failures

# fails FAULT WHAT CLIENT...: EIO with exitinfo2 ff, one line in the log, in time.
fails() {
	local fault=$1 what=$2 start took status=0

	shift 2
	start=$(date +%s%3N)
	: >"$WORK/log"
	shim TEESHIM_SNP_DERIVED_KEY=on TEESHIM_TIMEOUT_MS=$TIMEOUT_MS timeout 20 "$@" \
		>"$WORK/printed" 2>>"$WORK/log" || status=$?
	took=$(($(date +%s%3N) - start))
	[ "$status" = 1 ] || die "$fault, $what: ended with $status: $(cat "$WORK/log")"
	grep -q "$what: Input/output error" "$WORK/log" || die "$fault, $what: $(cat "$WORK/log")"
	[ "$(grep -cF "$SOCKET" "$WORK/log")" = 1 ] || die "$fault, $what: log: $(cat "$WORK/log")"
	[ "$took" -lt $((TIMEOUT_MS + 1000)) ] || die "$fault, $what: took $took ms"
	[ ! -s "$WORK/printed" ] || die "$fault, $what: something came out"
}

faults_run() {
	local fault

	export TEESHIM_TEE=sev-snp
	for fault in $FAULTS; do
		sim_agent 0.6.0 --tee sev-snp --fault "$fault"
		fails "$fault" 'SNP_GET_REPORT' "$WORK/lib/sev_rats_tls.glibc-dynamic" "$HEX"
		fails "$fault" 'SNP_GET_EXT_REPORT' "$WORK/lib/sev_virtee.glibc-dynamic" "$HEX"
		grep -q 'exitinfo2 ff$' "$WORK/log" || die "$fault: $(cat "$WORK/log")"
		fails "$fault" 'SNP_GET_DERIVED_KEY' "$WORK/lib/sev_amdese.glibc-dynamic" "$HEX" key
		grep -q 'exitinfo2 ff$' "$WORK/log" || die "$fault: $(cat "$WORK/log")"
		say "ok $fault: EIO"
	done
	unset TEESHIM_TEE
	sim_agent 0.6.0 --tee sev-snp --certs table
	client sev_virtee.glibc-dynamic
	verified "$WORK/report" "$WORK/certs" 'a healthy agent after all of them'
	sim_stop
	expect_failure 'open /dev/sev-guest: No such file or directory' \
		shim "$WORK/lib/sev_virtee.glibc-dynamic" "$HEX"
	# opened while there was an agent
	sim_agent 0.6.0 --tee sev-snp
	: >"$WORK/log"
	shim GONE="$SOCKET" python3 - 2>>"$WORK/log" <<-'END' || die "an agent that went away: $(cat "$WORK/log")"
		import ctypes, errno, fcntl, os, struct
		fd = os.open("/dev/sev-guest", os.O_RDWR)
		os.environ["TEESHIM_SOCKET"] = os.environ["GONE"] + ".gone"
		req, resp = ctypes.create_string_buffer(96), ctypes.create_string_buffer(4000)
		arg = bytearray(struct.pack("<QQQQ", 1, ctypes.addressof(req), ctypes.addressof(resp), 7))
		try:
		    fcntl.ioctl(fd, 0xc0205300, arg)
		    raise SystemExit("a report")
		except OSError as e:
		    assert e.errno == errno.EIO and arg[24:] == b"\xff" + bytes(7), (e, arg[24:])
	END
	[ "$(grep -c 'no SEV-SNP agent to ask any more' "$WORK/log")" = 1 ] ||
		die "an agent that went away: log: $(cat "$WORK/log")"
	say 'ok no agent'
}

# ---------------------------------------------------------------------------- real reports

# real_agent FILE: an agent whose every answer is this one.
real_agent() {
	rm -f "$SOCKET"
	python3 - "$SOCKET" "$1" <<-'END' &
		import http.server, socketserver, sys
		answer = open(sys.argv[2], 'rb').read()
		class Agent(http.server.BaseHTTPRequestHandler):
		    def do_POST(self):
		        self.rfile.read(int(self.headers['Content-Length']))
		        self.send_response(200)
		        self.send_header('Content-Length', str(len(answer)))
		        self.end_headers()
		        self.wfile.write(answer)
		    def log_message(self, *args):
		        pass
		    def address_string(self):
		        return ''
		socketserver.UnixStreamServer(sys.argv[1], Agent).serve_forever()
	END
	REAL_PID=$!
	for _ in {1..200}; do
		[ ! -S "$SOCKET" ] || break
		sleep 0.05
	done
	chmod 777 "$SOCKET"
}
real_stop() {
	[ -z "${REAL_PID:-}" ] || { kill "$REAL_PID" && wait "$REAL_PID"; } 2>/dev/null || true
	REAL_PID=
}
CLEANUP_HOOKS+=(real_stop)

# The real answers, over the report data that they were made for, through both interfaces; with AMD's own
# chain they verify.
real_run() {
	local fixtures=${TEESHIM_FIXTURES:-$ROOT/../shared/fixtures} answer

	[ -d "$fixtures/constructed" ] || {
		say 'SKIP real reports: no fixtures here'
		return 0
	}
	sim_stop
	mkdir -p "$WORK/real"
	install -m 644 "$fixtures"/snp/{dstack-milan-vcek,gosev-milan-ask-ark}.pem "$WORK/real/"
	chmod 755 "$WORK/real"
	awk '/BEGIN/ { count++ } count == 2' "$fixtures/snp/gosev-milan-ask-ark.pem" >"$WORK/ark.pem"
	HEX=$(hex_of "$fixtures/snp/dstack-milan-report-v3.bin" $((0x50)) 64)
	for answer in v1-attest-snp v1-attest-snp-with-certs; do
		real_agent "$fixtures/constructed/$answer.response.json"
		shim TEESHIM_TEE=sev-snp TEESHIM_SNP_CERTS="$WORK/real" \
			"$WORK/lib/sev_virtee.glibc-dynamic" "$HEX" >"$WORK/printed" || die "$answer: no report"
		head -c "$TABLE_AT" "$WORK/printed" >"$WORK/report"
		tail -c +$((TABLE_AT + 1)) "$WORK/printed" >"$WORK/certs"
		cmp "$WORK/report" "$fixtures/snp/dstack-milan-report-v3.bin" || die "$answer: another report"
		verified "$WORK/report" "$WORK/certs" "$answer"
		say "ok $answer, $(wc -c <"$WORK/certs") bytes of certificates: $(tail -n 1 "$WORK/verify.out")"
		real_stop
	done
}

differences_check
sim_agent 0.6.0 --tee sev-snp --certs table
for libc in glibc musl; do
	for who in $WHOS; do
		rules_run "$libc" "$who"
	done
done
as_who user
rules_count
clients_run
user_certs_make
sim_agent 0.6.0 --tee sev-snp
rules_run glibc user --no-certs
rules_run musl user --no-certs
rules_count --no-certs
certs_run
keys_run
faults_run
real_run
[ -z "$FAILED" ] || die "not as expected:$FAILED"
