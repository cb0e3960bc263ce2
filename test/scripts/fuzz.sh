#!/usr/bin/env bash
# Runs every fuzz target of the repository for a while, one after the other.
#
# usage: fuzz.sh TIME    (as `go test -fuzztime`: 10s, 1000x)
set -uo pipefail
cd "$(dirname "$0")/../.." || exit 1
passed=0 failed=0
indent() { sed 's/^/        /'; }
while read -r file func; do
	pkg=./$(dirname "$file")
	if out=$(go test -run '^$' -fuzz "^$func\$" -fuzztime "$1" "$pkg" 2>&1); then
		passed=$((passed + 1))
		echo "  ok    $pkg $func: $(grep -oE 'execs: [0-9]+' <<<"$out" | tail -n 1)"
	else
		failed=$((failed + 1))
		echo "  FAIL  $pkg $func"
		indent <<<"$out"
	fi
done < <(git grep -oE '^func Fuzz[A-Za-z0-9_]+\(' -- '*_test.go' | sed -E 's/:func (Fuzz[A-Za-z0-9_]+)\(/ \1/')
echo "fuzz: $passed passed, $failed failed"
[ "$failed" = 0 ] && [ "$passed" -gt 0 ]
