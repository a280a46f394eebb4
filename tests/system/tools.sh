#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# The tools of a shell on inblob and outblob, GNU's and busybox's, one by one: each write is exactly
# one step of generation, and the quote is over what was written; each refusal is the kernel's.
# shellcheck disable=SC2016 # $E and the like are for the preloaded shell
# timeout: 600

# shellcheck source=tests/system/lib/common.sh
. "$(dirname "$0")/lib/common.sh"
# shellcheck source=tests/system/lib/recipe.sh
. "$(dirname "$0")/lib/recipe.sh"

for tool in xxd flock tar find; do
	command -v "$tool" >/dev/null || die "$tool is missing: run make deps"
done
BUSYBOX=$(busybox_find || true)
if [ -n "$BUSYBOX" ]; then
	install -m 755 "$BUSYBOX" "$WORK/lib/busybox"
	BUSYBOX=$WORK/lib/busybox
fi

# in_shell TEXT: a preloaded bash runs it in a folder of its own; $E is the entry, $D 64 bytes, $X
# their dump and $P their plain dump by xxd, $B busybox.
in_shell() {
	shim H="$USER_DIR/here" E="$ENTRY" D="$WORK/data" X="$WORK/dump" P="$WORK/plain" \
		B="$BUSYBOX" bash -euc "cd \"\$H\"
$1"
}

fresh() {
	HEX=$(report_data)
	hex_to_bytes "$HEX" >"$WORK/data"
	xxd "$WORK/data" "$WORK/dump"
	xxd -p "$WORK/data" "$WORK/plain"
	chmod 644 "$WORK/data" "$WORK/dump" "$WORK/plain"
}

generation_is() {
	[ "$(shim cat "$ENTRY/generation")" = "$GENERATION" ] ||
		die "generation is $(shim cat "$ENTRY/generation"), expected $GENERATION: $1"
}

# writes TEXT: one step, and the right quote.
writes() {
	fresh
	in_shell "$1" >"$WORK/out" || die "failed: $1"
	GENERATION=$((GENERATION + 1))
	generation_is "$1"
	shim cat "$ENTRY/outblob" >"$WORK/quote.bin"
	quote_check "$WORK/quote.bin" "$HEX" "$1"
	say "ok uid $TEST_UID, +1: $1"
}

# reads EXPECTED TEXT: it prints this, and commits nothing.
reads() {
	local shown

	shown=$(in_shell "$2") || die "failed: $2"
	[ "$shown" = "$1" ] || die "prints \"$shown\", expected \"$1\": $2"
	generation_is "$2"
	say "ok uid $TEST_UID: $2"
}

# refused MESSAGE TEXT: as the kernel refuses it, and nothing is committed.
refused() {
	expect_failure "$1" in_shell "$2"
	generation_is "$2"
	say "ok uid $TEST_UID, $1: $2"
}

every_tool() {
	local quote text

	ENTRY=$REPORT/tools-$$
	GENERATION=0
	shim mkdir "$ENTRY"
	mkdir "$USER_DIR/here"
	chown "$TEST_UID" "$USER_DIR/here" 2>/dev/null || true

	while IFS= read -r text; do
		writes "$text"
	done <<-'WAYS'
		cat "$D" >"$E/inblob"
		cat "$D" >>"$E/inblob"
		cat <"$D" >|"$E/inblob"
		cp "$D" "$E/inblob"
		cp --no-preserve=all -f "$D" "$E/inblob"
		tee "$E/inblob" <"$D"
		tee -a "$E/inblob" <"$D"
		tee /dev/stderr 2>"$E/inblob" <"$D"
		dd if="$D" of="$E/inblob" status=none
		dd if="$D" of="$E/inblob" bs=64 status=none
		dd if="$D" of="$E/inblob" bs=16 status=none
		dd if="$D" of="$E/inblob" bs=1 status=none
		dd if="$D" of="$E/inblob" bs=64 oflag=append conv=notrunc status=none
		dd if="$D" of="$E/inblob" obs=7 ibs=5 status=none
		dd if="$D" bs=16 status=none >"$E/inblob"
		xxd -r "$X" "$E/inblob"
		xxd -r "$X" >"$E/inblob"
		xxd -r -p "$P" "$E/inblob"
		xxd -r -p <"$P" >"$E/inblob"
		head -c 64 "$D" | cat >"$E/inblob"
		tail -c 64 "$D" >"$E/inblob"
		base64 "$D" | base64 -d >"$E/inblob"
		split -b 64 --filter='cat >"$E/inblob"' "$D"
		perl -e 'local $/; open I, "<$ENV{D}"; open O, ">$ENV{E}/inblob"; print O <I>; close O or die'
		awk -v f="$E/inblob" 'BEGIN { exit system("cat \"$D\" >" f) }'
		(cd "$E" && cat "$D" >inblob)
		exec 9>"$E/inblob"; flock 9; cat "$D" >&9; exec 9>&-
		exec 9>"$E/inblob"; flock 9; cat "$D" >"$E/inblob"; flock -u 9
		flock "$E" -c 'cat "$D" >"$E/inblob"'
		flock "$E/provider" cp "$D" "$E/inblob"
		( flock 9; cat "$D" >&9 ) 9>"$E/inblob"
	WAYS

	if [ -n "$BUSYBOX" ]; then
		while IFS= read -r text; do
			writes "$text"
		done <<-'WAYS'
			"$B" cp "$D" "$E/inblob"
			"$B" tee -a "$E/inblob" <"$D"
			"$B" tee "$E/inblob" <"$D"
			"$B" dd if="$D" of="$E/inblob" bs=16 2>/dev/null
			"$B" xxd -r -p "$P" >"$E/inblob"
			"$B" cat "$D" >>"$E/inblob"
			"$B" sh -c '"$B" cat "$D" >"$E/inblob"'
		WAYS
		reads tdx_guest '"$B" cat "$E/provider"'
		reads "$ENTRY/inblob
$ENTRY/outblob" '"$B" find "$E" -type f -size 0 | sort'
	else
		say "SKIP busybox: no dynamically linked one (Debian package busybox)"
	fi

	# A lock on one descriptor keeps another out, and nobody else.
	reads 1 'exec 9>"$E/inblob"; flock 9; exec 8>"$E/inblob"; flock -n 8 || echo $?'
	reads '' 'exec 9>"$E/inblob"; flock -s 9; exec 8>"$E/inblob"; flock -n -s 8'
	reads '1
free' 'exec 9>"$E/inblob"; flock 9; { flock -n 8 || echo $?; } 8>"$E/inblob"
exec 9>&-; flock -n 8 8>"$E/inblob" && echo free'
	reads 'first
second' 'exec 9>"$E/inblob"; flock 9
(exec 9>&-; exec 8>"$E/inblob"; flock 8; echo second) & sleep 0.3; echo first; flock -u 9; wait'
	refused 'Permission denied' 'flock "$E/inblob" -c true'

	# What is read is what cat reads.
	quote=$(sha256sum <"$WORK/quote.bin")
	while IFS= read -r text; do
		reads "$quote" "$text"
	done <<-'WAYS'
		sha256sum <"$E/outblob"
		cat "$E/outblob" | sha256sum
		dd if="$E/outblob" bs=16 status=none | sha256sum
		xxd -p "$E/outblob" | xxd -r -p | sha256sum
		head -c 20000 "$E/outblob" | sha256sum
		base64 "$E/outblob" | base64 -d | sha256sum
		find "$E" -name outblob -exec cat {} + | sha256sum
		cat "$E/outblob" >copy; sha256sum <copy; rm copy
		flock -s "$E/outblob" cat "$E/outblob" | sha256sum
		perl -e 'local $/; open I, "<$ENV{E}/outblob"; print <I>' | sha256sum
		python3 -c 'import shutil, os; shutil.copyfile(os.environ["E"] + "/outblob", "copy")'; sha256sum <copy; rm copy
	WAYS
	reads 0 'cmp "$E/outblob" "$E/outblob"; diff "$E/outblob" "$E/outblob" | wc -c'
	reads 1 'grep -c tdx "$E/provider"'
	reads tdx_guest 'sed -n 1p "$E/provider"'
	reads tdx_guest 'read -r p <"$E/provider"; echo "$p"'

	# What tools make of sizes.
	reads "$ENTRY/inblob
$ENTRY/outblob" 'find "$E" -type f -size 0 | sort'
	reads '4096 generation
0 inblob
0 outblob
4096 provider' 'cd "$E"; stat -c "%s %n" *'
	reads 'regular file root:root 444 4096 1' 'stat -c "%F %U:%G %a %s %h" "$E/generation"'
	reads '-r--r--r-- root/root 0 outblob' \
		'tar -cf - -C "$E" outblob | tar -tvf - | awk "{ print \$1, \$2, \$3, \$6 }"'
	reads 0 'du -s "$E" | cut -f 1'

	# The kernel's refusals.
	refused 'Permission denied' 'cat "$E/inblob"'
	refused 'Permission denied' 'tar -cf /dev/null -C "$E" ./inblob; cat "$E/inblob"'
	refused 'as it was replaced while being copied' 'cp "$E/outblob" copy'
	refused 'Permission denied' 'cp "$D" "$E/outblob"'
	refused 'Permission denied' 'tee "$E/provider" <"$D"'
	refused 'Permission denied' 'dd if="$D" of="$E/generation" status=none'
	refused 'Permission denied' 'xxd -r "$X" "$E/new"'
	refused 'Operation not permitted' 'mv "$E" "$E-other"'
	refused 'Operation not permitted' 'ln -s x "$E/link"'
	refused 'Invalid cross-device link' 'ln "$E/provider" hard'
	for text in generation inblob outblob provider; do
		refused "cannot remove '$ENTRY/$text': Operation not permitted" 'rm -rf "$E"'
	done
	refused 'Operation not permitted' 'rm -r "$E"/*'
	reads 4 'ls "$E" | wc -l'

	# find goes on after its refusals, to a rmdir that works.
	expect_failure 'Operation not permitted' in_shell 'find "$E" -delete'
	expect_failure 'No such file or directory' in_shell 'ls "$E"'
	in_shell 'mkdir "$E" && rmdir "$E"'
	expect_failure 'No such file or directory' in_shell 'ls "$E"'
	rm -rf "$USER_DIR/here"
}

sim_agent 0.6.0
every_tool
if [ "$(id -u)" = 0 ]; then
	TEST_UID=0
	USER_DIR=$WORK/root
	mkdir -m 700 "$USER_DIR"
	every_tool
fi
