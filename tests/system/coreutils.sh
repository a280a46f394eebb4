#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# The coreutils and their like on an entry: every way to write inblob and to read outblob, what ls,
# stat and find show, and the errors that the kernel gives natively.
# shellcheck disable=SC2016 # $E and $D are for the preloaded shell

# shellcheck source=tests/system/lib/common.sh
. "$(dirname "$0")/lib/common.sh"

sim_agent 0.6.0
ENTRY=$REPORT/coreutils-$$
GENERATION=0

# wrote HOW HEX: the generation went up by one, and the quote is over these bytes.
wrote() {
	GENERATION=$((GENERATION + 1))
	[ "$(shim cat "$ENTRY/generation")" = "$GENERATION" ] ||
		die "$1: generation is $(shim cat "$ENTRY/generation"), expected $GENERATION"
	shim cat "$ENTRY/outblob" >"$WORK/quote.bin"
	quote_check "$WORK/quote.bin" "$2" "$1"
	say "ok $1"
}

# in_shell TEXT: a preloaded bash runs it with $E, the entry, and $D, a file of 64 bytes.
in_shell() {
	shim E="$ENTRY" D="$WORK/data.bin" bash -euc "$1"
}

fresh() {
	HEX=$(report_data)
	hex_to_bytes "$HEX" >"$WORK/data.bin"
	chmod 644 "$WORK/data.bin"
}

shim mkdir -p "$ENTRY"
shim mkdir -p "$ENTRY"
expect_failure 'File exists' shim mkdir "$ENTRY"
expect_failure 'Invalid argument' shim cat "$ENTRY/outblob"

while IFS='|' read -r how text; do
	fresh
	in_shell "$text"
	wrote "$how" "$HEX"
done <<'WAYS'
cat >|cat "$D" >"$E/inblob"
cat >>|cat "$D" >>"$E/inblob"
cat in a pipe|cat "$D" | cat >"$E/inblob"
dd bs=64|dd if="$D" of="$E/inblob" bs=64 status=none
dd bs=16|dd if="$D" of="$E/inblob" bs=16 status=none
dd oflag=append|dd if="$D" of="$E/inblob" bs=64 oflag=append conv=notrunc status=none
tee|tee "$E/inblob" <"$D" >/dev/null
tee -a|tee -a "$E/inblob" <"$D" >/dev/null
cp|cp "$D" "$E/inblob"
a relative name|cd "$E"; cat "$D" >inblob
a background writer|cat "$D" >"$E/inblob" & wait $!
a descriptor kept by the shell|exec 9>"$E/inblob"; cat "$D" >&9; exec 9>&-
WAYS

# No write() at all: nothing is committed.
for text in ': >"$E/inblob"' 'printf "" >"$E/inblob"' 'truncate -s 0 "$E/inblob"'; do
	in_shell "$text"
	[ "$(shim cat "$ENTRY/generation")" = "$GENERATION" ] || die "committed something: $text"
done

# Readers agree with cat.
for reader in 'dd if=outblob bs=100 status=none' 'head -c 100000 outblob' \
	'tail -c 100000 outblob' 'cat - <outblob'; do
	in_shell "cd \"\$E\"; $reader" >"$WORK/read.bin"
	cmp "$WORK/read.bin" "$WORK/quote.bin" || die "reads other bytes: $reader"
done
[ "$(in_shell 'sha256sum <"$E/outblob"')" = "$(sha256sum <"$WORK/quote.bin")" ] ||
	die "sha256sum differs"
[ "$(in_shell 'od -An -v -tx1 -N 64 "$E/outblob"')" = \
	"$(od -An -v -tx1 -N 64 "$WORK/quote.bin")" ] || die "od differs"
[ "$(in_shell 'head -c 48 "$E/outblob" | base64')" = \
	"$(head -c 48 "$WORK/quote.bin" | base64)" ] || die "head -c differs"
[ "$(in_shell 'wc -c <"$E/outblob"')" = "$(wc -c <"$WORK/quote.bin")" ] || die "wc -c differs"
say "ok readers"

# What is shown.
shown=$(shim ls -l "$ENTRY" | awk 'NF > 2 { print $1, $2, $3, $4, $5, $NF }')
[ "$shown" = '-r--r--r-- 1 root root 4096 generation
--w------- 1 root root 0 inblob
-r--r--r-- 1 root root 0 outblob
-r--r--r-- 1 root root 4096 provider' ] || die "ls -l shows: $shown"
shown=$(in_shell 'cd "$E"; stat -c "%n %a %u %g %s %F" * .')
[ "$shown" = 'generation 444 0 0 4096 regular file
inblob 200 0 0 0 regular empty file
outblob 444 0 0 0 regular empty file
provider 444 0 0 4096 regular file
. 755 0 0 0 directory' ] || die "stat shows: $shown"
shown=$(in_shell 'find "$E" -type f | sort; find "$E" -type d')
[ "$shown" = "$ENTRY/generation
$ENTRY/inblob
$ENTRY/outblob
$ENTRY/provider
$ENTRY" ] || die "find shows: $shown"
[ "$(in_shell 'cd "$E"; pwd -P; realpath .; readlink -f provider')" = "$ENTRY
$ENTRY
$ENTRY/provider" ] || die "pwd, realpath or readlink -f differ"
[ "$(shim ls "$REPORT")" = "$(basename "$ENTRY")" ] || die "ls of the report directory differs"
say "ok ls, stat, find, pwd"

# The kernel's refusals, by the words of the tools.
refused() {
	expect_failure "$1" in_shell "$2"
	say "ok $1: $2"
}
refused 'Permission denied' 'cat "$E/inblob"'
refused 'Permission denied' 'cat "$D" >"$E/provider"'
refused 'Permission denied' 'cat "$D" >"$E/new"'
refused 'Permission denied' ': <>"$E/inblob"'
refused 'Operation not permitted' 'rm -f "$E/inblob"'
refused 'Operation not permitted' 'rm -rf "$E"'
refused 'Operation not permitted' 'cd "$E"; rm -f outblob'
refused 'Operation not permitted' 'mkdir "$E/inside"'
refused 'Operation not permitted' 'mv "$E/inblob" "$E/other"'
refused 'Not a directory' 'rmdir "$E/inblob"'
refused 'Not a directory' 'cat "$E/inblob/x"'
refused 'No such file or directory' 'cat "$E/auxblob"'
refused 'No such file or directory' 'cat "$E/privlevel"'
refused 'No such file or directory' 'rmdir "${E}x"'
refused 'Is a directory' 'cat "$E"'
refused 'Is a directory' ': >"$E"'
refused 'File too large' \
	'cat "$D" "$D" | dd of="$E/inblob" bs=65 count=1 iflag=fullblock status=none'

# The refused 65 bytes count as a write: the kernel commits an empty inblob.
[ "$(shim cat "$ENTRY/generation")" = $((GENERATION + 1)) ] ||
	die "generation after EFBIG is $(shim cat "$ENTRY/generation")"
refused 'Invalid argument' 'cat "$E/outblob"'
in_shell 'printf abc >"$E/inblob"'
refused 'Invalid argument' 'cat "$E/outblob"'

shim rmdir "$ENTRY"
expect_failure 'No such file or directory' shim ls "$ENTRY"
expect_failure 'No such file or directory' shim cat "$ENTRY/provider"
[ -z "$(shim ls "$REPORT")" ] || die "the entry is listed after rmdir"
say "ok rmdir"
