#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Company: other preloaded libraries, sanitizers and runtimes that replace what libc does. Each does
# an ordinary job with the same output as without the library, and one quote.
# timeout: 300

# shellcheck source=tests/system/lib/common.sh
. "$(dirname "$0")/lib/common.sh"

CC=${CC:-gcc}
FAILED=0
LIBRARIES=/usr/lib/x86_64-linux-gnu
SOURCES=$ROOT/tests/strangers
sim_agent 0.6.0

failed() {
	say "FAILED $*"
	FAILED=1
}

# build OUT FLAG...: a stranger for glibc.
build() {
	local out=$WORK/lib/$1

	shift
	"$CC" -std=gnu11 -D_GNU_SOURCE= -O1 -g -o "$out" "$@" -pthread -ldl 2>"$WORK/build.err" ||
		die "$out: $(tail -n 3 "$WORK/build.err")"
}
build processes "$SOURCES/processes.c"
build threads "$SOURCES/threads.c"
build early.so -shared -fPIC "$SOURCES/early.c"

# with PRELOAD [VARIABLE=VALUE...] COMMAND...: as shim, with these libraries preloaded, in the
# folder that this user may write to.
with() {
	local preload=$1

	shift
	as_user env -C "$USER_DIR" LD_PRELOAD="$preload" TEESHIM_SOCKET="$SOCKET" \
		TEESHIM_STATE_DIR="$USER_DIR/state" STRANGER_SERVED=1 "$@"
}

# quotes NAME PRELOAD [VARIABLE=VALUE...]: a C program and a shell get a quote in this company.
quotes() {
	local name=$1 preload=$2 hex entry=$REPORT/company-$$

	shift 2
	with "$preload" "$@" timeout -k 1 60 "$WORK/lib/processes" quote >"$WORK/out" 2>&1 ||
		failed "$name: no quote: $(tail -n 3 "$WORK/out")"
	hex=$(report_data)
	# shellcheck disable=SC2016 # the preloaded shell expands it
	with "$preload" "$@" E="$entry" D="$(hex_to_octal "$hex")" timeout -k 1 60 bash -euc '
		mkdir "$E"; printf "$D" >"$E/inblob"; cat "$E/outblob"; rmdir "$E"' \
		>"$WORK/quote.bin" 2>"$WORK/out" || failed "$name: shell: $(tail -n 3 "$WORK/out")"
	quote_check "$WORK/quote.bin" "$hex" "$name"
}

# same NAME PRELOAD WITHOUT COMMAND...: an ordinary job, with ours and with what PRELOAD is without.
same() {
	local name=$1 preload=$2 without=$3 status side

	shift 3
	for side in "$without" "$preload"; do
		status=0
		with "$side" timeout -k 1 60 env "$@" >"$WORK/side" 2>"$WORK/side.err" || status=$?
		[ "$status" -lt 124 ] || failed "$name: exit status $status: $(tail -n 3 "$WORK/side.err")"
		cat "$WORK/side.err" >>"$WORK/side"
		say "exit status $status" >>"$WORK/side"
		[ "$side" = "$preload" ] || mv "$WORK/side" "$WORK/side.without"
	done
	diff -u "$WORK/side.without" "$WORK/side" || failed "$name: differs from without us: $*"
}

job() {
	same "$@" tar cf - -C / etc/apt
	same "$@" bash -c 'for f in /etc/*; do [ -f "$f" ] && echo "$f"; done | sort | head -n 20; exit 4'
	same "$@" /usr/bin/perl -e 'opendir D, "/usr"; print join ",", sort readdir D; exit 5'
	same "$@" ls -l --time-style=+ /usr /no-such-folder
}

# beside NAME LIBRARY WITHOUT [VARIABLE=VALUE...]: another preloaded library, in front of ours and
# behind; ordinary jobs must go as with WITHOUT preloaded.
beside() {
	local name=$1 other=$2 without=$3 order

	shift 3
	if [ ! -e "$other" ]; then
		say "SKIP $name: no $other"
		return 0
	fi
	for order in "$other:$LIBRARY" "$LIBRARY:$other"; do
		quotes "$name ($order)" "$order" "$@"
		job "$name ($order)" "$order" "$without" "$@"
		with "$order" "$@" timeout -k 1 60 "$WORK/lib/threads" fork >"$WORK/out" 2>&1 ||
			failed "$name ($order): fork in threads: $(tail -n 3 "$WORK/out")"
	done
	say "ok $name, in front of ours and behind"
}

# ------------------------------------------------------------------- preloaded libraries

beside 'jemalloc' "$LIBRARIES/libjemalloc.so.2" "$LIBRARIES/libjemalloc.so.2"
beside 'a library whose constructor opens and quotes' "$WORK/lib/early.so" ''
beside 'libfaketime' "$LIBRARIES/faketime/libfaketime.so.1" \
	"$LIBRARIES/faketime/libfaketime.so.1" FAKETIME='@2001-02-03 04:05:06' \
	FAKETIME_DONT_RESET=1 NO_FAKE_STAT=1

# fakeroot: its own command starts its server and preloads its library behind ours.
fakeroot_test() {
	local expected='0 0 root'

	if ! command -v fakeroot >/dev/null; then
		say 'SKIP fakeroot: not installed'
		return 0
	fi
	# shellcheck disable=SC2016 # the inner shell's
	with "$LIBRARY" timeout -k 1 120 fakeroot bash -euc '
		touch owned; chown 0:0 owned; echo "$(id -u) $(stat -c "%u %U" owned)"
		"$0" quote' "$WORK/lib/processes" >"$WORK/out" 2>&1 ||
		failed "fakeroot: $(tail -n 3 "$WORK/out")"
	[ "$(head -n 1 "$WORK/out")" = "$expected" ] || failed "fakeroot: $(head -n 1 "$WORK/out")"
	say 'ok fakeroot'
}
fakeroot_test

# ------------------------------------------------------------------- sanitizers

# sanitized KIND [VARIABLE=VALUE...]: a program with a sanitizer inside quotes, and says nothing.
sanitized() {
	local kind=$1 test

	shift
	build "sanitized.$kind" "-fsanitize=$kind" "$SOURCES/processes.c"
	build "sanitized-threads.$kind" "-fsanitize=$kind" "$SOURCES/threads.c"
	for test in ordinary quote; do
		with "$LIBRARY" "$@" timeout -k 1 60 "$WORK/lib/sanitized.$kind" "$test" \
			>"$WORK/out" 2>&1 || failed "$kind $test: $(head -n 12 "$WORK/out")"
		[ ! -s "$WORK/out" ] || failed "$kind $test: it said: $(head -n 12 "$WORK/out")"
	done
	with "$LIBRARY" "$@" timeout -k 1 100 "$WORK/lib/sanitized-threads.$kind" fifo \
		>"$WORK/out" 2>&1 || failed "$kind threads: $(head -n 20 "$WORK/out")"
	[ ! -s "$WORK/out" ] || failed "$kind threads: it said: $(head -n 20 "$WORK/out")"
	say "ok a program under the $kind sanitizer"
}

# Its run-time wants to come first, as with every preloaded library; the second way is to let it.
sanitized address ASAN_OPTIONS=verify_asan_link_order=0
with "$("$CC" -print-file-name=libasan.so):$LIBRARY" timeout 60 "$WORK/lib/sanitized.address" quote \
	>"$WORK/out" 2>&1 || failed "libasan in front: $(head -n 12 "$WORK/out")"
sanitized undefined
sanitized thread

# ------------------------------------------------------------------- runtimes

# runtime_quote NAME COMMAND...: it reads provider and prints the quote over the bytes in $D.
runtime_quote() {
	local name=$1 hex

	shift
	hex=$(report_data)
	with "$LIBRARY" E="$REPORT/runtime-$$" D="$hex" timeout -k 1 90 "$@" \
		>"$WORK/quote.bin" 2>"$WORK/out" || failed "$name: $(tail -n 5 "$WORK/out")"
	[ "$(head -n 1 "$WORK/out")" = tdx_guest ] || failed "$name: provider: $(head -n 3 "$WORK/out")"
	quote_check "$WORK/quote.bin" "$hex" "$name"
	say "ok $name"
}

java_test() {
	local java javac

	[ -d /usr/lib/jvm ] || say 'SKIP a JVM: none below /usr/lib/jvm'
	# Debian gives a version two names
	for java in $(readlink -f /usr/lib/jvm/*/bin/java | sort -u); do
		javac=${java%java}javac
		if [ ! -x "$javac" ]; then
			say "SKIP ${java%/bin/java}: no javac beside it"
			continue
		fi
		rm -rf "$WORK/java"
		mkdir "$WORK/java"
		cat >"$WORK/java/Quote.java" <<'JAVA'
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

public class Quote {
    public static void main(String[] args) throws Exception {
        Path entry = Path.of(System.getenv("E"));
        String hex = System.getenv("D");
        byte[] data = new byte[64];
        for (int i = 0; i < 64; i++)
            data[i] = (byte) Integer.parseInt(hex.substring(2 * i, 2 * i + 2), 16);
        Files.createDirectory(entry);
        System.err.print(Files.readString(entry.resolve("provider")));
        try (FileChannel inblob = FileChannel.open(entry.resolve("inblob"),
                                                   StandardOpenOption.WRITE)) {
            inblob.write(ByteBuffer.wrap(data));
        }
        // Not readAllBytes(), which seeks in newer versions: a binary attribute refuses that.
        ByteBuffer quote = ByteBuffer.allocate(32768);
        try (FileChannel outblob = FileChannel.open(entry.resolve("outblob"))) {
            while (outblob.read(quote) > 0)
                continue;
        }
        System.out.write(quote.array(), 0, quote.position());
        System.out.flush();
        if (Files.list(entry).count() < 4 || !Files.isRegularFile(entry.resolve("inblob")))
            throw new Exception("the entry's listing");
        Files.delete(entry);
    }
}
JAVA
		"$javac" -d "$WORK/java" "$WORK/java/Quote.java" || die "javac fails"
		chmod -R a+rX "$WORK/java"
		# Bare, the version goes to stderr; a warning of the library's would too.
		as_user "$java" -version >"$WORK/version.bare" 2>&1 || true
		shim "$java" -version >"$WORK/version.shim" 2>&1 || failed "$java -version"
		diff -u "$WORK/version.bare" "$WORK/version.shim" || failed "$java -version differs"
		runtime_quote "java.nio, $(head -n 1 "$WORK/version.bare")" \
			"$java" -Xmx64m -cp "$WORK/java" Quote
	done
}
java_test

if command -v node >/dev/null; then
	same 'node' "$LIBRARY" '' node -e 'const fs = require("fs");
		console.log(fs.readdirSync("/usr"), fs.statSync("/etc/passwd").size);
		fs.promises.readFile("/etc/hostname").then((b) => console.log(b.length));
		try { fs.readFileSync("/dev/no-such") } catch (e) { console.log(e.code); process.exitCode = 6 }'
	runtime_quote "node $(node --version)" node -e 'const fs = require("fs").promises;
		(async () => {
			const e = process.env.E;
			await fs.mkdir(e);
			process.stderr.write(await fs.readFile(e + "/provider", "utf8"));
			await fs.writeFile(e + "/inblob", Buffer.from(process.env.D, "hex"), { flag: "w" });
			process.stdout.write(await fs.readFile(e + "/outblob"));
			await fs.rmdir(e);
		})().catch((e) => { console.error(e); process.exitCode = 1 });'
else
	say 'SKIP node: not installed'
fi

[ -z "$(shim ls "$REPORT")" ] || failed "entries left: $(shim ls "$REPORT")"
exit "$FAILED"
