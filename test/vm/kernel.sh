#!/bin/sh
# Puts the kernel of a Debian suite, for any processor, into a file. The package
# comes from the machine's own mirror by apt with private files, so that nothing
# of the machine's set-up changes.
#
# usage: kernel.sh SUITE ARCH FILE     (bullseye arm64 /var/tmp/vmlinuz)
set -eu
suite=$1 arch=$2 file=$3

apt=$(mktemp -d)
trap 'rm -rf "$apt"' EXIT
mkdir -p "$apt/lists/partial" "$apt/archives/partial" "$apt/debs" "$apt/tree"
: >"$apt/status"
mirror=$(cat /etc/apt/sources.list /etc/apt/sources.list.d/* 2>/dev/null |
	sed -nE 's/^(URIs:|deb( +\[[^]]*\])?) +(https?:[^ ]*\/debian)\/?( .*)?$/\3/p' | head -n 1)
[ -n "$mirror" ] || {
	echo "kernel.sh: no Debian mirror among this machine's package sources" >&2
	exit 1
}
keys=/usr/share/keyrings/debian-archive-keyring.gpg
echo "deb [arch=$arch signed-by=$keys] $mirror $suite main" >"$apt/sources.list"
run() {
	tool=$1
	shift
	"$tool" -q -o "Dir::Etc::SourceList=$apt/sources.list" -o Dir::Etc::SourceParts=/dev/null -o "Dir::Cache=$apt" \
		-o "Dir::State::Lists=$apt/lists" -o "Dir::State::status=$apt/status" -o APT::Architecture="$arch" \
		-o APT::Architectures="$arch" -o Acquire::Languages=none -o APT::Sandbox::User=root \
		-o Acquire::IndexTargets::deb::DEP-11::DefaultEnabled=false "$@"
}
run apt-get update >/dev/null

# What is named linux-image has the kernel, or depends on the package that has it.
package=linux-image-cloud-$arch
for _ in 1 2 3 4; do
	rm -f "$apt"/debs/*
	(cd "$apt/debs" && run apt-get download "$package" >/dev/null)
	dpkg-deb --fsys-tarfile "$apt"/debs/*.deb | tar -C "$apt/tree" --wildcards -xf - '*/vmlinuz*' 2>/dev/null || :
	found=$(find "$apt/tree" -type f -name 'vmlinuz*')
	if [ -n "$found" ]; then
		mv "$found" "$file"
		exit 0
	fi
	depends=$(dpkg-deb -f "$apt"/debs/*.deb Depends | tr ',' '\n' | sed -E 's/^ *([^ ]*).*/\1/')
	package=$(echo "$depends" | grep -E '^linux-(binary|image)-[0-9]' | sort | head -n 1)
	[ -n "$package" ] || break
done
echo "kernel.sh: no kernel in what linux-image-cloud-$arch of $suite depends on" >&2
exit 1
