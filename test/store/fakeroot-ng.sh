#!/bin/sh
# Puts the program fakeroot-ng into a directory: that of Debian's bullseye, the last
# suite that has it. What it needs of libraries is on every machine with a C++ compiler.
#
# usage: fakeroot-ng.sh DIR
set -eu
# shellcheck source=test/scripts/suite.sh
. "$(dirname "$0")/../scripts/suite.sh"
dir=$1
[ ! -x "$dir/fakeroot-ng" ] || exit 0
suite bullseye amd64
(cd "$apt/debs" && get download fakeroot-ng) || fail "cannot download fakeroot-ng of bullseye"
dpkg-deb -x "$apt"/debs/*.deb "$apt/tree"
mkdir -p "$dir"
cp "$apt/tree/usr/bin/fakeroot-ng" "$dir/fakeroot-ng.new"
mv "$dir/fakeroot-ng.new" "$dir/fakeroot-ng"
