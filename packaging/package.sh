#!/bin/sh
# Makes packages of feign in a directory: the static binary, manual pages and completions, as packaging/nfpm.yaml says. The
# same sources and SOURCE_DATE_EPOCH give the same bytes. It needs Go, and no privileges.
#
# usage: package.sh VERSION DIR [FORMAT]...    (deb, which is the default, rpm, apk, archlinux)
set -eu
nfpm=github.com/goreleaser/nfpm/v2/cmd/nfpm@v2.43.0
version=$1 out=$2
shift 2
[ $# -gt 0 ] || set -- deb
case $version in
[0-9]*) ;;
*)
	echo "package.sh: a version begins with a digit, and $version does not" >&2
	exit 1
	;;
esac
umask 022
mkdir -p "$out"
out=$(cd "$out" && pwd)
cd "$(dirname "$0")/.."
SOURCE_DATE_EPOCH=${SOURCE_DATE_EPOCH:-$(git log -1 --format=%ct)}
STAGE=$(mktemp -d)
VERSION=$version ARCH=$(go env GOARCH)
export SOURCE_DATE_EPOCH STAGE VERSION ARCH ZSH
trap 'rm -rf "$STAGE"' EXIT

mkdir -p "$STAGE/bin" "$STAGE/completion"
# The package may be for another processor; what writes pages and completions runs here.
CGO_ENABLED=0 GOOS=linux go build -trimpath -buildvcs=false -ldflags "-s -w -X main.version=$version" -o "$STAGE/bin/feign" ./cmd/feign
CGO_ENABLED=0 GOARCH='' go build -trimpath -buildvcs=false -o "$STAGE/host" ./cmd/feign
"$STAGE/host" man "$STAGE/man"
gzip -9n "$STAGE"/man/*.1
for shell in bash zsh fish; do "$STAGE/host" completion "$shell" >"$STAGE/completion/$shell"; done
gzip -9nc CHANGELOG.md >"$STAGE/changelog.gz"
find "$STAGE" -exec touch -h -d "@$SOURCE_DATE_EPOCH" {} +
for format; do
	case $format in
	deb) ZSH=vendor-completions ;;
	*) ZSH=site-functions ;;
	esac
	GOARCH='' go run "$nfpm" package --config packaging/nfpm.yaml --packager "$format" --target "$out/" >"$STAGE/log" || {
		cat "$STAGE/log" >&2
		exit 1
	}
	sed -n 's/^created package: //p' "$STAGE/log"
done
