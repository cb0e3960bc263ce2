#!/bin/sh
# Makes feign_VERSION_ARCH.deb in a directory: the static binary, manual pages and
# completions. The same sources and SOURCE_DATE_EPOCH give the same bytes. It needs
# Go and dpkg-deb, and no privileges: dpkg-deb writes root as the owner.
#
# usage: deb.sh VERSION DIR
set -eu
version=$1 out=$2
cd "$(dirname "$0")/.."
case $version in
[0-9]*) ;;
*)
	echo "deb.sh: a version begins with a digit, and $version does not" >&2
	exit 1
	;;
esac
umask 022
arch=$(go env GOARCH)
case $arch in
386) deb_arch=i386 ;;
arm) deb_arch=armhf ;;
*) deb_arch=$arch ;;
esac
SOURCE_DATE_EPOCH=${SOURCE_DATE_EPOCH:-$(git log -1 --format=%ct)}
export SOURCE_DATE_EPOCH

root=$(mktemp -d)
trap 'rm -rf "$root"' EXIT
chmod 755 "$root"
share=$root/usr/share
mkdir -p "$root/DEBIAN" "$root/usr/bin" "$share/doc/feign" "$share/man" \
	"$share/bash-completion/completions" "$share/zsh/vendor-completions" "$share/fish/vendor_completions.d"
CGO_ENABLED=0 go build -trimpath -buildvcs=false -ldflags "-s -w -X main.version=$version" -o "$root/usr/bin/feign" ./cmd/feign
"$root/usr/bin/feign" man "$share/man/man1"
gzip -9n "$share"/man/man1/*.1
"$root/usr/bin/feign" completion bash >"$share/bash-completion/completions/feign"
"$root/usr/bin/feign" completion zsh >"$share/zsh/vendor-completions/_feign"
"$root/usr/bin/feign" completion fish >"$share/fish/vendor_completions.d/feign.fish"
cp LICENSE "$share/doc/feign/copyright"
cp CHANGELOG.md "$share/doc/feign/changelog"
gzip -9n "$share/doc/feign/changelog"
cat >"$root/DEBIAN/control" <<EOF
Package: feign
Version: $version
Architecture: $deb_arch
Maintainer: feign maintainers <maintainers@feign.example>
Installed-Size: $(find "$root/usr" -printf '%s\n' | awk '{ k += int(($1 + 1023) / 1024) } END { print k }')
Section: utils
Priority: optional
Description: run a build action that believes that it is root
 feign runs a command as an ordinary user and lets it believe that it is root.
 What only root may do is not done but remembered, and leaves as a manifest;
 archives made of tree and manifest are the same bytes every time.
EOF
(cd "$root" && find usr -type f -print0 | LC_ALL=C sort -z | xargs -0 md5sum) >"$root/DEBIAN/md5sums"
find "$root" -exec touch -h -d "@$SOURCE_DATE_EPOCH" {} +
mkdir -p "$out"
dpkg-deb --root-owner-group -Zxz --build "$root" "$out/feign_${version}_$deb_arch.deb" >/dev/null
echo "$out/feign_${version}_$deb_arch.deb"
