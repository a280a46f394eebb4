# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
# The programs of tests/device and of tests/snp_ioctl, on glibc and musl, and the users that they run as.

DEVICE_WARN=(-Wall -Wextra -Wshadow -Wconversion -Wstrict-prototypes -Wmissing-prototypes -Wvla -Werror)
KERNEL_HEADERS=(-idirafter /usr/include -idirafter /usr/include/x86_64-linux-gnu)

# program_build_one LIBC NAME COMPILER...: $BUILD/tests/NAME.LIBC of tests/NAME, where a source is newer.
program_build_one() {
	local name=$2 program=$BUILD/tests/$2.$1

	shift 2
	if [ ! -x "$program" ] ||
		[ -n "$(find "$ROOT/tests/$name" "$ROOT/tests/rules" -newer "$program")" ]; then
		mkdir -p "$BUILD/tests"
		"$@" -std=gnu11 -D_GNU_SOURCE= -O2 "${DEVICE_WARN[@]}" -I"$ROOT/tests" -pthread -o "$program" \
			"$ROOT/tests/$name"/*.c "$ROOT"/tests/rules/{help,runner}.c
	fi
	install -m 755 "$program" "$WORK/lib/"
}

# program_build NAME: on glibc and musl.
program_build() {
	program_build_one glibc "$1" "${CC:-gcc}"
	program_build_one musl "$1" "${MUSL_CC:-musl-gcc}" "${KERNEL_HEADERS[@]}"
}

device_build() {
	program_build device
}

# as_who WHO: from here on the user of shim, each with a state folder of his own.
USUAL_UID=$TEST_UID
as_who() {
	if [ "$1" = root ]; then
		TEST_UID=0
	else
		TEST_UID=$USUAL_UID
	fi
	USER_DIR=$WORK/$1
	[ -d "$USER_DIR" ] || mkdir -m 700 "$USER_DIR"
	[ "$(id -u)" != 0 ] || chown "$TEST_UID:$TEST_UID" "$USER_DIR"
}

WHOS=user
# shellcheck disable=SC2034 # used by the tests
[ "$(id -u)" != 0 ] || WHOS='user root'
