#!/usr/bin/env bash
# Builds the tarball under different circumstances, and compares the bytes in
# every format.
#
# usage: run.sh FEIGN
set -euo pipefail
feign=$(realpath "$1")
here=$(cd "$(dirname "$0")" && pwd)
"$here/../../test/scripts/install.sh" make coreutils

work=$(mktemp -d "${TMPDIR:-/tmp}/feign-tarball.XXXXXX")
trap 'rm -rf "$work"' EXIT
chmod 755 "$work"
cp "$feign" "$work/feign"
user=()
if [ "$(id -u)" = 0 ]; then
	user=(setpriv --reuid 1500 --regid 1500 --clear-groups --)
fi

# build DIR UMASK ENV...: builds, and archives in each format.
build() {
	local dir=$work/$1 umask=$2
	shift 2
	mkdir -p "$dir"
	cp "$here/Makefile" "$here/dice.sh" "$here/feign.toml" "$dir/"
	[ ${#user[@]} = 0 ] || chown -R 1500:1500 "$dir"
	(
		cd "$dir"
		umask "$umask"
		env "$@" "${user[@]}" "$work/feign" run -c feign.toml
		for f in tar tar.gz tar.zst cpio; do
			env "$@" "${user[@]}" "$work/feign" pack -m dice.mtree.zst -C root -o dice.$f
		done
		sha256sum dice.tar dice.tar.gz dice.tar.zst dice.cpio dice.mtree.zst
	)
}

build plain 022 TZ=UTC >"$work/want"
sed 's/^/  /' "$work/want"
passed=0 failed=0
try() {
	if build "$@" | cmp -s - "$work/want"; then
		passed=$((passed + 1)) verdict=ok
	else
		failed=$((failed + 1)) verdict=FAIL
	fi
	echo "  $verdict  $*"
}
try umask 077 TZ=UTC
try zone 022 TZ=Pacific/Auckland
try locale 022 LANG=tr_TR.UTF-8 LC_ALL=C.UTF-8
try one-cpu 022 GOMAXPROCS=1
try a/rather/deep/directory 002 SOURCE_DATE_EPOCH=1
tar --numeric-owner -tvf "$work/plain/dice.tar" | sed 's/^/  /'
echo "tarball: $passed passed, $failed failed"
[ "$failed" = 0 ]
