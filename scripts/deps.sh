#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# deps.sh [--check] [GROUP...]: install the Debian packages that are missing, saying so first.
# Groups: build, test, lint, suites, bench; build, test and lint when none is named. With --check nothing is installed:
# what is missing is named, and the exit status is 1. Silent when nothing is missing.

set -eu

# group, what must be there (a command or a file), package, what for
needs() {
	cat <<-'EOF'
		build cmd:make make to build
		build cmd:gcc gcc the C compiler
		build cmd:ld binutils linker, objcopy, readelf
		build file:/usr/include/stdio.h libc6-dev the C library's headers
		build file:/usr/include/linux/seccomp.h linux-libc-dev the kernel's headers
		build cmd:musl-gcc musl-tools for the static command
		build cmd:dpkg-source dpkg-dev to unpack the sources of curl and jansson
		build cmd:xz xz-utils to unpack the sources of curl and jansson
		build file:/etc/ssl/certs/ca-certificates.crt ca-certificates for mirrors behind https
		build file:/usr/include/microhttpd.h libmicrohttpd-dev for the simulator
		build file:/usr/include/jansson.h libjansson-dev for the simulator
		build file:/usr/include/openssl/evp.h libssl-dev for the simulator's keys
		test file:/usr/include/cmocka.h libcmocka-dev the test framework
		test dynamic:busybox busybox its shell is tested; a static one, which this replaces, cannot be
		test cmd:pydoc3 python3 a client that is tested, with its whole library
		test cmd:perl perl-base a client that is tested
		test cmd:node nodejs a client that is tested
		test cmd:debootstrap debootstrap for the image of the Docker tests
		test cmd:xxd xxd a program that is tested
		test file:/usr/lib/x86_64-linux-gnu/libjemalloc.so.2 libjemalloc2 a preloaded library to keep company with
		test file:/usr/lib/x86_64-linux-gnu/faketime/libfaketime.so.1 libfaketime a preloaded library to keep company with
		test cmd:fakeroot fakeroot a preloaded library to keep company with
		test cmd:javac default-jdk-headless a JVM that is tested
		test cmd:valgrind valgrind to count instructions
		test cmd:clang clang for the fuzz targets
		test fuzzer: libclang-rt-dev for the fuzz targets
		test file:/usr/include/curl/curl.h libcurl4-openssl-dev for the benchmark to compare with
		bench file:/usr/include/curl/curl.h libcurl4-openssl-dev to compare with a program of its own
		bench file:/usr/lib/x86_64-linux-gnu/libumockdev-preload.so.0 umockdev a preloaded library to compare with
		bench file:/usr/lib/x86_64-linux-gnu/fakechroot/libfakechroot.so libfakechroot a preloaded library to compare with
		bench file:/usr/lib/x86_64-linux-gnu/libsocket_wrapper.so libsocket-wrapper a preloaded library to compare with
		bench file:/usr/lib/x86_64-linux-gnu/faketime/libfaketime.so.1 libfaketime a preloaded library to compare with
		suites cmd:autoreconf autoconf to build jansson under the library
		suites cmd:automake automake to build jansson under the library
		suites cmd:libtoolize libtool to build jansson under the library
		suites cmd:bison bison to build coreutils
		suites cmd:gperf gperf to build coreutils
		suites cmd:makeinfo texinfo to build coreutils
		suites cmd:msgfmt gettext to build coreutils
		lint cmd:clang-format clang-format to check the layout of the source
		lint cmd:clang-tidy clang-tidy to check the source
		lint cmd:cppcheck cppcheck to check the source
		lint cmd:shellcheck shellcheck to check the scripts
		lint cmd:mandoc mandoc to check the manual pages
	EOF
	# CPython's own tests come in a package of the release's Python version, which Python itself tells.
	python=$(python_name)
	[ -n "$python" ] || return 0
	printf 'test file:/usr/lib/%s/test/test_os.py lib%s-testsuite %s\n' "$python" "$python" \
		"CPython's own tests, run under the library"
}

# python_name: python3.11 and the like; nothing where there is no Python yet.
python_name() { readlink /usr/bin/python3 2>/dev/null || true; }

# present WHAT: is it there?
present() {
	case $1 in
	cmd:*)
		command -v "${1#cmd:}" >/dev/null || [ -x "/usr/sbin/${1#cmd:}" ]
		;;
	dynamic:*)
		program=$(command -v "${1#dynamic:}") && readelf -l "$program" 2>/dev/null | grep -q INTERP
		;;
	fuzzer:)
		[ -e "$(clang -print-file-name=libclang_rt.fuzzer-x86_64.a 2>/dev/null)" ] ||
			ls /usr/lib/llvm-*/lib/clang/*/lib/linux/libclang_rt.fuzzer-x86_64.a >/dev/null 2>&1
		;;
	file:/usr/include/*)
		[ -e "${1#file:}" ] || [ -e "/usr/include/x86_64-linux-gnu/${1#file:/usr/include/}" ]
		;;
	file:*)
		[ -e "${1#file:}" ]
		;;
	esac
}

check=
if [ "${1:-}" = --check ]; then
	check=1
	shift
fi
groups=" ${*:-build test lint} "

missing=$(needs | while read -r group what package reason; do
	case $groups in *" $group "*) ;; *) continue ;; esac
	present "$what" || printf '%s|%s\n' "$package" "$reason"
done)
[ -n "$missing" ] || exit 0

list() { printf '%s\n' "$missing" | while IFS='|' read -r package reason; do
	printf '  %-22s %s\n' "$package" "$reason"
done; }
packages=$(printf '%s\n' "$missing" | cut -d '|' -f 1 | sort -u | tr '\n' ' ')

if [ -n "$check" ]; then
	{
		printf 'Missing packages:\n'
		list
		printf "Run 'make deps' to install them.\n"
	} >&2
	exit 1
fi

if ! command -v apt-get >/dev/null; then
	printf 'deps.sh: no apt-get here; install what these Debian packages hold: %s\n' "$packages" >&2
	exit 1
fi
root=
if [ "$(id -u)" != 0 ]; then
	root=sudo
	if ! command -v sudo >/dev/null; then
		printf 'deps.sh: not root and no sudo; run as root: apt-get install %s\n' "$packages" >&2
		exit 1
	fi
fi
python_before=$(python_name)
printf 'Installing Debian packages:\n'
list
$root apt-get -q update
# shellcheck disable=SC2086 # a list of words
$root env DEBIAN_FRONTEND=noninteractive apt-get -q -y -o Dpkg::Use-Pty=0 \
	--no-install-recommends install $packages
# A Python that came with these has told what its tests are called.
# shellcheck disable=SC2086 # a list of words
if [ -z "$python_before" ] && [ -n "$(python_name)" ]; then
	exec "$0" $groups
fi
