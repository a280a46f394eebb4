#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Every fuzz target (tests/fuzz) for FUZZ_SECONDS, two at a time, from seeds that the simulator's code
# makes.  The default is the short form, which starts anew each time; a longer run goes on from the
# inputs that the last one kept in BUILD/fuzz/corpus.  An input that breaks a target is kept in
# BUILD/fuzz/found.
# timeout: 300

set -euo pipefail

cd "$(dirname "$0")/../.."
export BUILD=${BUILD:-build}
FUZZ_SECONDS=${FUZZ_SECONDS:-10}
SHORT_S=30
work=$BUILD/fuzz

if ! printf 'int LLVMFuzzerTestOneInput(void);\nint LLVMFuzzerTestOneInput(void) { return 0; }\n' |
	clang -fsanitize=fuzzer,address -x c -o /dev/null - 2>/dev/null; then
	printf '%s\n' "no clang with libFuzzer here: install clang and its libclang-rt-dev (make deps)"
	exit 77
fi
# A make above us must not lend its flags and job slots.
env -u MAKEFLAGS -u MFLAGS -u MAKELEVEL make -s BUILD="$BUILD" fuzz-programs

[ "$FUZZ_SECONDS" -gt "$SHORT_S" ] || rm -rf "$work/corpus"
rm -rf "$work/seeds"
mkdir -p "$work/found" "$work/log"
"$BUILD/tests/fuzz/seeds" "$work/seeds"

# fuzz_one TARGET SECONDS: one line of how it went; its log where it failed.
fuzz_one() {
	local target=$1 seconds=$2 work=$BUILD/fuzz log options=() status=0

	log=$work/log/$target.log
	mkdir -p "$work/corpus/$target"
	[ ! -e "tests/fuzz/$target.dict" ] || options+=("-dict=tests/fuzz/$target.dict")
	"$BUILD/tests/fuzz/$target" -max_total_time="$seconds" -timeout=10 -rss_limit_mb=1024 \
		-print_final_stats=1 -artifact_prefix="$work/found/$target-" \
		${options[@]+"${options[@]}"} "$work/corpus/$target" "$work/seeds/$target" \
		>"$log" 2>&1 || status=$?
	if [ "$status" != 0 ]; then
		printf 'FAILED %s: status %s; the input is in %s\n' "$target" "$status" "$work/found"
		grep -vE '^#[0-9]+\s' "$log" | tail -n 60
		return 1
	fi
	awk -v target="$target" '
		/^stat::number_of_executed_units/ { runs = $2 }
		/^stat::peak_rss_mb/ { rss = $2 }
		/ cov: / { for (i = 1; i < NF; i++) if ($i == "cov:") cov = $(i + 1) }
		END { printf "ok %-12s %9d inputs, %4d branches, %d MB\n", target, runs, cov, rss
		      exit !(runs > 0 && cov > 0) }' "$log"
}
export -f fuzz_one

for source in tests/fuzz/*.c; do
	target=$(basename "$source" .c)
	[ "$target" = seeds ] || printf '%s\n' "$target"
done | xargs -P 2 -I '{}' bash -c 'fuzz_one "$1" "$2" || exit 1' fuzz '{}' "$FUZZ_SECONDS"
