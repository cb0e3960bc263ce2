#!/bin/sh
# Puts the kernel of a Debian suite, for any processor, into a directory: vmlinuz,
# and the modules that a machine of test/vm loads.
#
# usage: kernel.sh SUITE ARCH DIR     (bullseye arm64 /var/tmp/kernel)
set -eu
# shellcheck source=test/scripts/suite.sh
. "$(dirname "$0")/../scripts/suite.sh"
suite "$1" "$2"
dir=$3 meta=linux-image-cloud-$2

# What is named linux-image has the kernel, or depends on packages that have it
# and its modules. Of those only unix_diag is wanted: it tells who is at the other
# end of a unix socket, and a machine elsewhere loads it by itself.
mkdir -p "$dir"
packages=$meta
while [ -n "$packages" ]; do
	next=
	for package in $packages; do
		rm -f "$apt"/debs/*
		(cd "$apt/debs" && get download "$package") || fail "cannot download $package of $suite"
		dpkg-deb --fsys-tarfile "$apt"/debs/*.deb |
			tar -C "$apt/tree" --wildcards -xf - '*/vmlinuz*' '*/unix_diag.ko*' 2>/dev/null || :
		next="$next $(dpkg-deb -f "$apt"/debs/*.deb Depends | tr ',' '\n' | sed -E 's/^ *([^ ]*).*/\1/' |
			grep -E '^linux-(binary|image|modules)-[0-9]' | tr '\n' ' ' || :)"
	done
	packages=$(echo "$next" | xargs)
done
find "$apt/tree" -name 'unix_diag.ko.xz' -exec xz -d {} +
find "$apt/tree" -name 'unix_diag.ko.zst' -exec zstd -q --rm -d {} +
find "$apt/tree" -name unix_diag.ko -exec mv {} "$dir/" \;
find "$apt/tree" -type f -name 'vmlinuz*' -exec mv {} "$dir/vmlinuz" \;
[ -s "$dir/vmlinuz" ] || fail "no kernel in what $meta of $suite depends on"
