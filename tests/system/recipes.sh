#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# The recipe in every language, as an ordinary user, against each agent version and quote form.
# timeout: 600

# shellcheck source=tests/system/lib/common.sh
. "$(dirname "$0")/lib/common.sh"
# shellcheck source=tests/system/lib/recipe.sh
. "$(dirname "$0")/lib/recipe.sh"

BUSYBOX=$(busybox_find || true)
if [ -n "$BUSYBOX" ]; then
	install -m 755 "$BUSYBOX" "$WORK/lib/busybox"
	BUSYBOX=$WORK/lib/busybox
fi

# recipe_for PROGRAM WHAT: one program's recipe; programs that are not installed are named.
recipe_for() {
	local program=$1 what=$2

	case $program in
	bash | dash)
		command -v "$program" >/dev/null || die "$program is missing: run make deps"
		TOOL='' recipe_run "$what" "$program-$$" "$program" -c "$RECIPE_SH"
		;;
	busybox)
		if [ -z "$BUSYBOX" ]; then
			say "SKIP $what: no dynamically linked busybox (Debian package busybox)"
			return
		fi
		TOOL=$BUSYBOX recipe_run "$what" "busybox-$$" "$BUSYBOX" sh -c "$RECIPE_SH"
		;;
	python3)
		recipe_run "$what" "python-$$" python3 -c "$RECIPE_PYTHON"
		;;
	perl)
		recipe_run "$what" "perl-$$" perl -e "$RECIPE_PERL"
		;;
	node)
		if ! command -v node >/dev/null; then
			say "SKIP $what: node is not installed"
			return
		fi
		recipe_run "$what" "node-$$" node -e "$RECIPE_NODE"
		;;
	esac
}

while read -r version quote pad; do
	sim_agent "$version" --quote-version "$quote" --pad "$pad"
	for program in bash dash busybox python3 perl node; do
		recipe_for "$program" "$program, agent $version, quote v$quote, $pad bytes of padding"
	done
	[ -z "$(shim ls "$REPORT")" ] || die "entries are left: $(shim ls "$REPORT")"
done <<'MATRIX'
0.3.6 4 0
0.3.6 5 1000
0.5.5 4 0
0.5.5 5 0
0.5.11 4 3000
0.5.11 5 0
0.6.0 4 0
0.6.0 5 0
0.6.0 4 1000
0.6.0 5 3000
MATRIX
