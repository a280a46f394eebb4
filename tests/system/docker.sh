#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# The recipe in a locked-down container: default seccomp profile, uid 1000, read-only root, no
# capability, no new privileges, and of dstack nothing but the socket.
# timeout: 900

# shellcheck source=tests/system/lib/common.sh
. "$(dirname "$0")/lib/common.sh"
# shellcheck source=tests/system/lib/recipe.sh
. "$(dirname "$0")/lib/recipe.sh"

status=0
"$ROOT/scripts/docker-base.sh" || status=$?
[ "$status" != 77 ] || exit 77
[ "$status" = 0 ] || die "scripts/docker-base.sh: exit status $status"

# in_container [FLAGS...] -- COMMAND...
in_container() {
	local flags=()

	while [ "$1" != -- ]; do
		flags+=("$1")
		shift
	done
	shift
	timeout 120 docker run --rm --read-only --network none --user 1000:1000 --cap-drop ALL \
		--security-opt no-new-privileges -v "$SOCKET:/var/run/dstack.sock" \
		-v "$LIBRARY:/opt/teeshim/libteeshim.so:ro" -e LD_PRELOAD=/opt/teeshim/libteeshim.so \
		"${flags[@]}" teeshim-test-base:bookworm "$@"
}

# contained WHAT COMMAND...: the quote on the container's stdout is verified outside.
contained() {
	local what=$1 hex

	shift
	hex=$(report_data)
	in_container -e ENTRY="$REPORT/contained" -e OCTAL="$(hex_to_octal "$hex")" -e TOOL= -- "$@" \
		>"$WORK/quote.bin" 2>"$WORK/container.err" ||
		die "$what: exit status $?: $(cat "$WORK/container.err")"
	[ ! -s "$WORK/container.err" ] || die "$what: stderr: $(cat "$WORK/container.err")"
	quote_check "$WORK/quote.bin" "$hex" "$what"
	say "ok $what"
}

for version in 0.6.0 0.5.5; do
	sim_agent "$version"
	contained "dash in a container, agent $version" dash -c "$RECIPE_SH"
	contained "bash in a container, agent $version" bash -c "$RECIPE_SH"
	# shellcheck disable=SC2016 # the shell in the container expands it
	contained "coreutils in a container, agent $version" sh -euc '
		mkdir -p "$ENTRY"
		printf "$OCTAL" | dd of="$ENTRY/inblob" bs=64 iflag=fullblock status=none
		[ "$(head -c 100 "$ENTRY/generation")" = 1 ]
		[ "$(ls "$ENTRY" | wc -l)" = 4 ]
		dd if="$ENTRY/outblob" bs=4096 status=none
		rmdir "$ENTRY"
		! test -e "$ENTRY"'
done

# Docker's default profile refuses vsock sockets since release 23: served all the same.
for client in libtdx_attest_port libtdx_attest_1_20 rust_vsock; do
	hex=$(report_data)
	install -m 755 "$BUILD/tests/fake/$client.glibc-dynamic" "$WORK/lib/"
	in_container -v "$WORK/lib/$client.glibc-dynamic:/opt/client:ro" -- /opt/client "$hex" 4050 \
		>"$WORK/quote.bin" 2>"$WORK/container.err" ||
		die "$client in a container: $(cat "$WORK/container.err")"
	quote_check "$WORK/quote.bin" "$hex" "$client in a container"
	say "ok $client in a container"
done

# Without the socket the container's programs see no TEE.
expect_failure 'No such file or directory' in_container -e TEESHIM_SOCKET=/none -- ls "$REPORT"
say "ok no socket, no TEE"
