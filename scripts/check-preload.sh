#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# check-preload.sh LIBRARY SYMBOLS: what a stripped libteeshim.so keeps to, so that one file loads
# on glibc 2.17 and later and on musl, and behaves in a stranger's process. SYMBOLS lists the
# interposed names, one a line. One line per violation; exit status 1 if there is any.

set -eu
LC_ALL=C
export LC_ALL

lib=$1
symbols=$2
musl=/usr/lib/x86_64-linux-musl/libc.so
size_limit=300000
# trixie's curl, of version 8, is 33 KB larger than bookworm's
case $(readlink "${TEESHIM_CACHE:-.cache}/third-party/curl") in
curl-7.*) ;;
*) size_limit=$((size_limit + 36 * 1024)) ;;
esac
floor=2.17
# What would end, signal or resolve in the name of the host program.
forbidden="abort exit _exit _Exit alarm sigaction signal siglongjmp longjmp getaddrinfo getifaddrs
	__assert_fail"

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
: >"$work/violations"
violation() { printf '%s: %s\n' "$lib" "$*" >>"$work/violations"; }

# listed_by MESSAGE: one violation for each line of standard input.
listed_by() {
	while read -r item; do
		violation "$1: $item"
	done
}

readelf --wide --version-info "$lib" >"$work/versions"
readelf --wide --dynamic "$lib" >"$work/dynamic"
readelf --wide --program-headers "$lib" >"$work/segments"
readelf --wide --relocs "$lib" >"$work/relocs"
nm --dynamic --undefined-only "$lib" |
	awk '$1 == "U" { sub(/@.*/, "", $2); print $2 }' | sort -u >"$work/needed"
nm --dynamic --defined-only "$lib" |
	awk '{ sub(/@.*/, "", $3); print $3 }' | sort -u >"$work/exports"
nm --dynamic --defined-only "$musl" |
	awk '{ sub(/@.*/, "", $3); print $3 }' | sort -u >"$work/musl"
sort -u "$symbols" >"$work/wrappers"

sed -n 's/.* Name: \([A-Za-z0-9_.]*\) .*Flags:.*/\1/p' "$work/versions" | sort -u |
	while read -r version; do
		names=$(nm --dynamic --undefined-only "$lib" | sed -n "s/.* \(.*\)@$version\$/\1/p" |
			paste -sd ' ')
		highest=$(printf '%s\n' "${version#GLIBC_}" "$floor" | sort -V | tail -n 1)
		case $version in
		GLIBC_[0-9]*) [ "$highest" = "$floor" ] || echo "$version ($names)" ;;
		*) echo "$version ($names)" ;;
		esac
	done | listed_by "needs a symbol version newer than GLIBC_$floor"
comm -23 "$work/needed" "$work/musl" | listed_by 'needs a symbol that musl lacks'
comm -23 "$work/exports" "$work/wrappers" | listed_by 'exports what is no wrapper'
comm -13 "$work/exports" "$work/wrappers" | listed_by 'does not export a wrapper of the table'
for name in $forbidden; do
	! grep -qx "$name" "$work/needed" || printf '%s\n' "$name"
done | listed_by 'imports a forbidden function'
sed -n 's/.*(NEEDED).*\[\(.*\)\]/\1/p' "$work/dynamic" | grep -vx libc.so.6 |
	listed_by 'needs another library'
grep -q '(NEEDED).*\[libc.so.6\]' "$work/dynamic" || violation 'does not name libc.so.6'
grep -E '^ +TLS ' "$work/segments" | listed_by 'has a thread-local segment'
grep -oE 'R_X86_64_(DTPMOD64|DTPOFF64|TPOFF64|TLSDESC)' "$work/relocs" | sort -u |
	listed_by 'has a thread-local relocation'
grep -q '(TEXTREL)' "$work/dynamic" && violation 'relocates its own code'
# The last columns are flags and alignment; without the header the kernel grants execution.
[ "$(awk '$1 == "GNU_STACK" { print $(NF - 1) }' "$work/segments")" = RW ] ||
	violation 'wants an executable stack'
size=$(stat -c %s "$lib")
[ "$size" -le "$size_limit" ] || violation "is $size bytes, more than $size_limit"

cat "$work/violations" >&2
[ ! -s "$work/violations" ]
