#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# run.sh [--readme]: what teeshim costs, measured on this machine (make bench), as the README's table;
# with --readme that is put there, between the lines that name it. BUILD names the build folder.
#
# Every figure is a median, and what is compared is run in one go, interleaved in random order: a time
# means little on a shared machine, the ratio of two times of one run means something. Other preload
# libraries are measured beside ours where they are installed. All as an ordinary user.

set -euo pipefail
export LC_ALL=C

here=$(cd "$(dirname "$0")" && pwd)
build=$(cd "${BUILD:-$here/../build}" && pwd)
readme=$here/../README.md

start_rounds=1500
call_rounds=41
tar_rounds=61
tar_files=4000
name_rounds=161
memory_processes=8
quote_rounds=41
quotes=20
# an agent as slow as hardware is fast: what a client's whole flow costs beside one quote
slow_ms=500
flow_rounds=7
# of rounds that must tell a hundredth, the others take part in one of so many
others_every=10
entries=(1 100 10000)

# Where everything is measured: a file system in memory, as the library would take by itself.
work=$(mktemp -d -p /dev/shm 2>/dev/null || mktemp -d)
sim_pids=()
finish() {
	[ ${#sim_pids[@]} = 0 ] || kill "${sim_pids[@]}" 2>/dev/null || true
	chmod -R u+w "$work"
	rm -rf "$work"
}
trap finish EXIT

die() {
	printf 'bench: %s\n' "$*" >&2
	exit 1
}

say() { printf 'bench: %s\n' "$*" >&2; }

compile() {
	local out=$1
	shift
	${CC:-gcc} -std=gnu11 -D_GNU_SOURCE -O2 -o "$work/$out" "$@"
}

# as_user COMMAND...: who is root measures what others meet; the environment is the same for all.
as_user() { "${user[@]}" "$@"; }

# median < NUMBERS
median() { sort -n | awk '{ at[NR] = $1 } END { print at[int((NR + 1) / 2)] }'; }

# column N FILE
column() { awk -v n="$1" '{ print $n }' "$2"; }

# difference N FILE BASE: the median over the rounds of what column N of FILE is above that of BASE
difference() {
	paste <(column "$1" "$2") <(column "$1" "$3") | awk '{ printf "%.3f\n", $1 - $2 }' | median
}

# percent N FILE BASE: what the median of column N of FILE is above that of BASE
percent() {
	awk -v a="$(column "$1" "$2" | median)" -v b="$(column "$1" "$3" | median)" \
		'BEGIN { printf "%+.1f %%", (a / b - 1) * 100 }'
}

# taking_part ROUND: the subjects of this round, in random order
taking_part() {
	if [ $(($1 % others_every)) = 0 ]; then
		shuf -e "${subjects[@]}"
	else
		shuf -e bare empty ours
	fi
}

# verdict VALUE TARGET: "met" or "missed"
verdict() { awk -v value="$1" -v target="$2" 'BEGIN { print value + 0 <= target + 0 ? "met" : "missed" }'; }

# ------------------------------------------------------------------------------ what is there

for file in libteeshim.so teeshim-sim; do
	[ -e "$build/$file" ] || die "no $file in $build; run make"
done
[ -e /usr/include/curl/curl.h ] || [ -e /usr/include/x86_64-linux-gnu/curl/curl.h ] ||
	die 'libcurl4-openssl-dev is missing; run scripts/deps.sh bench'

compile start "$here/start.c"
compile calls "$here/calls.c"
compile names "$here/names.c"
compile look "$here/look.c"
compile quote_file "$here/quote_file.c"
compile quote_curl "$here/quote_curl.c" -lcurl -ljansson
for client in libtdx_attest libtdx_attest_port libtdx_attest_1_20; do
	compile "$client" "$here/../tests/fake_binaries/$client.c"
done
compile empty.so "$here/empty.c" -shared -fPIC -nostartfiles -Wl,-z,now -Wl,-z,noseparate-code \
	-Wl,--no-as-needed
cp "$build/libteeshim.so" "$build/teeshim-sim" "$work"
mkdir "$work/user" "$work/umockdev" "$work/sockets"
chmod 755 "$work"
chmod 1777 "$work/user" "$work/sockets"

# The others are switched on, with nothing to do; these variables are nothing to anybody else.
environment=(PATH=/usr/sbin:/usr/bin:/sbin:/bin LC_ALL=C HOME=/nonexistent FAKETIME=+0
	"UMOCKDEV_DIR=$work/umockdev" "SOCKET_WRAPPER_DIR=$work/sockets" SOCKET_WRAPPER_DEFAULT_IFACE=10
	"TEESHIM_SOCKET=$work/user/dstack.sock" "TEESHIM_STATE_DIR=$work/user/state")
[ ! -d /sys/kernel/config/tsm/report ] || environment+=(TEESHIM_PREFER=agent)
user=(env -i "${environment[@]}")
[ "$(id -u)" != 0 ] || user+=(setpriv --reuid 65534 --regid 65534 --clear-groups)

libs=/usr/lib/x86_64-linux-gnu
others=(umockdev fakechroot socket_wrapper libfaketime)
declare -A preload=(
	[bare]=- [empty]=$work/empty.so [ours]=$work/libteeshim.so
	[umockdev]=$libs/libumockdev-preload.so.0
	[fakechroot]=$libs/fakechroot/libfakechroot.so
	[socket_wrapper]=$libs/libsocket_wrapper.so
	[libfaketime]=$libs/faketime/libfaketime.so.1
)
subjects=(bare empty ours)
for other in "${others[@]}"; do
	if [ -e "${preload[$other]}" ]; then
		subjects+=("$other")
	else
		say "$other is not installed, and not measured (scripts/deps.sh bench)"
	fi
done

# under SUBJECT COMMAND...: with that library preloaded
under() {
	local library=${preload[$1]}

	shift
	[ "$library" != - ] || library=
	as_user env LD_PRELOAD="$library" "$@"
}

# cells FUNCTION: one cell per other library, made by the function, or that it is not there
cells() {
	local other

	for other in "${others[@]}"; do
		if [[ " ${subjects[*]} " == *" $other "* ]]; then
			printf ' %s |' "$("$1" "$other")"
		else
			printf ' not installed |'
		fi
	done
}

# ------------------------------------------------------------------------------ process start

say 'process start'
libraries=()
for subject in "${subjects[@]}"; do
	libraries+=("${preload[$subject]}")
done
as_user "$work/start" "$start_rounds" "${libraries[@]}" -- /bin/true >"$work/start.out"
declare -A start
index=0
while read -r passed _; do
	start[${subjects[index]}]=$passed
	index=$((index + 1))
done <"$work/start.out"
start_ratio() { awk -v a="${start[$1]}" -v b="${start[empty]}" 'BEGIN { printf "%.3f", a / b }'; }

# ------------------------------------------------------------------------------ calls that are not ours

say 'calls on ordinary files'
for ((round = 0; round < call_rounds; round++)); do
	for subject in $(shuf -e "${subjects[@]}"); do
		under "$subject" "$work/calls" >>"$work/calls.$subject"
	done
done
call_cost() { printf '%+.1f' "$(difference "$call" "$work/calls.$1" "$work/calls.bare")"; }
call_cell() { printf '%s ns' "$(call_cost "$1")"; }

# ------------------------------------------------------------------------------ many relative names

say "tar x of $tar_files files"
mkdir "$work/packed"
for ((file = 0; file < tar_files; file++)); do
	[ $((file % 100)) != 0 ] || mkdir "$work/packed/$((file / 100))"
	printf '%s\n' "$file" >"$work/packed/$((file / 100))/$file"
done
tar -C "$work" -cf "$work/packed.tar" packed
for ((round = 0; round < tar_rounds; round++)); do
	for subject in $(taking_part "$round"); do
		as_user mkdir "$work/user/tar"
		as_user "$work/start" 1 "${preload[$subject]}" -- \
			tar -xf "$work/packed.tar" -C "$work/user/tar" >>"$work/tar.$subject"
		rm -rf "$work/user/tar"
	done
done
tar_cost() { percent 2 "$work/tar.$1" "$work/tar.bare"; }

say 'names made, changed, removed'
for ((round = 0; round < name_rounds; round++)); do
	for subject in $(taking_part "$round"); do
		(cd "$work/user" && under "$subject" "$work/names" 5) >>"$work/names.$subject"
	done
done
name_cost() { percent 1 "$work/names.$1" "$work/names.bare"; }

# ------------------------------------------------------------------------------ memory

# memory SUBJECT: KB of each of the processes that run at once, one a line
memory() {
	local library=${preload[$1]} pids=() pid count wait

	[ "$library" != - ] || library=
	for ((count = 0; count < memory_processes; count++)); do
		"${user[@]}" env LD_PRELOAD="$library" sleep 60 &
		pids+=($!)
	done
	for pid in "${pids[@]}"; do
		for ((wait = 0; wait < 100; wait++)); do
			[ "$(cat "/proc/$pid/comm")" != sleep ] || break
			sleep 0.05
		done
	done
	sleep 0.2
	for pid in "${pids[@]}"; do
		sed -n 's/^Pss: *\([0-9]*\) kB/\1/p' "/proc/$pid/smaps_rollup"
	done
	kill "${pids[@]}"
	wait "${pids[@]}" 2>/dev/null || true
	# what libfaketime leaves behind when it is killed
	for pid in "${pids[@]}"; do
		rm -f "/dev/shm/faketime_shm_$pid" "/dev/shm/sem.faketime_sem_$pid"
	done
}

say "memory of $memory_processes processes at once"
for subject in "${subjects[@]}"; do
	memory "$subject" 2>/dev/null >"$work/memory.$subject"
done
memory_cost() {
	printf '%+d' $(($(median <"$work/memory.$1") - $(median <"$work/memory.bare")))
}
memory_cell() { printf '%s KB' "$(memory_cost "$1")"; }

# ------------------------------------------------------------------------------ entries and quotes

# agent_start SOCKET FLAGS...
agent_start() {
	local socket=$1 wait

	shift
	: >"$work/sim.out"
	as_user "$work/teeshim-sim" --socket "$socket" "$@" >"$work/sim.out" 2>&1 &
	sim_pids+=($!)
	for ((wait = 0; wait < 100; wait++)); do
		[ ! -s "$work/sim.out" ] || break
		sleep 0.05
	done
	[ -S "$socket" ] || die "teeshim-sim does not listen: $(cat "$work/sim.out")"
}

agent_start "$work/user/dstack.sock"

say "a quote, $quote_rounds rounds of $quotes"
for ((round = 0; round < quote_rounds; round++)); do
	for client in $(shuf -e file curl parse); do
		case $client in
		file) under ours "$work/quote_file" "$quotes" ;;
		curl) under bare "$work/quote_curl" "$work/user/dstack.sock" "$quotes" ;;
		parse) under bare "$work/quote_curl" "$work/user/dstack.sock" "$quotes" parse ;;
		esac >>"$work/quote.$client"
	done
done

say "a look at one of ${entries[*]} entries"
under ours "$work/look" "${entries[@]}" >"$work/look.out"

# ------------------------------------------------------------------------------ one flow, one quote

# slow COMMAND...: ours, with an agent whose quotes take their time
slow() { under ours env "TEESHIM_SOCKET=$work/user/slow.sock" "TEESHIM_STATE_DIR=$work/user/slow" "$@"; }

# flow COMMAND...: microseconds of the whole program
flow() {
	local round begin

	for ((round = 0; round < flow_rounds; round++)); do
		begin=$(date +%s%N)
		slow "$@" >/dev/null
		echo $((($(date +%s%N) - begin) / 1000))
		# what one flow has brought must not serve the next
		sleep 2.1
	done | median
}

say "whole flows, quotes of $slow_ms ms"
agent_start "$work/user/slow.sock" --delay-ms "$slow_ms"
hex=$(printf '5a%.0s' {1..64})
registers=/sys/devices/virtual/misc/tdx_guest/measurements
slow cat "$registers/mrtd:sha384" >/dev/null
slow_quote=$(under bare "$work/quote_curl" "$work/user/slow.sock" "$flow_rounds")
# WHAT|microseconds, a line each
{
	echo "libtdx_attest's whole flow, TDREPORT and configfs|$(flow "$work/libtdx_attest" "$hex")"
	echo "the same with a vsock port|$(flow "$work/libtdx_attest_port" "$hex")"
	echo "the same by its ioctl of before 1.21|$(flow "$work/libtdx_attest_1_20" "$hex")"
	echo "a sweep over the measurement registers|$(flow sh -c "cat $registers/*")"
} >"$work/flows"

# ------------------------------------------------------------------------------ the tables

# row WHAT BARE OURS TARGET VERDICT FUNCTION: a line of the first table
row() { printf '| %s | %s | %s | %s |%s\n' "$1" "$2" "$3" "${4:+$4: $5}" "$(cells "$6")"; }

table() {
	local other call=0 name target cost first last ratio

	printf '| over no preload, as an ordinary user | bare | teeshim | target |'
	printf ' %s |' "${others[@]}"
	printf '\n|---|---|---|---|%s\n' "$(printf -- '---|%.0s' "${others[@]}")"
	cost=$(start_ratio ours)
	row 'start and end of /bin/true, over an empty preload' \
		"${start[bare]} us; empty ${start[empty]} us" "$cost" '1.08' "$(verdict "$cost" 1.08)" start_ratio
	while IFS='|' read -r name target; do
		call=$((call + 1))
		cost=$(call_cost ours)
		row "$name" "$(column $call "$work/calls.bare" | median) ns" "$cost ns" \
			"${target:++$target ns}" "$(verdict "$cost" "${target:-0}")" call_cell
	done <<-'END'
		open and close of an ordinary file|20
		stat|15
		stat of an absent file|
		fstat|
		read of one byte|2
		write of one byte|
		ioctl|5
	END
	cost=$(tar_cost ours)
	row "\`tar x\` of $tar_files files, processor time" \
		"$(column 2 "$work/tar.bare" | median | awk '{ printf "%.0f ms", $1 / 1000 }'); empty $(tar_cost empty)" \
		"$cost" '+1 %' "$(verdict "${cost% %}" 1)" tar_cost
	cost=$(name_cost ours)
	row 'a relative file and folder made, changed, removed' \
		"$(median <"$work/names.bare" | awk '{ printf "%.1f us", $1 / 1000 }'); empty $(name_cost empty)" \
		"$cost" '+1 %' "$(verdict "${cost% %}" 1)" name_cost
	cost=$(memory_cost ours)
	row "memory (PSS) of a process, $memory_processes running" "$(median <"$work/memory.bare") KB" \
		"$cost KB" '+60 KB' "$(verdict "$cost" 60)" memory_cell

	printf '\n| a program that uses it | | ratio | target |\n|---|---|---|---|\n'
	quote_lines
	first=$(head -n 1 "$work/look.out")
	last=$(tail -n 1 "$work/look.out")
	paste <(printf '%s\n' "${entries[@]}") "$work/look.out" | while read -r count time; do
		printf '| a look at `generation`, %s entries there | %s us | %s | %s |\n' "$count" "$time" \
			"$(awk -v a="$time" -v b="$first" 'BEGIN { printf "%.2f", a / b }')" \
			"$([ "$count" != "${entries[-1]}" ] || printf 'flat (1.10): %s' "$(verdict \
				"$(awk -v a="$last" -v b="$first" 'BEGIN { print a / b }')" 1.10)")"
	done
	while IFS='|' read -r name time; do
		ratio=$(awk -v a="$time" -v b="$slow_quote" 'BEGIN { printf "%.2f", a / b }')
		printf '| %s, over one quote of %d ms | %d ms | %s | 1.20: %s |\n' "$name" \
			"$((${slow_quote%.*} / 1000))" $((time / 1000)) "$ratio" "$(verdict "$ratio" 1.20)"
	done <"$work/flows"
	printf '\n%s, %s CPUs (load %s), Linux %s, %s, %s.\n' \
		"$(sed -n 's/^model name[^:]*: *//p' /proc/cpuinfo | head -n 1)" "$(nproc)" \
		"$(cut -d ' ' -f 1 /proc/loadavg)" "$(uname -r | sed 's/-.*//')" \
		"$(getconf GNU_LIBC_VERSION)" "$(date +%Y-%m-%d)"
}

quote_lines() {
	local file curl parse over_curl over_parse

	file=$(median <"$work/quote.file")
	curl=$(median <"$work/quote.curl")
	parse=$(median <"$work/quote.parse")
	over_curl=$(awk -v a="$file" -v b="$curl" 'BEGIN { printf "%.2f", a / b }')
	over_parse=$(awk -v a="$file" -v b="$parse" 'BEGIN { printf "%.2f", a / b }')
	printf '| a quote of teeshim-sim, from inblob to the end of outblob | %s us | | |\n' "$file"
	printf '| over one GetQuote by bare libcurl, its answer as it came | %s us | %s | 1.5: %s |\n' \
		"$curl" "$over_curl" "$(verdict "$over_curl" 1.5)"
	printf '| over one GetQuote by bare libcurl, the quote taken out of it | %s us | %s | |\n' \
		"$parse" "$over_parse"
}

table >"$work/table"
cat "$work/table"
if [ "${1:-}" = --readme ]; then
	grep -q '^<!-- bench -->$' "$readme" || die "$readme has no line '<!-- bench -->'"
	awk -v table="$work/table" '
		/^<!-- \/bench -->$/ { inside = 0 }
		!inside { print }
		/^<!-- bench -->$/ {
			inside = 1
			while ((getline line < table) > 0)
				print line
		}' "$readme" >"$work/readme"
	cat "$work/readme" >"$readme"
fi
