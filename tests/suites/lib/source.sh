# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
# Source packages of the distribution, through a private sources list made of what apt has already
# got configured here; apt checks every hash up to the archive's signature.

# source_fetch NAME FOLDER: the package's newest source, unpacked to FOLDER.
source_fetch() {
	local name=$1 folder=$2 private=$2.apt codename

	command -v dpkg-source >/dev/null || skip "SKIP $name: no dpkg-source: install dpkg-dev"
	codename=$(sed -n 's/^VERSION_CODENAME=//p' /etc/os-release)
	rm -rf "$private" "$folder"
	mkdir -p "$private"/{lists/partial,archives,src}
	# shellcheck disable=SC2016 # apt's own variables
	apt-get indextargets --format '$(SIGNED_BY)|$(REPO_URI)|$(RELEASE)|$(COMPONENT)' \
		'Created-By: Packages' | sort -u |
		while IFS='|' read -r signed uri suite component; do
			case $suite in "$codename" | "$codename"-*) ;; *) continue ;; esac
			[ "$component" = main ] || continue
			[ -f "$signed" ] || signed=
			printf 'deb-src %s%s %s main\n' "${signed:+[signed-by=$signed] }" "$uri" "$suite"
		done >"$private/sources.list"
	{
		printf 'Dir::Etc::main "/dev/null";\nDir::Etc::parts "/dev/null";\n'
		printf 'Dir::Etc::sourcelist "%s/sources.list";\n' "$private"
		printf 'Dir::Etc::sourceparts "/dev/null";\n'
		printf 'Dir::State::lists "%s/lists";\nDir::Cache "%s";\n' "$private" "$private"
		printf 'APT::Sandbox::User "root";\nAPT::Update::Error-Mode "any";\n'
		apt-config dump Acquire | grep -E '^Acquire::(https?|ftp|socks|ForceIPv[46])\b' || true
	} >"$private/apt.conf"
	say "fetching the source package of $name"
	if ! APT_CONFIG=$private/apt.conf apt-get update >"$private/log" 2>&1 ||
		! (cd "$private/src" && APT_CONFIG=$private/apt.conf \
			apt-get source --download-only --only-source "$name") >>"$private/log" 2>&1; then
		skip "SKIP $name: its source package cannot be had: $(tail -n 1 "$private/log")"
	fi
	dpkg-source --no-check --no-copy -x "$private/src/$name"_*.dsc "$folder" \
		>>"$private/log" 2>&1 || die "$name: $(tail -n 1 "$private/log")"
	rm -rf "$private"
}
