#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# docker-base.sh: make the image teeshim-test-base:bookworm that the Docker tests start from: a
# minimal Debian, whose dash, bash and coreutils are tested. Made by debootstrap, since a test
# should need no registry; the tarball is kept in ${TEESHIM_CACHE:-.cache}. Does nothing when the
# image is there. Exit status 77 when Docker cannot be used, or the image not be made, here: a test
# then skips.

set -eu

suite=bookworm
image=teeshim-test-base:$suite
root=$(cd "$(dirname "$0")/.." && pwd)
cache=${TEESHIM_CACHE:-$root/.cache}
tarball=$cache/docker-base-$suite.tar
log=$cache/docker-base.log

say() { printf '  IMG   %s\n' "$*"; }

skip() {
	printf 'docker-base.sh: %s\n' "$*" >&2
	exit 77
}

command -v docker >/dev/null || skip 'no docker command'
docker info >/dev/null 2>&1 || skip 'no Docker daemon answers, or this user may not ask it'
if docker image inspect "$image" >/dev/null 2>&1; then
	exit 0
fi

mkdir -p "$cache"
if [ ! -s "$tarball" ]; then
	PATH=$PATH:/usr/sbin
	[ "$(id -u)" = 0 ] || skip "making $image needs root once (debootstrap)"
	command -v debootstrap >/dev/null || skip "no debootstrap: run 'make deps'"
	# The mirror that this machine uses, if it is a Debian one; else Debian's own.
	# shellcheck disable=SC2016 # apt's own placeholder
	mirror=$(apt-get indextargets --format '$(SITE)' 'Created-By: Packages' \
		"Codename: $suite" 2>/dev/null | head -n 1)
	say "debootstrap of $suite, half a minute"
	work=$(mktemp -d)
	trap 'rm -rf "$work"' EXIT
	if ! debootstrap --variant=minbase "$suite" "$work/root" \
		"${mirror:-http://deb.debian.org/debian}" >"$log" 2>&1; then
		tail -n 5 "$log" >&2
		skip "debootstrap failed, see $log"
	fi
	rm -rf "$work"/root/var/cache/apt/archives/*.deb "$work"/root/var/lib/apt/lists/*
	tar -C "$work/root" --one-file-system -cf "$tarball.part" .
	mv "$tarball.part" "$tarball"
fi
say "docker import of $image"
docker import "$tarball" "$image" >>"$log" 2>&1 || skip "docker import failed, see $log"
