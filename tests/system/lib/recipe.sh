# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
# The recipe (entry, 64 bytes into inblob, quote from outblob, entry gone) in each language.  Every
# text below is an unmodified program's: it finds in its environment ENTRY, the absolute path of an
# entry to make, DATA_FILE with the bytes and, for shells, OCTAL; it writes the quote to stdout.

# One text for all POSIX shells; TOOL is empty or "busybox", so that applets do the work.
# shellcheck disable=SC2016,SC2034 # expanded by the shell that runs it; used by the tests
RECIPE_SH='
set -eu
fail() { echo "recipe: $*" >&2; exit 1; }
$TOOL mkdir "$ENTRY"
[ -d "$ENTRY" ] || fail "the entry is no directory"
[ -r "$ENTRY/provider" ] || fail "provider is not readable"
# busybox compares owner and mode itself instead of asking the kernel.
[ -n "$TOOL" ] || [ -w "$ENTRY/inblob" ] || fail "inblob is not writable"
read -r generation <"$ENTRY/generation" || fail "read generation"
[ "$generation" = 0 ] || fail "generation of a new entry is $generation"
read -r provider <"$ENTRY/provider" || fail "read provider"
[ "$provider" = tdx_guest ] || fail "provider reads as $provider"
provider=$($TOOL cat "$ENTRY/provider"; echo end)
[ "$provider" = "tdx_guest
end" ] || fail "provider is not exactly tdx_guest and a newline"
printf "$OCTAL" >"$ENTRY/inblob" || fail "write inblob"
read -r generation <"$ENTRY/generation"
[ "$generation" = 1 ] || fail "generation after one write is $generation"
$TOOL cat "$ENTRY/outblob" || fail "read outblob"
read -r generation <"$ENTRY/generation"
[ "$generation" = 1 ] || fail "generation after reading is $generation"
cd "$ENTRY"
[ "$($TOOL pwd)" = "$ENTRY" ] || fail "pwd is $($TOOL pwd)"
[ "$($TOOL cat generation)" = 1 ] || fail "a relative name reads otherwise"
names=$(echo *)
[ "$names" = "generation inblob outblob provider" ] || fail "names are $names"
cd /
$TOOL rmdir "$ENTRY" || fail "rmdir"
[ ! -e "$ENTRY" ] || fail "the entry outlives rmdir"
'

# shellcheck disable=SC2016,SC2034
RECIPE_PYTHON='
import os, pathlib, sys
data = open(os.environ["DATA_FILE"], "rb").read()
base = pathlib.Path(os.environ["ENTRY"]).parent
assert os.path.isdir(base), "no report directory"
entry = pathlib.Path(os.environ["ENTRY"])
os.makedirs(entry)
assert (entry / "provider").read_text() == "tdx_guest\n"
assert (entry / "generation").read_text() == "0\n"
with open(entry / "inblob", "wb") as f:
    f.write(data)
assert (entry / "generation").read_text() == "1\n"
quote = (entry / "outblob").read_bytes()
assert (entry / "outblob").read_bytes() == quote, "a second read differs"
with open(entry / "outblob", "rb", buffering=0) as f:
    parts = []
    while part := f.read(7):
        parts.append(part)
assert b"".join(parts) == quote, "small reads differ"
assert (entry / "generation").read_text() == "1\n"
assert sorted(os.listdir(entry)) == ["generation", "inblob", "outblob", "provider"]
try:
    os.unlink(entry / "inblob")
    sys.exit("an attribute was unlinked")
except PermissionError:
    pass
os.rmdir(entry)
assert not os.path.exists(entry), "the entry outlives rmdir"
assert entry.name not in os.listdir(base), "the entry is listed after rmdir"
sys.stdout.buffer.write(quote)
'

# shellcheck disable=SC2016,SC2034
RECIPE_PERL='
use strict; use warnings;
my $entry = $ENV{ENTRY};
sub slurp { my ($path) = @_; open(my $f, "<:raw", $path) or die "open $path: $!\n";
	local $/; my $text = <$f>; close($f) or die "close $path: $!\n"; return $text; }
my $data = slurp($ENV{DATA_FILE});
mkdir($entry, 0700) or die "mkdir: $!\n";
-d $entry or die "the entry is no directory\n";
slurp("$entry/provider") eq "tdx_guest\n" or die "provider differs\n";
slurp("$entry/generation") eq "0\n" or die "generation of a new entry\n";
open(my $in, ">:raw", "$entry/inblob") or die "open inblob: $!\n";
print $in $data or die "write inblob: $!\n";
close($in) or die "close inblob: $!\n";
slurp("$entry/generation") eq "1\n" or die "generation after one write\n";
my $quote = slurp("$entry/outblob");
slurp("$entry/generation") eq "1\n" or die "generation after reading\n";
opendir(my $dir, $entry) or die "opendir: $!\n";
my @names = sort grep { !/^\.\.?$/ } readdir($dir);
closedir($dir);
"@names" eq "generation inblob outblob provider" or die "names are @names\n";
unlink("$entry/inblob") and die "an attribute was unlinked\n";
$!{EPERM} or die "unlink of an attribute: $!\n";
rmdir($entry) or die "rmdir: $!\n";
-e $entry and die "the entry outlives rmdir\n";
binmode(STDOUT); print $quote;
'

# shellcheck disable=SC2016,SC2034
RECIPE_NODE='
const fs = require("fs");
const assert = require("assert");
const entry = process.env.ENTRY;
const data = fs.readFileSync(process.env.DATA_FILE);
const names = ["generation", "inblob", "outblob", "provider"];
fs.mkdirSync(entry);
assert(fs.existsSync(entry) && fs.statSync(entry).isDirectory());
assert.strictEqual(fs.readFileSync(entry + "/provider", "utf8"), "tdx_guest\n");
assert.strictEqual(fs.readFileSync(entry + "/generation", "utf8"), "0\n");
fs.writeFileSync(entry + "/inblob", data);
assert.strictEqual(fs.readFileSync(entry + "/generation", "utf8"), "1\n");
const quote = fs.readFileSync(entry + "/outblob");
assert.deepStrictEqual(fs.readdirSync(entry).sort(), names);
assert.throws(() => fs.unlinkSync(entry + "/inblob"), { code: "EPERM" });
(async () => {
	assert(quote.equals(await fs.promises.readFile(entry + "/outblob")));
	for (const item of await fs.promises.readdir(entry, { withFileTypes: true }))
		assert(item.isFile(), item.name);
	await fs.promises.rmdir(entry);
	assert(!fs.existsSync(entry));
	const made = await fs.promises.mkdtemp(require("path").dirname(entry) + "/node-");
	await fs.promises.writeFile(made + "/inblob", data);
	const other = await fs.promises.readFile(made + "/outblob");
	assert(other.length > 1020);
	await fs.promises.rmdir(made);
	process.stdout.write(quote);
})().catch((e) => { console.error(e); process.exit(1); });
'

# busybox_find: a dynamically linked busybox on stdout (a static one cannot be preloaded), if need
# be out of the distribution's package, unpacked below BUILD.
busybox_find() {
	local kept=$BUILD/tests/busybox found

	for found in "$(command -v busybox || true)" "$kept/bin/busybox" "$kept/usr/bin/busybox"; do
		if [ -x "$found" ] && program_is_dynamic "$found"; then
			printf '%s\n' "$found"
			return 0
		fi
	done
	mkdir -p "$kept"
	(cd "$kept" && apt-get download busybox >/dev/null 2>&1 &&
		dpkg-deb -x busybox_*.deb . && rm -f busybox_*.deb) || return 1
	for found in "$kept/bin/busybox" "$kept/usr/bin/busybox"; do
		if [ -x "$found" ] && program_is_dynamic "$found"; then
			printf '%s\n' "$found"
			return 0
		fi
	done
	return 1
}

program_is_dynamic() {
	readelf -lW "$1" 2>/dev/null | grep -q 'INTERP'
}

# recipe_run WHAT ENTRY_NAME COMMAND...: run it preloaded, and verify the quote on its stdout.
recipe_run() {
	local what=$1 entry=$2 hex

	shift 2
	hex=$(report_data)
	hex_to_bytes "$hex" >"$WORK/data.bin"
	chmod 644 "$WORK/data.bin"
	shim ENTRY="$REPORT/$entry" DATA_FILE="$WORK/data.bin" OCTAL="$(hex_to_octal "$hex")" \
		TOOL="${TOOL:-}" timeout 60 "$@" >"$WORK/quote.bin" 2>"$WORK/recipe.err" ||
		die "$what: exit status $?: $(cat "$WORK/recipe.err")"
	[ ! -s "$WORK/recipe.err" ] || die "$what: wrote to stderr: $(cat "$WORK/recipe.err")"
	quote_check "$WORK/quote.bin" "$hex" "$what"
	say "ok $what"
}
