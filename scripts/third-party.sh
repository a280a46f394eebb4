#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# third-party.sh: build the small libcurl and jansson that libteeshim.so and teeshim hold inside.
#
# Source: the distribution's signed source packages, by a private sources list, so the system's own
# lists and caches stay as they are; apt checks every hash up to the archive's signature.
# Result, below ${TEESHIM_CACHE:-.cache}/third-party, kept over `make clean`:
#	curl    -> curl-VERSION-HASH       include/ pic/libcurl.a musl/libcurl.a COPYING
#	jansson -> jansson-VERSION-HASH    include/ pic/libjansson.a musl/libjansson.a COPYING
# HASH covers this script and the headers beside it. A run fetches, and builds only what is new;
# the Makefile runs it when the stamp is missing or older than this script. To take up a security
# update of the distribution's, run it by hand.

set -euo pipefail

root=$(cd "$(dirname "$0")/.." && pwd)
headers=$root/scripts/third-party
cache=${TEESHIM_CACHE:-$root/.cache}/third-party
mkdir -p "$cache"
cache=$(cd "$cache" && pwd)
work=$cache/work
log=$cache/build.log

say() { printf '  3RD  %s\n' "$*"; }

die() {
	printf 'third-party.sh: %s\n' "$*" >&2
	if [ -s "$log" ]; then
		printf '%s\n' "--- the last lines of $log:" >&2
		tail -n 20 "$log" >&2
	fi
	exit 1
}

# Floor and hygiene of everything that ends in a stranger's process: see glibc_floor.h for the
# include; no stack protector and no fortify, whose helper functions older libcs and musl lack.
common_flags=(
	-std=gnu11 -Os -DNDEBUG -fPIC -fvisibility=hidden -ffunction-sections -fdata-sections
	-fno-stack-protector -U_FORTIFY_SOURCE -fno-asynchronous-unwind-tables
	-include "$headers/glibc_floor.h"
)

# ---------------------------------------------------------------------------------- fetching

# The deb-src lines of this release: mirror and keyring as the system's own sources name them, in
# either format. Third-party archives are told apart by their suite, which is not the release's.
release_sources() {
	local codename=$1 file line opts uri uris suite suites components signed
	{
		for file in /etc/apt/sources.list /etc/apt/sources.list.d/*.list; do
			[ ! -e "$file" ] || sed -n 's/^[[:space:]]*deb[[:space:]]\{1,\}//p' "$file"
		done |
			while read -r line; do
				case $line in
				\[*) opts=${line%%]*} line=${line#*] } ;;
				*) opts= ;;
				esac
				read -r uri suite components <<<"$line"
				signed=
				[[ $opts =~ [Ss]igned-[Bb]y=([^]\ ]*) ]] && signed=${BASH_REMATCH[1]}
				printf '%s|%s|%s|%s\n' "$uri" "$suite" "$components" "$signed"
			done
		for file in /etc/apt/sources.list.d/*.sources; do
			[ ! -e "$file" ] || deb822_stanzas "$file"
		done
	} | while IFS='|' read -r uris suites components signed; do
		for suite in $suites; do
			case $suite in
			"$codename" | "$codename"-updates | "$codename"-security | "$codename"/updates) ;;
			*) continue ;;
			esac
			case " $components " in *" main "*) ;; *) continue ;; esac
			for uri in $uris; do
				printf 'deb-src %s%s %s main\n' "${signed:+[signed-by=$signed] }" "$uri" "$suite"
			done
		done
	done | sort -u
}

# One line "uris|suites|components|keyring" for each enabled deb stanza of a .sources file.
deb822_stanzas() {
	awk '
	function flush() {
		if (field["uris"] != "" && field["enabled"] !~ /^no/)
			printf "%s|%s|%s|%s\n", field["uris"], field["suites"],
			       field["components"], field["signed-by"]
		split("", field); key = ""
	}
	/^[ \t]*#/ { next }
	/^[ \t]*$/ { flush(); next }
	/^[ \t]/ { if (key != "") field[key] = field[key] " " $0; next }
	{ colon = index($0, ":"); key = tolower(substr($0, 1, colon - 1))
	  value = substr($0, colon + 1); gsub(/^[ \t]+|[ \t]+$/, "", value); field[key] = value }
	END { flush() }' "$1" |
		# A key written into the stanza itself cannot go on a one-line entry; the trusted ones serve.
		sed 's/|[^|]*BEGIN PGP.*$/|/'
}

fetch_sources() {
	local codename
	codename=$(sed -n 's/^VERSION_CODENAME=//p' /etc/os-release)
	rm -rf "$work"
	mkdir -p "$work"/{lists/partial,archives,src}
	release_sources "$codename" >"$work/sources.list"
	if [ ! -s "$work/sources.list" ]; then
		die "no Debian archive for release '$codename' in /etc/apt/sources.list*;" \
			"add its main component there"
	fi

	# The system's hooks and settings are left out; what reaching the mirror takes is carried over.
	{
		printf 'Dir::Etc::main "/dev/null";\nDir::Etc::parts "/dev/null";\n'
		printf 'Dir::Etc::sourcelist "%s";\n' "$work/sources.list"
		printf 'Dir::Etc::sourceparts "/dev/null";\n'
		printf 'Dir::State::lists "%s";\nDir::Cache "%s";\n' "$work/lists" "$work"
		# The private folders need not be readable by the _apt user.
		printf 'APT::Sandbox::User "root";\nAPT::Update::Error-Mode "any";\n'
		printf 'Acquire::Retries "3";\n'
		apt-config dump Acquire |
			grep -E '^Acquire::(https?|ftp|socks|ForceIPv[46]|Check-[A-Za-z-]*)\b' || true
	} >"$work/apt.conf"

	say "fetching the source packages of curl and jansson ($codename)"
	export APT_CONFIG=$work/apt.conf
	apt-get update >>"$log" 2>&1 ||
		die "apt-get update failed for the archives in $work/sources.list: is there a network?"
	fetch_newest curl
	fetch_newest jansson
	unset APT_CONFIG
}

# fetch_newest NAME: the newest version that can be had. A mirror may list one that it does not hold
# yet; then the one before, of another suite, has to do.
fetch_newest() {
	local version
	for version in $(apt-cache showsrc --only-source "$1" | sed -n 's/^Version: //p' | sort -ruV); do
		if (cd "$work/src" && apt-get source --download-only --only-source "$1=$version") \
			>>"$log" 2>&1; then
			return 0
		fi
		rm -f "$work/src/$1"_*
		say "the mirror lists $1 $version and does not have it"
	done
	die "apt-get source failed for $1"
}

# unpack NAME: extracts a fetched package to $work/NAME.
unpack() {
	# apt has checked the file against the signed index; dpkg-source would want another keyring.
	dpkg-source --no-check --no-copy -x "$work/src/$1"_*.dsc "$work/$1" >>"$log" 2>&1 ||
		die "the source package of $1 does not unpack"
}

# ---------------------------------------------------------------------------------- curl

# "no" to what glibc 2.17 or musl lack, and to what has no place in a stranger's process: signals,
# name look-ups, socket pairs, files. strerror_r differs between the libcs that one binary serves.
curl_answers() {
	local name
	for name in alarm sigaction siginterrupt signal sigsetjmp socketpair getaddrinfo freeaddrinfo \
		getifaddrs gethostbyname_r gethostname getpeername strerror_r ioctl_siocgifaddr \
		memrchr ftruncate fgetxattr flistxattr fremovexattr fsetxattr getxattr listxattr \
		removexattr setxattr if_nametoindex; do
		export "curl_disallow_$name=yes"
	done
	for name in accept4 arc4random closefrom eventfd fcntl64 fnmatch _fseeki64 fseeko geteuid \
		getpass_r getppid getpwuid getpwuid_r getrandom getrlimit if_nametoindex memfd_create \
		pipe pipe2 sched_yield sendmmsg setlocale setrlimit utime utimes; do
		export "ac_cv_func_$name=no"
	done
	for name in ifaddrs_h pwd_h setjmp_h sys_eventfd_h; do
		export "ac_cv_header_$name=no"
	done
}

# Everything off but HTTP over a unix socket. Versions differ in what can be turned off at all, so
# the list is the union, and configure only warns about names that it does not know.
curl_options=(
	--disable-shared --enable-static --disable-dependency-tracking --disable-debug
	--disable-symbol-hiding --disable-largefile --disable-manual --disable-docs
	--enable-http --enable-unix-sockets
	--without-{ssl,zlib,brotli,zstd,libpsl,libidn2,nghttp2,nghttp3,ngtcp2,librtmp,libgsasl}
	--without-{libssh2,ca-bundle,ca-path,zsh-functions-dir,fish-functions-dir}
	--disable-{ares,threaded-resolver,pthreads,ipv6,dnsshuffle,doh,socketpair,bindlocal}
	--disable-{ftp,file,ipfs,ldap,ldaps,rtsp,proxy,dict,telnet,tftp,pop3,imap,smb,smtp,gopher}
	--disable-{mqtt,websockets,alt-svc,hsts,httpsrr,ech,ssls-export,tls-srp,sspi}
	--disable-{http-auth,basic-auth,bearer-auth,digest-auth,kerberos-auth,negotiate-auth,aws}
	--disable-{crypto-auth,ntlm,ntlm-wb,sha512-256,cookies,netrc,mime,form-api,dateparse}
	--disable-{libcurl-option,get-easy-options,headers-api,progress-meter,verbose}
)

# build_curl FLAVOUR CC
build_curl() (
	mkdir -p "$work/curl-$1"
	cd "$work/curl-$1"
	# A make above us must not lend its flags and job slots to curl's makefiles.
	unset MAKEFLAGS MFLAGS MAKELEVEL MAKEOVERRIDES CFLAGS CPPFLAGS LDFLAGS LIBS
	curl_answers
	"$work/curl/configure" --quiet CC="$2" CFLAGS="${common_flags[*]}" "${curl_options[@]}"
	# Its spin lock around global initialisation would stay taken in a child that another thread's
	# fork makes in that instant; what it guards is one counter, and we ask for nothing behind it.
	sed -i 's/^#define HAVE_ATOMIC 1$/#undef HAVE_ATOMIC/; s/^#define HAVE_STDATOMIC_H 1$/#undef HAVE_STDATOMIC_H/' \
		lib/curl_config.h
	make -C lib libcurl.la
	mkdir -p "$work/out-curl/$1"
	cp lib/.libs/libcurl.a "$work/out-curl/$1/"
) >"$work/curl-$1.log" 2>&1

# ---------------------------------------------------------------------------------- jansson

# build_jansson FLAVOUR CC
build_jansson() (
	local source
	mkdir -p "$work/jansson-$1" "$work/out-jansson/$1"
	cd "$work/jansson-$1"
	# In one piece, so that the lexer's inner functions become part of it: a quote's answer is 12 KB
	# of JSON, whose parsing is most of what a quote costs beside the agent.
	for source in "$work"/jansson/src/*.c; do
		printf '#include "%s"\n' "$source"
	done >jansson.c
	"$2" "${common_flags[@]}" -O3 -DHAVE_CONFIG_H -I"$headers" -c jansson.c
	ar rcs "$work/out-jansson/$1/libjansson.a" ./*.o
) >"$work/jansson-$1.log" 2>&1

# ---------------------------------------------------------------------------------- the whole

# Name of the folder of a fetched package: NAME-VERSION-HASH.
folder_of() {
	local version
	version=$(sed -n 's/^Version: //p' "$work/src/$1"_*.dsc | head -n 1)
	printf '%s-%s-%s' "$1" "$version" "$hash"
}

# build NAME: both flavours side by side, into NAME-VERSION-HASH, unless that is there already.
build() {
	local name=$1 folder flavour pic musl status=0
	folder=$(folder_of "$name")
	if [ ! -d "$cache/$folder" ]; then
		say "building $folder (for the library and, with musl, for the command)"
		unpack "$name"
		"build_$name" pic gcc &
		pic=$!
		"build_$name" musl musl-gcc &
		musl=$!
		wait "$pic" || status=1
		wait "$musl" || status=1
		for flavour in pic musl; do
			cat "$work/$name-$flavour.log" >>"$log"
		done
		[ "$status" = 0 ] || die "$name does not build"
		"headers_$name" "$work/out-$name/include"
		cp "$work/$name/$2" "$work/out-$name/COPYING"
		mv -T "$work/out-$name" "$cache/$folder"
	fi
	ln -sfnT "$folder" "$cache/$name"
}

headers_curl() {
	mkdir -p "$1/curl"
	cp "$work"/curl/include/curl/*.h "$1/curl/"
}

headers_jansson() {
	mkdir -p "$1"
	cp "$work/jansson/src/jansson.h" "$headers/jansson_config.h" "$1/"
}

for tool in apt-get dpkg-source gcc musl-gcc make ar flock; do
	command -v "$tool" >/dev/null || die "$tool is missing: run 'make deps'"
done

# Two builds of the same tree take turns.
exec 9>"$cache/lock"
flock 9
: >"$log"
hash=$(cat "$root/scripts/third-party.sh" "$headers"/*.h | sha256sum | cut -c1-12)
fetch_sources
build curl COPYING
build jansson LICENSE
rm -rf "$work"
printf '%s\n' "$hash" >"$cache/stamp"
say "ready in $cache"
