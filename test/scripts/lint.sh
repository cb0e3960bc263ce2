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
for arch in 386 arm64 riscv64; do check "vet linux/$arch" env GOARCH=$arch go vet ./...; done

# port-2: a build of ptlib for what it has not been ported to ends with one line,
# which says so.
unported() {
	local out
	if out=$(GOOS=${1%/*} GOARCH=${1#*/} go build ./ptlib 2>&1); then
		echo "ptlib builds"
		return 1
	fi
	if [ "$(wc -l <<<"$out")" != 1 ] || ! grep -q 'your_operating_system_or_processor_is_not_supported_by_ptlib' <<<"$out"; then
		echo "$out"
		return 1
	fi
}
for platform in linux/mips64 linux/arm darwin/arm64 windows/amd64; do check "ptlib refuses $platform" unported "$platform"; done

# Everything else builds on other systems, with its tests: all packages but ptlib,
# and those that answer its calls.
elsewhere() {
	GOOS=$1 go list -e -f '{{if not .DepsErrors}}{{if not .Error}}{{.ImportPath}}{{end}}{{end}}' ./...
}
whole() {
	local missing
	missing=$(comm -23 <(GOOS=$1 go list -e ./... | sort) <(elsewhere "$1" | sort) | sed "s,^$(go list -m)/,," | xargs)
	[ "$missing" = 'ptlib wrapper/guest wrapper/guest/internal/syscalldoc' ] || {
		echo "packages that do not build: $missing"
		return 1
	}
}
archives() {
	local file
	for file in pack manifest; do
		GOOS=$1 go list -f '{{range .GoFiles}}{{println .}}{{end}}' ./cmd/feign | grep -qx "$file.go" || {
			echo "feign $file is left out"
			return 1
		}
	done
	GOOS=$1 go build -o /dev/null ./cmd/feign
}
for os in darwin windows; do
	mapfile -t packages < <(elsewhere $os)
	check "$os: all but ptlib" whole $os
	check "$os: build" env GOOS=$os go build "${packages[@]}"
	check "$os: vet" env GOOS=$os go vet "${packages[@]}"
	check "$os: feign pack, feign manifest" archives $os
done
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
