#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# The command: README's lines for machines without TEE hardware, as they stand there; and what
# `teeshim quote` says where no agent is found.

# shellcheck source=tests/system/lib/common.sh
. "$(dirname "$0")/lib/common.sh"

# ---------------------------------------------------------------------------- README's lines

# readme_lines TITLE: the shell blocks of one section.
readme_lines() {
	awk -v title="### $1" '
		/^##/ { here = $0 == title }
		/^```/ { block = here && $0 == "```sh"; next }
		block' "$ROOT/README.md"
}

# Pasted in the project's folder; a terminal's shell goes on after a failure, this one must not.
readme_lines 'Without TEE hardware' >"$WORK/pasted"
[ -s "$WORK/pasted" ] || die "README.md has no lines for machines without TEE hardware"
mkdir "$WORK/project"
ln -s "$BUILD" "$WORK/project/build"
(cd "$WORK/project" && TMPDIR="$WORK" timeout -k 1 60 bash -eu "$WORK/pasted") >"$WORK/shown" 2>&1 ||
	die "README.md, without TEE hardware: $(tail -n 3 "$WORK/shown")"
grep '^TDX quote .*signatures and chain ok' "$WORK/shown" >/dev/null ||
	die "README.md, without TEE hardware: no verified quote: $(tail -n 3 "$WORK/shown")"
say "ok README.md, without TEE hardware: $(tail -n 1 "$WORK/shown")"

# ---------------------------------------------------------------------------- no agent

# says TEXT WHAT COMMAND...: exit status 1, nothing on stdout, this in its only line on stderr.
says() {
	local text=$1 what=$2 status=0

	shift 2
	"$@" >"$WORK/out" 2>"$WORK/err" || status=$?
	[ "$status" = 1 ] || die "$what: exit status $status: $(cat "$WORK/err")"
	[ ! -s "$WORK/out" ] || die "$what: something on stdout"
	[ "$(wc -l <"$WORK/err")" = 1 ] || die "$what: not one line: $(cat "$WORK/err")"
	grep -F -- "$text" "$WORK/err" >/dev/null || die "$what: not \"$text\": $(cat "$WORK/err")"
	say "ok $what: $(cat "$WORK/err")"
}

quote=("$BUILD/teeshim" quote --report-data 00)
mkdir "$WORK/directory"
: >"$WORK/file"
ln -s "$WORK/nowhere" "$WORK/link"
says "no socket at $WORK/none, which TEESHIM_SOCKET names" 'nothing there' \
	env TEESHIM_SOCKET="$WORK/none" "${quote[@]}"
says "$WORK/directory is a directory, not a socket; Docker makes one" 'a directory' \
	env TEESHIM_SOCKET="$WORK/directory" "${quote[@]}"
says "$WORK/file is no socket" 'a file' env TEESHIM_SOCKET="$WORK/file" "${quote[@]}"
says "$WORK/link is a symbolic link" 'a link to nothing' env TEESHIM_SOCKET="$WORK/link" "${quote[@]}"

# in_run COMMAND: then the command of the tests, with an empty /run and /var/run.
in_run() {
	# shellcheck disable=SC2016 # the inner shell's
	unshare -m --propagation private sh -euc '
		mount -t tmpfs tmpfs /run
		[ -L /var/run ] || mount --bind /run /var/run
		eval "$0"
		exec "$@"' "$1" "${quote[@]}"
}

# The command may lie below /run, as the build folder or the temporary one.
if [ "$(id -u)" = 0 ] && in_run 'test -x "$1"; exec true' 2>/dev/null; then
	says 'no agent socket; mount one' 'the usual places are empty' in_run true
	says 'dstack.sock is a directory, not a socket; Docker makes one' 'a directory at a usual place' \
		in_run 'mkdir /run/dstack.sock'
	says '/run/dstack/tappd.sock is a directory' 'a directory at the last of them' \
		in_run 'mkdir -p /run/dstack/tappd.sock'
else
	say "SKIP the usual places of the socket: this needs root, and a mount namespace"
fi
