#!/bin/sh
# Puts the kernel of a Debian suite, for any processor, into a directory: vmlinuz,
# and the modules that a machine of test/vm loads. The package comes from the
# machine's own mirror by apt with private files, so that nothing of the machine's
# set-up changes.
#
# usage: kernel.sh SUITE ARCH DIR     (bullseye arm64 /var/tmp/kernel)
set -eu
suite=$1 arch=$2 dir=$3
meta=linux-image-cloud-$arch

fail() {
	echo "kernel.sh: $*" >&2
	exit 1
}

apt=$(mktemp -d)
trap 'rm -rf "$apt"' EXIT
mkdir -p "$apt/lists/partial" "$apt/archives/partial" "$apt/debs" "$apt/tree"
: >"$apt/status"
mirror=$(cat /etc/apt/sources.list /etc/apt/sources.list.d/* 2>/dev/null |
	sed -nE 's/^(URIs:|deb( +\[[^]]*\])?) +(https?:[^ ]*\/debian)\/?( .*)?$/\3/p' | head -n 1)
[ -n "$mirror" ] || fail "no Debian mirror among this machine's package sources"
keys=/usr/share/keyrings/debian-archive-keyring.gpg
echo "deb [arch=$arch signed-by=$keys] $mirror $suite main" >"$apt/sources.list"

# get COMMAND...: apt-get, which says something only when it fails.
get() {
	apt-get -q -o "Dir::Etc::SourceList=$apt/sources.list" -o Dir::Etc::SourceParts=/dev/null -o "Dir::Cache=$apt" \
		-o "Dir::State::Lists=$apt/lists" -o "Dir::State::status=$apt/status" -o APT::Architecture="$arch" \
		-o APT::Architectures="$arch" -o Acquire::Languages=none -o APT::Sandbox::User=root -o Acquire::Retries=2 \
		-o Acquire::http::Timeout=30 -o APT::Update::Error-Mode=any \
		-o Acquire::IndexTargets::deb::DEP-11::DefaultEnabled=false "$@" >"$apt/log" 2>&1 || {
		grep -E '^[EW]:|^Err' "$apt/log" | tail -n 5 >&2
		return 1
	}
}
get update || fail "cannot read the packages of $suite from $mirror: is there a network?"

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
