#!/usr/bin/env bash
# Runs the linters, and counts: each is one check.
#
# usage: lint.sh STATICCHECK GOVULNCHECK    (module@version, both pinned in the Makefile)
set -uo pipefail
cd "$(dirname "$0")/../.." || exit 1
passed=0 failed=0 skipped=0

indent() { sed 's/^/        /'; }
verdict() {
	case $1 in
	0) passed=$((passed + 1)) && echo "  ok    $2" ;;
	*) failed=$((failed + 1)) && echo "  FAIL  $2" && indent <<<"$out" ;;
	esac
}
check() {
	out=$("${@:2}" 2>&1)
	verdict $? "$1"
}

out=$(gofmt -l .)
verdict "$([ -z "$out" ]; echo $?)" gofmt
check "vet linux" go vet ./...
# No test of ours runs on other systems: that what is public builds there is all
# that can be said. Tests may use what only Unix has.
public=(./lies/... ./archive/... ./wrapper ./cmd/...)
check "vet darwin" env GOOS=darwin go vet "${public[@]}"
check "build windows" env GOOS=windows go build "${public[@]}"
for arch in 386 arm64; do check "build linux/$arch" env GOARCH=$arch go build ./lies/... ./archive/...; done
check staticcheck go run "$1" ./...
if test/scripts/install.sh shellcheck 2>/dev/null; then
	mapfile -t scripts < <(git ls-files ':!*.txtar' | xargs grep -lE '^#!.*\b(ba)?sh$|^# shellcheck shell' --)
	# Scripts that are sourced are read where they are named; $ in single quotes is
	# meant for another shell.
	check shellcheck shellcheck -x -P SCRIPTDIR -e SC1091,SC2016 "${scripts[@]}"
else
	skipped=$((skipped + 1))
	echo "  skip  shellcheck: not installed"
fi
# Its database is on the network: unreachable is not the same as vulnerable.
out=$(go run "$2" ./... 2>&1)
status=$?
if [ $status != 0 ] && grep -qE 'fetching vulnerabilities|dial tcp|403 Forbidden|no such host' <<<"$out"; then
	skipped=$((skipped + 1))
	echo "  skip  govulncheck: its database cannot be reached"
else
	verdict $status govulncheck
fi
echo "lint: $passed passed, $failed failed, $skipped skipped"
[ "$failed" = 0 ]
