#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Random sequences of operations against the model of configfs-tsm's rules: every errno and every
# byte, as an ordinary user and as root, with one fixed seed and one that is new each time.  To see a
# failure again: build/tests/model under the preload, with the --seed that is printed.
# timeout: 240

# shellcheck source=tests/system/lib/common.sh
. "$(dirname "$0")/lib/common.sh"

SEQUENCES=700
FIXED_SEED=1

mkdir -p "$BUILD/tests"
${CC:-gcc} -std=gnu11 -D_GNU_SOURCE= -O1 -g -Wall -Wextra -Werror -I"$ROOT/tests" \
	-o "$BUILD/tests/model" "$ROOT"/tests/model/*.c
install -m 755 "$BUILD/tests/model" "$WORK/lib/model"
sim_agent 0.6.0

# The tree of each user is its own, so the two users run side by side.
USERS=("$TEST_UID")
if [ "$(id -u)" = 0 ]; then
	USERS=(65534 0)
fi

# model_run UID SEED: what it prints is in $WORK/model.UID.SEED.
model_run() {
	local state=$WORK/state.$1

	if [ ! -d "$state" ]; then
		mkdir -m 700 "$state"
		[ "$(id -u)" != 0 ] || chown "$1:$1" "$state"
	fi
	as_uid "$1" env LD_PRELOAD="$LIBRARY" TEESHIM_SOCKET="$SOCKET" \
		TEESHIM_STATE_DIR="$state/state" timeout -k 1 180 \
		"$WORK/lib/model" --sequences "$SEQUENCES" --seed "$2" >"$WORK/model.$1.$2" 2>&1
}

failed=0
for seed in "$FIXED_SEED" "$(date +%s)"; do
	lanes=()
	for uid in "${USERS[@]}"; do
		(trap - EXIT && model_run "$uid" "$seed") &
		lanes+=($!)
	done
	for i in "${!lanes[@]}"; do
		verdict=ok
		wait "${lanes[i]}" || { verdict=FAILED && failed=1; }
		sed "s/^/uid ${USERS[i]}: /" "$WORK/model.${USERS[i]}.$seed"
		[ "$verdict" = ok ] || say "uid ${USERS[i]}: FAILED with seed $seed"
	done
done
exit "$failed"
