#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Root's kernel calls succeed where an ordinary user's are refused, so the tree answers it another
# way: what the coreutils and the fake clients see must be the same.

set -euo pipefail

if [ "$(id -u)" != 0 ]; then
	echo "this needs root"
	exit 77
fi

failed=0
for name in coreutils fake_binaries concurrency; do
	TEST_UID=0 bash "$(dirname "$0")/$name.sh" || failed=1
done
exit "$failed"
