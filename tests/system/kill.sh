#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# A client that is killed, or stopped, at any point: at each system call of the whole flow in turn,
# and at random among others that share its entry.  The next use works, nothing is left, nobody waits
# for ever.  So does an agent that is killed while it is asked.
# KILLS=5000 is the full form of the random kills, STOP_MS=1500 that of how long others wait; the rest
# is always whole.
# timeout: 600

# shellcheck source=tests/system/lib/common.sh
. "$(dirname "$0")/lib/common.sh"
# shellcheck source=tests/system/lib/load.sh
. "$(dirname "$0")/lib/load.sh"

KILLS=${KILLS:-400}
SEED=${SEED:-$RANDOM}
STOP_MS=${STOP_MS:-500}
AGENT_KILLS=12

load_programs flow step melee quoting

# step_lanes MODE LANES CALLS_MIN [fresh]: every call of the flow, shared out among lanes that have a
# state folder each.  A flow with fewer calls than CALLS_MIN was not the one meant.
step_lanes() {
	local mode=$1 lanes=$2 least=$3 lane pids=() failed=0 calls start=$SECONDS

	rm -rf "$WORK/step"
	mkdir "$WORK/step"
	for ((lane = 0; lane < lanes; lane++)); do
		(
			trap - EXIT
			as_user env PRELOAD="$LIBRARY" BESIDE_MS="$STOP_MS" TEESHIM_SOCKET="$SOCKET" \
				TEESHIM_STATE_DIR="$STATE-$mode-$lane" timeout -k 5 200 \
				"$WORK/lib/step" "$mode" "$WORK/lib/flow" "$lane" "$lanes" "${@:4}" \
				>"$WORK/step/$lane.calls" 2>"$WORK/step/$lane.err"
		) &
		pids+=($!)
	done
	for pid in "${pids[@]}"; do wait "$pid" || failed=1; done
	[ "$failed" = 0 ] ||
		die "$mode ${*:4}: $(cat "$WORK/step"/*.err | grep -v '^teeshim\[' | head -n 5)"
	calls=$(cat "$WORK/step"/*.calls | awk '{ sum += $1 } END { print sum }')
	[ "$calls" -ge "$least" ] || die "$mode ${*:4}: only $calls system calls"
	for ((lane = 0; lane < lanes; lane++)); do state_remove "$STATE-$mode-$lane"; done
	say "ok a flow ($*) at each of its $calls system calls, $((SECONDS - start)) s"
}

sim_agent 0.6.0
step_lanes kill 3 300
step_lanes kill 3 100 fresh
step_lanes stop 24 300
step_lanes stop 24 100 fresh

# ---------------------------------------------------------------------------- at random

result=$(shim "$WORK/lib/melee" "$KILLS" "$SEED") || die "seed $SEED: melee failed"
# entries of the killed are everybody's, as with the kernel
shim bash -euc 'cd "$REPORT"; [ "$(echo *)" = "*" ] || rmdir own-*'
left=$(state_leftovers "$STATE")
[ -z "$left" ] || die "seed $SEED: left in the state folder: $left"
say "ok processes on one entry and on their own: $result, seed $SEED"

# ---------------------------------------------------------------------------- the agent

# client_loop: quotes until told to stop; what fails is EIO, and an agent that is gone is ENOENT.
cat >"$WORK/client.sh" <<'CLIENT'
until mkdir -p "$REPORT/$1"; do sleep 0.1; done
n=0
while [ ! -e "$2/stop" ]; do
	head -c 64 /dev/urandom >"$2/$1.data" && cat "$2/$1.data" >"$REPORT/$1/inblob" || echo "inblob $?"
	if cat "$REPORT/$1/outblob" >"$2/$1.quote"; then
		cmp -s -n 64 -i 568:0 "$2/$1.quote" "$2/$1.data" || echo "wrong quote $n"
		n=$((n + 1))
	fi
done
echo "good $n"
CLIENT
chmod 644 "$WORK/client.sh"
OUT=$WORK/out
mkdir -m 777 "$OUT"
chmod 1777 "$OUT"
clients=()
for i in 1 2 3 4; do
	(
		trap - EXIT
		shim bash "$WORK/client.sh" "agent-$i" "$OUT" >"$WORK/client.$i.out" 2>"$WORK/client.$i.err"
	) &
	clients+=($!)
done
for ((i = 0; i < AGENT_KILLS; i++)); do
	sleep "0.$((RANDOM % 30 + 10))"
	{ kill -KILL "$SIM_PID" && wait "$SIM_PID"; } 2>/dev/null || true
	sim_agent 0.6.0
done
sleep 0.5
: >"$OUT/stop"
for pid in "${clients[@]}"; do wait "$pid" || die "a client failed: $(cat "$WORK"/client.*.err | tail -n 3)"; done
if grep -hv '^good [1-9]' "$WORK"/client.*.out; then
	die "a client got no quote, or a wrong one"
fi
odd=$(grep -hvE '^teeshim\[|outblob: Input/output error$|: No such file or directory$' \
	"$WORK"/client.*.err || true)
[ -z "$odd" ] || die "while the agent was killed: $odd"
for i in 1 2 3 4; do shim rmdir "$REPORT/agent-$i"; done
left=$(state_leftovers "$STATE")
[ -z "$left" ] || die "left in the state folder: $left"
say "ok the agent killed $AGENT_KILLS times: $(cat "$WORK"/client.*.out | tr '\n' ' ')"
