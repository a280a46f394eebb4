#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Native or agent, once per interface: where the kernel has a configfs that this user may not use,
# everything comes from the agent and never a part of it from each; one that he may use is left
# alone; TEESHIM_PREFER=agent takes the agent all the same.  A tmpfs stands in for the kernel's.
# shellcheck disable=SC2016 # $E and the like are for the preloaded shell

if [ "$(id -u)" != 0 ]; then
	echo "this needs root, for a mount namespace"
	exit 77
fi
if [ -z "${NATIVE_NAMESPACE:-}" ]; then
	unshare -m true 2>/dev/null || {
		echo "no mount namespace can be made here"
		exit 77
	}
	NATIVE_NAMESPACE=1 exec unshare -m --propagation private bash "$0"
fi
unset NATIVE_NAMESPACE

# shellcheck source=tests/system/lib/common.sh
. "$(dirname "$0")/lib/common.sh"

DCAP=$REPORT/com.intel.dcap
# What the stand-in says and no agent does.
GENERATION=4711

mount -t tmpfs -o mode=755 tmpfs /sys/kernel || skip "no tmpfs can be mounted on /sys/kernel"

# native_tree OWNER: the report folder, and in it an entry that somebody has used.
native_tree() {
	chmod -R u+rwX /sys/kernel/config 2>/dev/null || true
	rm -rf /sys/kernel/config
	mkdir -p "$DCAP"
	echo native >"$DCAP/provider"
	echo "$GENERATION" >"$DCAP/generation"
	echo "native quote" >"$DCAP/outblob"
	: >"$DCAP/inblob"
	chmod 444 "$DCAP/provider" "$DCAP/generation" "$DCAP/outblob"
	chmod 200 "$DCAP/inblob"
	chown -R "$1" "$REPORT"
	native_tree_seen >"$WORK/tree.before"
}

native_tree_seen() {
	find /sys/kernel/config -printf '%p %m %u %s %T@ %C@\n' | sort
}

native_tree_untouched() {
	native_tree_seen | diff "$WORK/tree.before" - || die "$1: the native tree has changed"
}

# every_client WHAT [VARIABLE=VALUE...]: each dynamic fake client gets its answer over fresh bytes.
every_client() {
	local what=$1 source client linkage

	shift
	for source in "$ROOT"/tests/fake_binaries/*.c; do
		# the agent here is one of TDX
		[[ $source != */sev_* ]] || continue
		for linkage in glibc-dynamic musl-dynamic; do
			client=$(basename "$source" .c).$linkage
			HEX=$(report_data)
			install -m 755 "$BUILD/tests/fake/$client" "$WORK/lib/"
			shim "$@" timeout -k 1 20 "$WORK/lib/$client" "$HEX" >"$WORK/quote.bin" ||
				die "$what: $client failed"
			fake_check "$client" "$WORK/quote.bin" "$HEX" "$what: $client"
		done
	done
	say "ok every client: $what, uid $TEST_UID"
}

# agent_entry [VARIABLE=VALUE...]: the agent's own entry of that name, at generation 1.
agent_entry() {
	shim "$@" rmdir "$DCAP"
	shim "$@" mkdir "$DCAP"
	shim "$@" dd if=/dev/zero of="$DCAP/inblob" bs=64 count=1 status=none
}

# looks WHAT EXPECTED [VARIABLE=VALUE...]: every way to come to generation shows this one, but for
# that of row D-native-relative in docs/differences.md.
looks() {
	local what=$1 expected=$2 way shown

	shift 2
	while IFS= read -r way; do
		shown=$(shim "$@" E="$DCAP" bash -euc "$way") || die "$what: failed: $way"
		[ "$shown" = "$expected" ] || die "$what: \"$shown\", expected \"$expected\": $way"
	done <<-'WAYS'
		cat "$E/generation"
		read -r n <"$E/generation"; echo "$n"
		cd "$E"; cat generation
		cd "$E/.."; cat com.intel.dcap/generation
		cd /sys/kernel/config/tsm; cat report/com.intel.dcap/generation
		cd /sys/kernel/config; cat tsm/report/com.intel.dcap/generation
		cd "$E/.."; cat com.intel.*/generation
		cat /sys/kernel/config/tsm/report/*/generation
		cat /sys/kernel/../kernel/config/tsm/./report//com.intel.dcap/generation
		find "$E" -name generation -exec cat {} +
		python3 -c 'import os; d = os.open(os.environ["E"], 0); print(os.read(os.open("generation", 0, dir_fd=d), 9).decode().strip())'
		python3 -c 'import os; d = os.open("/sys/kernel/config", 0); print(os.read(os.open("tsm/report/com.intel.dcap/generation", 0, dir_fd=d), 9).decode().strip())'
		perl -e 'chdir $ENV{E}; open F, "<generation" or die; print <F>'
	WAYS
	say "ok every look: $what, uid $TEST_UID"
}

# ---------------------------------------------------------------------------- not usable: the agent

sim_agent 0.6.0
native_tree 0:0
every_client "root's native entry"
agent_entry
looks "root's native entry" 1
shim rmdir "$DCAP"
[ "$(shim ls "$REPORT" | wc -l)" = 0 ] || die "native entries are listed: $(shim ls "$REPORT")"
expect_failure 'No such file or directory' shim cat "$DCAP/provider"
native_tree_untouched "root's native entry"

# ---------------------------------------------------------------------------- usable: left alone

# asked_nothing WHAT COMMAND...: the agent hears nothing of it.
asked_nothing() {
	local what=$1 heard

	shift
	heard=$(wc -l <"$SIM_LOG")
	"$@"
	[ "$(wc -l <"$SIM_LOG")" = "$heard" ] || die "$what: the agent was asked: $(tail -n 1 "$SIM_LOG")"
}

uses_native() {
	looks "$1" "$GENERATION"
	[ "$(shim cat "$DCAP/provider" "$DCAP/outblob")" = 'native
native quote' ] || die "$1: provider and outblob are not the native ones"
	shim mkdir "$REPORT/made"
	[ -d "$REPORT/made" ] || die "$1: mkdir was not the native one"
	[ "$(shim ls "$REPORT")" = 'com.intel.dcap
made' ] || die "$1: ls shows $(shim ls "$REPORT")"
	shim rmdir "$REPORT/made"
	[ ! -e "$REPORT/made" ] || die "$1: rmdir was not the native one"
	shim sh -c "echo written >$DCAP/inblob"
	[ "$(cat "$DCAP/inblob")" = written ] || die "$1: inblob was not the native one"
	[ ! -e "$USER_DIR/state" ] || die "$1: a state folder was made"
}

chmod -R u+rwX "$USER_DIR"
rm -rf "$USER_DIR/state"
native_tree "$TEST_UID:$TEST_UID"
asked_nothing "usable" uses_native "a usable native tree"

# ---------------------------------------------------------------------------- preferred: the agent

prefers_agent() {
	native_tree "$1"
	every_client "TEESHIM_PREFER=agent" TEESHIM_PREFER=agent
	agent_entry TEESHIM_PREFER=agent
	looks "TEESHIM_PREFER=agent" 1 TEESHIM_PREFER=agent
	shim TEESHIM_PREFER=agent rmdir "$DCAP"
	native_tree_untouched "TEESHIM_PREFER=agent"
	looks "without it" "$GENERATION"
}

prefers_agent "$TEST_UID:$TEST_UID"

TEST_UID=0
USER_DIR=$WORK/root
mkdir -m 700 "$USER_DIR"
native_tree 0:0
asked_nothing "usable by root" uses_native "root's usable native tree"
prefers_agent 0:0
