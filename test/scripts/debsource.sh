#!/bin/sh
# Downloads Debian source packages into DIR/PACKAGE, and installs what building
# them needs, from the machine's own package sources asked for source packages as
# well: in private files, so that nothing of the machine's set-up changes.
#
# usage: debsource.sh [--build-dep] DIR PACKAGE...
set -eu
deps=
if [ "$1" = --build-dep ]; then
	deps=1
	shift
fi
dir=$1
shift

apt=$(mktemp -d)
trap 'rm -rf "$apt"' EXIT
mkdir -p "$apt/parts" "$apt/lists/partial" "$apt/archives/partial"
for f in /etc/apt/sources.list /etc/apt/sources.list.d/*.list; do
	[ ! -e "$f" ] || sed -n 's/^deb \(.*\)/&\ndeb-src \1/p' "$f" >"$apt/parts/$(basename "$f")"
done
for f in /etc/apt/sources.list.d/*.sources; do
	[ ! -e "$f" ] || sed 's/^Types:.*/Types: deb deb-src/' "$f" >"$apt/parts/$(basename "$f")"
done
apt_() {
	apt-get -qq -o Dir::Etc::SourceList=/dev/null -o "Dir::Etc::SourceParts=$apt/parts" -o "Dir::Cache=$apt" \
		-o "Dir::State::Lists=$apt/lists" -o Dpkg::Use-Pty=0 -o DPkg::Lock::Timeout=300 -o APT::Sandbox::User=root "$@"
}

export DEBIAN_FRONTEND=noninteractive
apt_ update
for p; do
	mkdir "$dir/$p"
	(cd "$dir/$p" && apt_ source --download-only "$p")
	[ -z "$deps" ] || apt_ -y --no-install-recommends build-dep "$p"
done
