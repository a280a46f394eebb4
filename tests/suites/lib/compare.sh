# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
# Results of somebody else's suite, bare and preloaded, one "test result" per line.

# compare_results NAME BARE SHIM: say how many tests agree; fails where one differs.
compare_results() {
	local name=$1 bare=$2 shim=$3

	[ -s "$bare" ] || die "$name: no results without the library"
	[ -s "$shim" ] || die "$name: no results under the library"
	sort -o "$bare" "$bare"
	sort -o "$shim" "$shim"
	diff --label bare --label preloaded -U 0 "$bare" "$shim" >"$WORK/$name.diff" || {
		say "$name: results that differ (- bare, + preloaded):"
		grep '^[-+][^-+]' "$WORK/$name.diff"
		return 1
	}
	say "ok $name: $(wc -l <"$bare") tests end as without the library" \
		"($(awk '{ n[$2]++ }
			END { for (r in n) { printf "%s%d %s", s, n[r], r; s = ", " } }' "$bare"))"
}
