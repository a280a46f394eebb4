#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# run.sh: what teeshim costs, measured on this machine (make bench). BUILD names the build folder.
#
# Every figure is a median, and what is compared is run in one go, interleaved in random order: a time
# means little on a shared machine, the ratio of two times of one run means something.

set -euo pipefail
export LC_ALL=C

here=$(cd "$(dirname "$0")" && pwd)
build=$(cd "${BUILD:-$here/../build}" && pwd)
library=$build/libteeshim.so
simulator=$build/teeshim-sim

start_rounds=2500
call_rounds=31
quote_rounds=41
quotes=20
start_target=1.08
quote_target=1.5

work=$(mktemp -d)
# where the library would keep its state by itself: a file system in memory
state=$(mktemp -d -p /dev/shm 2>/dev/null || mktemp -d)
sim_pid=
finish() {
	[ -z "$sim_pid" ] || kill "$sim_pid" 2>/dev/null || true
	chmod -R u+w "$state"
	rm -rf "$work" "$state"
}
trap finish EXIT

die() {
	printf 'bench: %s\n' "$*" >&2
	exit 1
}

compile() {
	local out=$1
	shift
	${CC:-gcc} -std=gnu11 -D_GNU_SOURCE -O2 -o "$work/$out" "$@"
}

# median < NUMBERS
median() { sort -n | awk '{ at[NR] = $1 } END { print at[int((NR + 1) / 2)] }'; }

# column N < LINES
column() { awk -v n="$1" '{ print $n }'; }

# row WHAT VALUE UNIT BASE [TARGET]: a line of the table, with the ratio of the value to the base
row() {
	awk -v what="$1" -v value="$2" -v unit="$3" -v base="$4" -v target="${5:-}" 'BEGIN {
		ratio = value / base
		verdict = target == "" ? "" : sprintf("  target <= %s: %s", target,
			ratio <= target + 0 ? "met" : "missed")
		printf "  %-44s %9.1f %s %7.3f%s\n", what, value, unit, ratio, verdict
	}'
}

if [ ! -e "$library" ] || [ ! -x "$simulator" ]; then
	die "no libteeshim.so and teeshim-sim in $build; run make"
fi
[ -e /usr/include/curl/curl.h ] || [ -e /usr/include/x86_64-linux-gnu/curl/curl.h ] ||
	die 'libcurl4-openssl-dev is missing; run make deps'

compile start "$here/start.c"
compile calls "$here/calls.c"
compile quote_file "$here/quote_file.c"
compile quote_curl "$here/quote_curl.c" -lcurl -ljansson
compile empty.so "$here/empty.c" -shared -fPIC -nostartfiles -Wl,-z,now -Wl,-z,noseparate-code \
	-Wl,--no-as-needed

# The machine, for whoever compares.
printf 'teeshim bench: %s, %s CPUs, Linux %s, %s, load %s\n' \
	"$(sed -n 's/^model name[^:]*: *//p' /proc/cpuinfo | head -n 1)" "$(nproc)" "$(uname -r)" \
	"$(getconf GNU_LIBC_VERSION)" "$(cut -d ' ' -f 1 /proc/loadavg)"
printf '  %-44s %9s %s %7s\n' '' median '  ' ratio

# ------------------------------------------------------------------------------ process start

"$work/start" "$start_rounds" - "$work/empty.so" "$library" >"$work/start.out"
{ read -r none && read -r empty && read -r ours; } <"$work/start.out"
printf 'start and end of /bin/true, %s each\n' "$start_rounds"
row 'no preload' "$none" us "$empty"
row 'an empty library preloaded' "$empty" us "$empty"
row 'libteeshim.so preloaded' "$ours" us "$empty" "$start_target"

# ------------------------------------------------------------------------------ calls that are not ours

for ((round = 0; round < call_rounds; round++)); do
	for preload in $(shuf -e none ours); do
		if [ "$preload" = ours ]; then
			LD_PRELOAD=$library "$work/calls"
		else
			"$work/calls"
		fi >>"$work/calls.$preload"
	done
done
printf 'calls on ordinary files: without and with libteeshim.so\n'
index=0
for call in open+close stat 'stat of an absent file' fstat 'read of one byte' 'write of one byte' ioctl; do
	index=$((index + 1))
	bare=$(column $index <"$work/calls.none" | median)
	row "$call" "$bare" ns "$bare"
	row "$call, preloaded" "$(column $index <"$work/calls.ours" | median)" ns "$bare"
done

# ------------------------------------------------------------------------------ one quote

export TEESHIM_SOCKET=$work/dstack.sock TEESHIM_STATE_DIR=$state
[ ! -d /sys/kernel/config/tsm/report ] || export TEESHIM_PREFER=agent
"$simulator" --socket "$TEESHIM_SOCKET" >"$work/sim.out" 2>&1 &
sim_pid=$!
for ((wait = 0; wait < 100; wait++)); do
	[ ! -s "$work/sim.out" ] || break
	sleep 0.05
done
[ -S "$TEESHIM_SOCKET" ] || die "teeshim-sim does not listen: $(cat "$work/sim.out")"

for ((round = 0; round < quote_rounds; round++)); do
	for client in $(shuf -e file curl parse); do
		case $client in
		file) LD_PRELOAD=$library "$work/quote_file" "$quotes" ;;
		curl) "$work/quote_curl" "$TEESHIM_SOCKET" "$quotes" ;;
		parse) "$work/quote_curl" "$TEESHIM_SOCKET" "$quotes" parse ;;
		esac >>"$work/quote.$client"
	done
done
bare=$(median <"$work/quote.curl")
printf 'one quote from teeshim-sim, %s rounds of %s\n' "$quote_rounds" "$quotes"
row 'GetQuote by libcurl, answer not parsed' "$bare" us "$bare"
row 'GetQuote by libcurl, quote parsed' "$(median <"$work/quote.parse")" us "$bare"
row 'inblob and outblob under libteeshim.so' "$(median <"$work/quote.file")" us "$bare" "$quote_target"
