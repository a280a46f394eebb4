#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# teeshim report on the agents that know SEV-SNP: each form of output verifies down to the simulator's
# ARK with the certificates of every kind; each fault, and each other TEE, is status 1 and one line.
# timeout: 180

# shellcheck source=tests/system/lib/common.sh
. "$(dirname "$0")/lib/common.sh"

TIMEOUT_MS=1500
FAULTS='error empty truncated garbage huge hang slow-drip close wrong-length wrong-data'

"$BUILD/teeshim-sim" --tee sev-snp --print-root >"$WORK/ark.pem"

# teeshim SUBCOMMAND FLAGS...: its outputs are in $WORK/out and $WORK/err, its status in STATUS.
teeshim() {
	STATUS=0
	TEESHIM_SOCKET=$SOCKET TEESHIM_TIMEOUT_MS=$TIMEOUT_MS timeout 20 \
		"$BUILD/teeshim" "$@" >"$WORK/out" 2>"$WORK/err" || STATUS=$?
}

# answered WHAT: status 0, and nothing to complain about.
answered() {
	[ "$STATUS" = 0 ] || die "$1: status $STATUS: $(cat "$WORK/err")"
	[ ! -s "$WORK/err" ] || die "$1: on stderr: $(cat "$WORK/err")"
}

# refused STATUS TEXT WHAT: that status, nothing on stdout, one line on stderr that has the text.
refused() {
	[ "$STATUS" = "$1" ] || die "$3: status $STATUS, expected $1: $(cat "$WORK/err")"
	[ ! -s "$WORK/out" ] || die "$3: on stdout: $(head -c 100 "$WORK/out")"
	[ "$(wc -l <"$WORK/err")" = 1 ] || die "$3: not one line: $(cat "$WORK/err")"
	grep -qF -- "$2" "$WORK/err" || die "$3: expected \"$2\": $(cat "$WORK/err")"
}

# verified FILE WHAT: a report over HEX, by $WORK/certs.
verified() {
	"$BUILD/tests/verify-report" --root "$WORK/ark.pem" --certs "$WORK/certs" \
		--report-data "$HEX" <"$1" >"$WORK/verify.out" 2>&1 ||
		die "$2: report not verified: $(cat "$WORK/verify.out")"
}

# json KEY: a string of the JSON in $WORK/out.
json() {
	python3 -c 'import json, sys; print(json.load(open(sys.argv[1]))[sys.argv[2]] or "")' \
		"$WORK/out" "$1"
}

# fields COUNT SIGNER: what people are shown.
fields() {
	teeshim report --report-data "$HEX"
	answered "$WHAT, fields"
	grep -q "^report data  *$HEX$" "$WORK/out" || die "$WHAT: other report data is shown"
	grep -q "^signing key  *$2, " "$WORK/out" || die "$WHAT: not signed by the $2"
	grep -q '^product  *Milan: family 0x19, model 0x1, ' "$WORK/out" || die "$WHAT: no product"
	grep -q '^reported TCB  .*: boot loader 4, TEE 0, SNP 23, microcode 213$' "$WORK/out" ||
		die "$WHAT: no reported TCB"
	[ "$(grep -c '^certificate  ' "$WORK/out")" = "$1" ] || die "$WHAT: not $1 certificates"
	if [ "$2" = VCEK ]; then
		grep -q '^VCEK address  *https://kdsintf.amd.com/vcek/v1/Milan/[0-9a-f]\{128\}?blSPL=04&teeSPL=00&snpSPL=23&ucodeSPL=213$' \
			"$WORK/out" || die "$WHAT: no address of the VCEK"
	else
		grep -q '^VCEK address  *none: no VCEK signed' "$WORK/out" || die "$WHAT: an address"
	fi
}

# forms COUNT SIGNER: the four forms of one agent; a table that came is left in $WORK/certs.
forms() {
	HEX=$(report_data)
	teeshim report --report-data "$HEX" --json
	answered "$WHAT --json"
	[ "$(json report_data)" = "$HEX" ] || die "$WHAT --json: other report data"
	hex_to_bytes "$(json report)" >"$WORK/report"
	[ "$1" = 0 ] || hex_to_bytes "$(json cert_table)" >"$WORK/certs"
	[ "$1" != 0 ] || [ -z "$(json cert_table)" ] || die "$WHAT --json: a table"
	verified "$WORK/report" "$WHAT --json"
	teeshim report --report-data "$HEX" --raw
	answered "$WHAT --raw"
	verified "$WORK/out" "$WHAT --raw"
	teeshim report --report-data "$HEX" --hex
	answered "$WHAT --hex"
	hex_to_bytes "$(cat "$WORK/out")" >"$WORK/report"
	verified "$WORK/report" "$WHAT --hex"
	fields "$1" "$2"
	say "ok $WHAT: $(tail -n 1 "$WORK/verify.out")"
}

# The table comes first: its certificates are those that none at all leaves to look for.
for agent in 0.6.0 0.6.0-alpha; do
	while read -r certs count signer; do
		WHAT="agent $agent, certificates $certs"
		sim_agent "$agent" --tee sev-snp --certs "$certs"
		forms "$count" "$signer"
	done <<-'END'
		table 3 VCEK
		none 0 VCEK
		pem 2 VCEK
		der 3 VCEK
		vlek 3 VLEK
	END
	case $agent in
	0.6.0) ! grep -q '^/Attest ' "$SIM_LOG" || die "$agent: Attest without need" ;;
	*) grep -q '^/Attest 200$' "$SIM_LOG" || die "$agent: Attest was not asked" ;;
	esac
done

# odd_report AT HEX...: an agent whose reports are the simulator's last one with other bytes there, over
# the report data that is asked for.  Their signatures are wrong, which no command looks at.
odd_report() {
	odd_stop
	rm -f "$SOCKET"
	python3 - "$SOCKET" "$WORK/report" "$@" <<-'END' &
		import http.server, json, socketserver, sys
		report = bytearray(open(sys.argv[2], 'rb').read())
		for at, value in zip(sys.argv[3::2], sys.argv[4::2]):
		    value = bytes.fromhex(value)
		    report[int(at, 16):int(at, 16) + len(value)] = value
		class Agent(http.server.BaseHTTPRequestHandler):
		    def do_POST(self):
		        body = json.loads(self.rfile.read(int(self.headers['Content-Length'])))
		        report[0x50:0x90] = bytes.fromhex(body['report_data'])
		        out = bytes([0, 3, 0x81, 0x12]) + report + bytes(3 + 64 + 1)
		        out = json.dumps({'attestation': out.hex()}).encode()
		        self.send_response(200)
		        self.send_header('Content-Length', str(len(out)))
		        self.end_headers()
		        self.wfile.write(out)
		    def log_message(self, *args):
		        pass
		    def address_string(self):
		        return ''
		socketserver.UnixStreamServer(sys.argv[1], Agent).serve_forever()
	END
	ODD_PID=$!
	for _ in {1..200}; do
		[ ! -S "$SOCKET" ] || return 0
		sleep 0.05
	done
	die 'the agent of odd reports does not listen'
}
odd_stop() {
	[ -z "${ODD_PID:-}" ] || { kill "$ODD_PID" && wait "$ODD_PID"; } 2>/dev/null || true
	ODD_PID=
}
CLEANUP_HOOKS+=(odd_stop)

# shows TEXT: a line that people are shown, but for the width of its columns.
shows() {
	tr -s ' ' <"$WORK/out" | grep -qxF -- "$1" ||
		die "no line \"$1\" in: $(cat "$WORK/out")"
}

# What other processors and hosts put into reports.
sim_agent 0.6.0 --tee sev-snp
teeshim report --report-data 00 --raw
answered 'the report to change'
cp "$WORK/out" "$WORK/report"
CHIP=$(hex_of "$WORK/report" $((0x1a0)) 64)
sim_stop

odd_report 0 02
teeshim report --report-data 00
answered 'version 2'
shows 'product not told by reports of version 2'
shows "VCEK address https://kdsintf.amd.com/vcek/v1/Milan/$CHIP?blSPL=04&teeSPL=00&snpSPL=23&ucodeSPL=213"
shows ' if the processor is a Milan: this report does not say'

odd_report 0 05 188 1a0200 180 010203040000004d 1f8 07 200 0f
teeshim report --report-data 00
answered Turin
shows 'product Turin: family 0x1a, model 0x2, stepping 0x0'
shows 'reported TCB 0x4d00000004030201: FMC 1, boot loader 2, TEE 3, SNP 4, microcode 77'
shows 'mitigations launch 0x7, current 0xf'
shows "VCEK address https://kdsintf.amd.com/vcek/v1/Turin/${CHIP:0:16}?fmcSPL=01&blSPL=02&teeSPL=03&snpSPL=04&ucodeSPL=77"

odd_report 188 19a100
teeshim report --report-data 00
answered Genoa
shows "VCEK address https://kdsintf.amd.com/vcek/v1/Genoa/$CHIP?blSPL=04&teeSPL=00&snpSPL=23&ucodeSPL=213"

odd_report 188 1b0000
teeshim report --report-data 00
answered 'unknown processor'
shows 'product unknown: family 0x1b, model 0x0, stepping 0x0'
shows 'VCEK address none: this processor is not known here'
teeshim report --report-data 00 --json
[ -z "$(json vcek_url)" ] || die 'unknown processor --json: an address'

odd_report 8 0903 a 0b 30 ffffffff 48 1d 1a0 "$(printf '%0128d' 0)"
teeshim report --report-data 00
answered 'another host'
shows 'policy 0xb0309: ABI 3.9, SMT, DEBUG'
shows ' the DEBUG bit is set: the host can read this guest'
shows 'VMPL asked for by the host'
shows 'signing key none, ECDSA P-384 with SHA-384'
shows 'VCEK address none: no VCEK signed this report'

odd_report 1a0 "$(printf '%0128d' 0)"
teeshim report --report-data 00
answered 'hidden chip'
shows 'VCEK address none: the host hides the chip'"'"'s number'
odd_stop
rm -f "$SOCKET"
say 'ok what other processors and hosts put into reports'

# Fewer bytes are filled up on the right, as the agent does.
sim_agent 0.6.0 --tee sev-snp --certs table
teeshim report --report-data 0xAbCd --json
answered 'short report data'
HEX=abcd$(printf '%0124d' 0)
hex_to_bytes "$(json report)" >"$WORK/report"
hex_to_bytes "$(json cert_table)" >"$WORK/certs"
verified "$WORK/report" 'short report data'

for agent in 0.6.0 0.6.0-alpha; do
	for fault in $FAULTS; do
		sim_agent "$agent" --tee sev-snp --fault "$fault"
		teeshim report --report-data 00
		refused 1 "$SOCKET" "agent $agent, fault $fault"
		say "ok agent $agent, fault $fault: $(cat "$WORK/err")"
	done
	grep -q 'the report is over other report data' "$WORK/err" || die "wrong-data: another line"
done

# The other TEE: one line that names the right question.
sim_agent 0.6.0 --tee sev-snp
teeshim quote --report-data 00
refused 1 'on SEV-SNP ask for a report (teeshim report)' 'a quote of 0.6.0 on SEV-SNP'
sim_agent 0.6.0-alpha --tee sev-snp
teeshim quote --report-data 00
refused 1 'on SEV-SNP ask for a report (teeshim report)' 'a quote of the alpha on SEV-SNP'
for agent in 0.6.0 0.6.0-alpha 0.5.11; do
	sim_agent "$agent"
	teeshim report --report-data 00
	refused 1 "the agent's TEE is TDX, not SEV-SNP; ask for a quote (teeshim quote)" \
		"a report of $agent on TDX"
done
for agent in 0.5.5 0.3.6; do
	sim_agent "$agent"
	teeshim report --report-data 00
	refused 1 'knows TDX alone; ' "a report of $agent"
done
say 'ok each on the other TEE'

# What is learned about the platform, and kept, is the same that a report comes from.
for agent in 0.6.0 0.6.0-alpha; do
	sim_agent "$agent" --tee sev-snp
	rm -rf "$USER_DIR/state"
	shim ls "$REPORT" >/dev/null 2>&1 || true
	grep -rqx "sev-snp $SOCKET" "$USER_DIR/state" || die "agent $agent: not known as SEV-SNP"
done
say 'ok the platform is known as SEV-SNP'

# Command lines.
for line in '' '--report-data' '--report-data 0' '--report-data 00 --raw --hex' \
	'--report-data 00 more' '--no-such-option' "--report-data $(printf '%0130d' 0)"; do
	# shellcheck disable=SC2086 # words of a command line
	teeshim report $line
	[ "$STATUS" = 2 ] || die "report $line: status $STATUS"
	grep -q '^teeshim report: ' "$WORK/err" || die "report $line: $(cat "$WORK/err")"
done
for agent in 0.5.11 0.5.5 0.3.6; do
	STATUS=0
	"$BUILD/teeshim-sim" --tee sev-snp --agent "$agent" --tappd-socket "$WORK/run/tappd.sock" \
		>"$WORK/out" 2>"$WORK/err" || STATUS=$?
	refused 2 "agent $agent does not know sev-snp" "a simulator of $agent on SEV-SNP"
done
say 'ok command lines'
