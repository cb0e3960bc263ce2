#!/usr/bin/env bash
# What feign is for, in one run: an ordinary user builds a root file system with
# devices, suid and capabilities, twice, and gets the same archive twice.
#
# usage: demo.sh FEIGN    (`make demo` does it; the result is left in out/)
set -euo pipefail
feign=$(realpath "$1")
here=$(cd "$(dirname "$0")" && pwd)
"$here/../../test/scripts/install.sh" busybox-static coreutils libcap2-bin tar

work=$(mktemp -d "${TMPDIR:-/tmp}/feign-demo.XXXXXX")
trap 'rm -rf "$work"' EXIT
chmod 755 "$work"
cp "$feign" "$work/feign"

# Started by root, the demo steps down: it would show nothing otherwise.
user=()
if [ "$(id -u)" = 0 ]; then
	user=(setpriv --reuid 1500 --regid 1500 --clear-groups --)
fi

step() { printf '\n== %s\n' "$*"; }
# build N TZ UMASK: one build in a directory, a time zone and under a umask of
# its own; none of that may show in what comes out.
build() {
	mkdir "$work/$1"
	cp "$here/feign.toml" "$here/build.sh" "$work/$1/"
	[ ${#user[@]} = 0 ] || chown -R 1500:1500 "$work/$1"
	(cd "$work/$1" && umask "$3" && TZ=$2 "${user[@]}" "$work/feign" run -c feign.toml)
}
sum() { (cd "$work/$1" && sha256sum root.tar.zst root.mtree.zst); }

step "build, as $("${user[@]}" id -u) who may not even chown"
build first UTC 022
step "what lies on disk: owners, devices and capabilities are not real"
(cd "$work/first/root" && ls -ln bin/su bin/ping dev/null dev/sda etc/shadow)
step "what the archive says"
(cd "$work/first" && "${user[@]}" "$work/feign" pack -m root.mtree.zst -C root -o root.tar)
TZ=UTC tar --xattrs --xattrs-include='*' -tvvf "$work/first/root.tar"
step "the manifest's digest"
(cd "$work/first" && "$work/feign" manifest digest root.mtree.zst)
step "again: another directory, time zone and umask"
build second Pacific/Auckland 077
sum first
sum second
if [ "$(sum first)" != "$(sum second)" ]; then
	echo "demo: the two builds differ" >&2
	exit 1
fi

rm -rf "$here/out"
mkdir "$here/out"
cp "$work"/first/root.{tar.zst,mtree.zst} "$here/out/"
step "the same bytes: left in examples/rootfs/out"
echo "demo: 1 passed, 0 failed"
