# SPDX-License-Identifier: MIT
# run_fact.sh FILE FACT: runs one fact in a fresh folder. MIEN is the command, FILES the made
# files, SOURCE the checkout. Exit 77: skipped.
. "$(dirname "$0")/support.sh"
. "$1"
T=$(mktemp -d "${TMPDIR:-/tmp}/mien-cli-XXXXXX") || exit 1
trap 'chmod -R u+w "$T"; rm -rf "$T"' EXIT
MIEN_CACHE=$T/cache
LC_ALL=C.UTF-8
export MIEN_CACHE LC_ALL
cd "$T" || exit 1
"$2"
