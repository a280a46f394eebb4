#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Under attack: a state folder that another user prepared, or that is exchanged while it is used; odd
# things planted in it; a set-user-ID program.  Each refusal is one errno and one line, nothing of ours
# is written where it does not belong, nothing hangs.
# timeout: 300

# shellcheck source=tests/system/lib/common.sh
. "$(dirname "$0")/lib/common.sh"
# shellcheck source=tests/system/lib/load.sh
. "$(dirname "$0")/lib/load.sh"

SWAP_MS=${SWAP_MS:-1500}
ATTACKER=$((TEST_UID - 4321))

load_programs stubborn swap secure
sim_agent 0.6.0

# as_attacker COMMAND...: another ordinary user.
as_attacker() {
	as_uid "$ATTACKER" "$@"
}

# ---------------------------------------------------------------------------- the folder itself

# folder_refused WHAT LINE: mkdir is EACCES, everything else is refused too, and nothing is made.
folder_refused() {
	refused "$1" 'Permission denied' "state folder $STATE: $2" mkdir "$REPORT/refused"
	refused "$1" 'Permission denied' "state folder $STATE: $2" cat "$REPORT/refused/provider"
	say "ok $1: $(grep '^teeshim' "$LOG" | sed 's/^teeshim[^:]*: //; s|/[^ ]*/||')"
}

# folder_works WHAT: what stood in the way is gone.
folder_works() {
	shim mkdir "$REPORT/works" || die "$1: mkdir does not work afterwards"
	shim rmdir "$REPORT/works" || die "$1: rmdir does not work afterwards"
}

not_ours='(another user.s, a symbolic link or no directory|belongs to uid)'
as_user mkdir "$USER_DIR/own"
as_user chmod 700 "$USER_DIR/own"
mkdir -m 777 "$WORK/foreign"
chmod 777 "$WORK/foreign"

as_user ln -s "$USER_DIR/own" "$STATE"
folder_refused "a symlink to a folder of our own" "$not_ours"
as_user rm "$STATE"
as_user ln -s "$WORK/foreign" "$STATE"
folder_refused "a symlink to another's folder" "$not_ours"
as_user rm "$STATE"
as_user ln -s "$USER_DIR/nowhere" "$STATE"
folder_refused "a symlink to nowhere" "$not_ours"
as_user rm "$STATE"
[ ! -e "$USER_DIR/nowhere" ] || die "the target of a symlink was made"
as_user touch "$STATE"
folder_refused "a file" "$not_ours"
as_user rm "$STATE"
as_user mkfifo "$STATE"
folder_refused "a fifo" "$not_ours"
as_user rm "$STATE"
for mode in 0755 0770 0701 1700 2700; do
	as_user mkdir "$STATE"
	as_user chmod "$mode" "$STATE"
	folder_refused "mode $mode" "mode $mode, wanted 0700"
	[ "$(stat -c '%04a' "$STATE")" = "$mode" ] || die "mode $mode became $(stat -c '%04a' "$STATE")"
	[ -z "$(find "$STATE" -mindepth 1)" ] || die "mode $mode: written into"
	as_user rmdir "$STATE"
done
if [ "$(id -u)" = 0 ]; then
	for mode in 0700 0777 0000; do
		mkdir "$STATE"
		chown "$ATTACKER" "$STATE"
		chmod "$mode" "$STATE"
		folder_refused "another uid's folder, mode $mode" "$not_ours"
		[ -z "$(find "$STATE" -mindepth 1)" ] || die "another uid's folder was written into"
		[ "$(stat -c '%04a %u' "$STATE")" = "$mode $ATTACKER" ] || die "another uid's folder was changed"
		rmdir "$STATE"
	done
else
	say "SKIP another uid's state folder: this needs root"
fi
[ -z "$(find "$USER_DIR/own" "$WORK/foreign" -mindepth 1)" ] || die "a refused folder was written into"
folder_works "a refused folder"

# ---------------------------------------------------------------------------- exchanged while in use

# swapped WHAT OTHER MEANWHILE: a client works while its state folder and OTHER change places; both
# kinds of answers must have come, and the watched folder, $WORK/arena/bait, must not be touched.
swapped() {
	local what=$1 other=$2 before result times status=0

	before=$(stat -c '%a %u %h %Y %y' "$ARENA/bait")
	as_attacker "$WORK/lib/swap" "$ARENA/state" "$other" "$SWAP_MS" >"$WORK/swap.out" &
	local swapper=$!
	: >"$LOG"
	result=$(as_user env LD_PRELOAD="$LIBRARY" TEESHIM_SOCKET="$SOCKET" TEESHIM_TIMEOUT_MS=1500 \
		TEESHIM_STATE_DIR="$ARENA/state" timeout -k 1 60 \
		"$WORK/lib/stubborn" "$(basename "$other")" $((SWAP_MS - 300)) 2>>"$LOG") || status=$?
	wait "$swapper" || die "$what: the exchanges failed"
	times=$(cat "$WORK/swap.out")
	[ "$status" = 0 ] || die "$what: the client ended with $status: $(tail -n 2 "$LOG")"
	[ "$times" -gt 100 ] || die "$what: only $times exchanges"
	[[ $result =~ mkdir=0:.*EACCES:.*inblob= ]] || die "$what: not both kinds of answers: $result"
	[ "$(stat -c '%a %u %h %Y %y' "$ARENA/bait")" = "$before" ] ||
		die "$what: the bait was touched: $before, now $(stat -c '%a %u %h %Y %y' "$ARENA/bait")"
	if grep -vE "^teeshim\[[0-9]+\]: state folder $ARENA/state: " "$LOG"; then
		die "$what: other lines than the refusals"
	fi
	result=$(as_user env LD_PRELOAD="$LIBRARY" TEESHIM_SOCKET="$SOCKET" \
		TEESHIM_STATE_DIR="$ARENA/state" "$WORK/lib/stubborn" after 0)
	[ "$result" = "mkdir=0:1 inblob=0:1 generation=0:1 outblob=0:1 rmdir=0:1" ] ||
		die "$what: afterwards $result"
	say "ok $what: $times exchanges"
}

# In the attacker's own folder without the sticky bit, as no state folder should be.
ARENA=$WORK/arena
if [ "$(id -u)" = 0 ]; then
	arena_make() {
		rm -rf "$ARENA"
		mkdir "$ARENA"
		chown "$ATTACKER" "$ARENA"
		as_user mkdir "$WORK/user/state.made"
		chmod 700 "$WORK/user/state.made"
		mv "$WORK/user/state.made" "$ARENA/state"
	}

	arena_make
	as_attacker mkdir "$ARENA/bait"
	as_attacker chmod 777 "$ARENA/bait"
	swapped "exchanged with another uid's 0777 folder" "$ARENA/bait"
	arena_make
	as_attacker mkdir "$ARENA/bait"
	as_attacker chmod 777 "$ARENA/bait"
	as_attacker ln -s bait "$ARENA/link"
	swapped "exchanged with a symlink to another uid's folder" "$ARENA/link"
	arena_make
	as_user mkdir "$USER_DIR/bait"
	as_user chmod 755 "$USER_DIR/bait"
	mv "$USER_DIR/bait" "$ARENA/bait"
	as_attacker ln -s bait "$ARENA/link"
	swapped "exchanged with a symlink to a folder of our own" "$ARENA/link"

	# A closed folder of the attacker looks like one of ours that lost its mode; what he puts in
	# its place must not get ours instead.
	rm -rf "$ARENA"
	mkdir "$ARENA"
	chown "$ATTACKER" "$ARENA"
	as_attacker mkdir -m 700 "$ARENA/state"
	as_user mkdir "$USER_DIR/bait"
	as_user chmod 755 "$USER_DIR/bait"
	mv "$USER_DIR/bait" "$ARENA/bait"
	as_attacker ln -s bait "$ARENA/link"
	as_attacker "$WORK/lib/swap" "$ARENA/state" "$ARENA/link" "$SWAP_MS" >"$WORK/swap.out" &
	swapper=$!
	as_user env LD_PRELOAD="$LIBRARY" TEESHIM_SOCKET="$SOCKET" TEESHIM_STATE_DIR="$ARENA/state" \
		"$WORK/lib/stubborn" closed $((SWAP_MS - 300)) >"$WORK/out" 2>"$LOG" ||
		die "a closed folder and a symlink: $(cat "$LOG")"
	wait "$swapper"
	[ "$(stat -c %a "$ARENA/bait")" = 755 ] ||
		die "a closed folder and a symlink: the target's mode became $(stat -c %a "$ARENA/bait")"
	[ -z "$(find "$ARENA/bait" -mindepth 1)" ] || die "a closed folder and a symlink: written into"
	say "ok a closed folder of another uid, exchanged with a symlink: $(cat "$WORK/swap.out") exchanges"
	rm -rf "$ARENA"
else
	say "SKIP a state folder exchanged while in use: this needs root"
fi

# ---------------------------------------------------------------------------- planted in it

STORE=$STATE/teeshim.native.store/sys/kernel/config/tsm/report
NAMES=$STATE/teeshim.native.names/sys/kernel/config/tsm/report
CANARY=$USER_DIR/canary
PRECIOUS=$USER_DIR/precious

# plant KIND PATH: as the same user, who can do all this to himself; the program must not get hurt.
plant() {
	case $1 in
	link) as_user ln -sfT "$CANARY" "$2" ;;
	link_dir) as_user ln -sfT "$PRECIOUS" "$2" ;;
	dangling) as_user ln -sfT "$USER_DIR/absent" "$2" ;;
	fifo) as_user mkfifo "$2" ;;
	dir) as_user mkdir -p "$2/inside" ;;
	sparse) as_user truncate -s 1T "$2" ;;
	closed) as_user touch "$2" && as_user chmod 000 "$2" ;;
	empty) as_user touch "$2" ;;
	text) as_user sh -c 'echo "no such thing" >"$1"' sh "$2" ;;
	esac
}

canaries_make() {
	rm -rf "$CANARY" "$PRECIOUS"
	as_user sh -c 'echo precious >"$1"; chmod 644 "$1"; mkdir -m 755 "$2"; echo precious >"$2/file"' \
		sh "$CANARY" "$PRECIOUS"
	CANARIES=$(canaries_look)
}
canaries_look() {
	stat -c '%n %a %s %y' "$CANARY" "$PRECIOUS" "$PRECIOUS/file"
	find "$PRECIOUS" "$USER_DIR/absent" 2>/dev/null || true
}

# planted KIND PATH ENTRY: a client runs over it: no hang, no crash, nothing followed.
planted() {
	local kind=$1 path=$2 entry=$3 result status=0 existed=0

	[ ! -d "$NAMES/$entry" ] || existed=1
	rm -rf "$path"
	plant "$kind" "$path"
	: >"$LOG"
	result=$(logged "$WORK/lib/stubborn" "$entry" 0) || status=$?
	# a file in place of an answer is an answer: who writes here may as well be the program
	case $kind:${path##*/}:$(cat "$LOG") in
	sparse:outblob.1:*'Bad message' | empty:outblob.1:*'Bad message' | text:outblob.1:*'Bad message') status=0 ;;
	sparse:generation.1:*'Bad message' | empty:generation.1:*'Bad message') status=0 ;;
	text:generation.1:*'Bad message') status=0 ;;
	esac
	[ "$status" = 0 ] ||
		die "$kind at ${path#"$STATE"/}: the client ended with $status: $(tail -n 2 "$LOG")"
	[ "$(canaries_look)" = "$CANARIES" ] ||
		die "$kind at ${path#"$STATE"/}: followed: $(canaries_look | tr '\n' ' ')"
	[ ! -e "$USER_DIR/absent" ] || die "$kind at ${path#"$STATE"/}: a symlink's target was made"
	# what refuses says so; ENOENT, EEXIST and EINVAL are configfs's own answers
	if [[ $result =~ (EIO|EACCES|EPERM|ENOMEM) ]] && ! grep -q '^teeshim\[' "$LOG"; then
		die "$kind at ${path#"$STATE"/}: refused without a line: $result"
	fi
	if [[ $result == mkdir=EEXIST:* ]] && [ "$existed" = 0 ] && ! grep -q '^teeshim\[' "$LOG"; then
		die "$kind at ${path#"$STATE"/}: \"File exists\" for an entry that does not: $result"
	fi
	PLANTED=$((PLANTED + 1))
	# as the user would, told by the line
	chmod -R u+rwX "$path" 2>/dev/null || true
	rm -rf "$path"
}

PLANTED=0
canaries_make
for kind in link link_dir dangling fifo dir sparse closed empty text; do
	for name in tree.lock tree.pending platform.lock platform.new entry.new; do
		state_remove "$STATE"
		shim mkdir "$REPORT/standing"
		planted "$kind" "$STATE/$name" planted
		rm -f "$STATE"/platform-*
		planted "$kind" "$STATE/$name" planted
		folder_works "$kind at $name"
	done
	# the platform that is remembered
	platform=$(find "$STATE" -name 'platform-*-*')
	[ -n "$platform" ] || die "no platform is remembered"
	planted "$kind" "$platform" planted
	folder_works "$kind at platform-*"
	# where an entry of the name will be
	planted "$kind" "$STORE/planted" planted
	folder_works "$kind in the store"
	# in the store of an entry that exists: mkdir says EEXIST, the rest works on it
	for name in lock ask inblob.1 inblob.7 blob.1 outblob.1 generation.0 generation.1 snapshot.new \
		provider.0 inblob.99999999999999999999 blob.99999999999999999999 \
		blob.18446744073709551609 inblob.18446744073709551609 blob.0 blob. blob.-1 inblob.0x1 \
		outblob.99999999999999999999 "blob.1 " "$(printf 'n%.0s' {1..255})"; do
		state_remove "$STATE"
		shim mkdir "$REPORT/planted"
		planted "$kind" "$STORE/planted/$name" planted
		state_remove "$STATE"
		folder_works "$kind at $name"
	done
done
# The note of who was killed, with names that lead elsewhere.
for note in -.. -. +.. +. - + -.../x -../../precious "-$(printf 'n%.0s' {1..255})" \
	"-$(printf 'n%.0s' {1..400})" xstanding; do
	state_remove "$STATE"
	shim mkdir "$REPORT/standing"
	as_user ln -sT -- "$note" "$STATE/tree.pending"
	logged "$WORK/lib/stubborn" planted 0 >/dev/null || die "tree.pending to \"$note\": $(cat "$LOG")"
	[ "$(canaries_look)" = "$CANARIES" ] || die "tree.pending to \"$note\": followed"
	[ "$(shim cat "$REPORT/standing/generation")" = 0 ] || die "tree.pending to \"$note\": an entry is gone"
	rm -f "$STATE/tree.pending"
	folder_works "tree.pending to \"$note\""
	PLANTED=$((PLANTED + 1))
done
say "ok $PLANTED things planted in the state folder, none followed"

# A remembered platform that is another's: asked for again, or of another tee: nobody gets TDX.
state_remove "$STATE"
shim mkdir "$REPORT/standing"
platform=$(find "$STATE" -name 'platform-*-*')
content=$(cat "$platform")
[ "$content" = "tdx $SOCKET" ] || die "remembered: $content"
for text in "tdx /other.sock" "tdx $SOCKET " "tdx" "TDX $SOCKET" "tdx $SOCKET
tdx $SOCKET" "sev-snp /other.sock"; do
	printf '%s\n' "$text" >"$platform"
	: >"$SIM_LOG"
	[ "$(shim cat "$REPORT/standing/provider")" = tdx_guest ] || die "platform \"$text\": not served"
	grep -q Version "$SIM_LOG" || die "platform \"$text\": believed"
	[ "$(cat "$platform")" = "$content" ] || die "platform \"$text\": not put right"
done
say "ok a remembered platform of another socket is not believed"

# ---------------------------------------------------------------------------- set-user-ID programs

# secure_run PROGRAM [ARG]: by the ordinary user, with every variable that teeshim knows.
secure_run() {
	as_user env LD_PRELOAD="$LIBRARY" TEESHIM_SOCKET="$SOCKET" TEESHIM_STATE_DIR="$USER_DIR/secure" \
		TEESHIM_LOG="debug:$USER_DIR/secure.log" TEESHIM_TEE=tdx TEESHIM_PREFER=agent "$@"
}

if [ "$(id -u)" = 0 ]; then
	sim_agent 0.6.0
	# What is needed is loaded by its path in secure programs too.
	gcc -std=gnu11 -D_GNU_SOURCE -O2 -o "$WORK/lib/secure-linked" "$ROOT/tests/load/secure.c" \
		-Wl,--no-as-needed "$LIBRARY"
	secure_run "$WORK/lib/secure-linked" anyway >"$WORK/secure.control"
	grep -q '^mkdir entry: success' "$WORK/secure.control" ||
		die "the library is not at work in secure-linked: $(cat "$WORK/secure.control")"
	state_remove "$USER_DIR/secure"
	rm -f "$USER_DIR/secure.log"
	: >"$SIM_LOG"
	chown "$ATTACKER" "$WORK/lib/secure" "$WORK/lib/secure-linked"
	chmod 4755 "$WORK/lib/secure" "$WORK/lib/secure-linked"
	status=0
	secure_run "$WORK/lib/secure" >"$WORK/secure.bare" || status=$?
	if [ "$status" = 77 ]; then
		say "SKIP a set-user-ID program: the bit has no effect here"
	else
		secure_run "$WORK/lib/secure-linked" >"$WORK/secure.linked" ||
			die "secure-linked ended with $?: $(cat "$WORK/secure.linked")"
		grep -q '^library: loaded' "$WORK/secure.linked" || die "the library is not in secure-linked"
		[ "$(grep -v '^library' "$WORK/secure.linked")" = "$(grep -v '^library' "$WORK/secure.bare")" ] ||
			die "a secure program notices: $(diff "$WORK/secure.bare" "$WORK/secure.linked")"
		for path in "$USER_DIR/secure" "$USER_DIR/secure.log" "/dev/shm/teeshim-$ATTACKER-v1" \
			"/tmp/teeshim-$ATTACKER-v1"; do
			[ ! -e "$path" ] || die "a secure program made $path"
		done
		[ ! -s "$SIM_LOG" ] || die "a secure program asked the agent: $(cat "$SIM_LOG")"
		say "ok a set-user-ID program sees nothing of the tree, and nothing is made"
	fi
else
	say "SKIP a set-user-ID program: this needs root"
fi
