#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# A thousand processes, eight at a time, ask the agent for its platform once between them.

# shellcheck source=tests/system/lib/common.sh
. "$(dirname "$0")/lib/common.sh"

for version in 0.6.0 0.5.11; do
	sim_agent "$version"
	rm -rf "$USER_DIR/state"
	# shellcheck disable=SC2016 # the preloaded shell expands it
	shim R="$REPORT" bash -euc '
		for lane in 1 2 3 4 5 6 7 8; do
			(for i in $(seq 125); do [ "$(stat -c %F "$R")" = directory ] || exit 1; done) &
			lanes="${lanes:-} $!"
		done
		for lane in $lanes; do wait "$lane"; done'
	[ -s "$SIM_LOG" ] || die "agent $version: nobody asked the agent"
	asked=$(awk '{ print $1, $2 }' "$SIM_LOG" | sort | uniq -c | sort -rn | head -n 1)
	[ "$(wc -l <"$SIM_LOG")" -le 3 ] ||
		die "agent $version: $(wc -l <"$SIM_LOG") requests: $(head -n 5 "$SIM_LOG")"
	[ "$(printf '%s' "$asked" | awk '{ print $1 }')" = 1 ] || die "agent $version: asked $asked"
	say "ok agent $version: 1000 processes, requests: $(tr '\n' ';' <"$SIM_LOG")"
done
