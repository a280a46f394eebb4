#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# No path-taking function of the C library is forgotten: each of tests/coverage/path-functions.txt is
# interposed or stands in no-need.txt with a reason, no export of glibc or musl and no import of the
# machine's programs looks like a variant of one of them without being listed, and both lists hold
# nothing else.

# shellcheck source=tests/system/lib/common.sh
. "$(dirname "$0")/lib/common.sh"

LISTS=$ROOT/tests/coverage
MUSL=/usr/lib/x86_64-linux-musl/libc.so
FAILED=0
cd "$WORK"

fault() {
	say "FAILED $*"
	FAILED=1
}

# each FILE MESSAGE: one fault per line of the file.
each() {
	local name

	while read -r name; do
		fault "$name: $2"
	done <"$1"
}

# ---------------------------------------------------------------------------- the lists

sed -n 's/^SYMBOL(\([A-Za-z0-9_]*\),.*/\1/p' "$ROOT/src/interpose/symbols.def" | sort -u >wrapped
sed 's/#.*//' "$LISTS/path-functions.txt" | tr -s ' \t' '\n' | grep . | sort >listed
sed 's/#.*//' "$LISTS/no-need.txt" | awk 'NF { print $1 }' | sort >excused
for list in wrapped listed excused; do
	[ -s "$list" ] || die "the list of $list functions is empty"
done

awk '!/^#/ && NF == 1' "$LISTS/no-need.txt" >reasonless
uniq -d listed >twice
uniq -d excused >>twice
comm -12 wrapped excused >both
comm -13 listed wrapped >unlisted
comm -13 listed excused >unknown
each reasonless "no-need.txt gives no reason"
each twice "listed twice"
each both "is interposed, and stands in no-need.txt"
each unlisted "is interposed, and missing in path-functions.txt"
each unknown "is in no-need.txt, and missing in path-functions.txt"

# ---------------------------------------------------------------------------- the machine

# GLIBC_PRIVATE is what glibc's own parts say to each other.
exports() {
	nm --dynamic --defined-only "$1" | awk '$2 ~ /[TWi]/ && $3 !~ /GLIBC_PRIVATE/ { print $3 }' |
		sed 's/@.*//' | sort -u
}

exports "$(ldconfig -p | awk '/libc\.so\.6 .*x86-64/ { print $NF; exit }')" >glibc
exports "$MUSL" >musl
for list in glibc musl; do
	[ -s "$list" ] || die "no symbol table of $list"
done
sort -u glibc musl >libc

# What is said to be looked at has to be there; more is welcome.
locate() {
	local name found

	for name in bash dash cat cp dd rm tee python3 perl node git tar make gcc find grep sed awk; do
		if found=$(type -P "$name") && found=$(readlink -f "$found") && head -c 4 "$found" | grep -q ELF; then
			printf '%s\n' "$found"
		else
			say "not on this machine: $name" >&2
		fi
	done
	for name in /bin /sbin /usr/bin /usr/sbin /usr/local/bin /usr/lib/git-core /usr/lib/gcc/x86_64-linux-gnu; do
		find -L "$name" -maxdepth 2 -type f -perm -1 2>/dev/null || true
	done
	find /usr /opt -xdev \( -name 'libjvm.so' -o -name 'libjava.so' -o -name 'libnio.so' -o -name 'libnet.so' \
		-o -name 'libpython3*.so*' -o -name 'libuv.so*' -o -name 'libnode.so*' -o -name 'libperl.so*' \
		-o -path '*/lib-dynload/*.so' -o -name 'libstdc++.so.6' -o -name 'libglib-2.0.so.0' \
		-o -name 'libcrypto.so*' -o -name 'libtdx_attest.so*' \) \
		-type f 2>/dev/null || true
}

# "PROGRAM: NAME" for each import; what is no dynamic ELF file has none. Our own library is no program.
locate | sort -u | grep -v libteeshim |
	xargs -r nm --dynamic --undefined-only --print-file-name 2>/dev/null |
	awk '{ sub(/@.*/, "", $NF); print $1, $NF }' >imports || true
awk '{ print $NF }' imports | sort -u | comm -12 - libc >imported
programs=$(awk '{ print $1 }' imports | sort -u | wc -l)
[ "$programs" -ge 20 ] || die "only $programs programs have imports"

# importer NAME: a program that imports it, as a clause.
importer() {
	awk -v name="$1" '$NF == name { sub(/:$/, "", $1); print ", imported by " $1; exit }' imports
}

# ---------------------------------------------------------------------------- the checks

# Each function is interposed or excused, or the C library has it not.
sort -u wrapped excused | comm -13 - listed | while read -r name; do
	printf '%s is neither interposed nor in no-need.txt%s\n' "$name" "$(importer "$name")"
done >open
each open "a way past the library"

sed -n 's/^\([A-Za-z0-9_]*\) unused:.*/\1/p' "$LISTS/no-need.txt" | sort | comm -12 - imported |
	while read -r name; do
		printf '%s\n' "$name$(importer "$name")"
	done >used
each used "no-need.txt says that nobody uses it"

# A variant is a name that becomes a listed one's without the usual additions.
stem() {
	sed -E 's/^(__libc_|_IO_file_|_IO_|__x|__|_)//; s/(64|_2|_chk|_nocancel|_time64|_r|_np|v2|[23])+$//'
}

stem <listed | sort -u >stems
comm -23 libc listed >others
stem <others >others.stems
paste others others.stems | awk 'NR == FNR { is[$1]; next } $2 in is { print $1 }' stems - |
	while read -r name; do
		printf '%s%s\n' "$name" "$(importer "$name")"
	done >variants
each variants "looks like a variant of a listed function, and is not listed"

say "$programs programs and libraries, $(grep -c '' imported) functions of libc imported," \
	"$(comm -12 imported wrapped | wc -l) of them interposed, $(comm -12 imported excused | wc -l) excused"
exit "$FAILED"
