#!/usr/bin/env bash
# Runs every fuzz target of the repository for a while, as many at a time as there
# are processors, each with one worker.
#
# usage: fuzz.sh TIME    (as `go test -fuzztime`: 10s, 1000x)
set -uo pipefail
cd "$(dirname "$0")/../.." || exit 1
time=$1
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
processors=$(nproc)

# fuzz PACKAGE FUNC: one target, and a file that says how it went.
fuzz() {
	local out verdict=FAIL
	out=$(go test -run '^$' -fuzz "^$2\$" -fuzztime "$time" -parallel 1 "$1" 2>&1) && verdict=ok
	if [ $verdict = ok ]; then
		echo "  ok    $1 $2: $(grep -oE 'execs: [0-9]+' <<<"$out" | tail -n 1)"
	else
		echo "  FAIL  $1 $2"
		echo "        ${out//$'\n'/$'\n'        }"
	fi
	echo $verdict >"$work/$2 ${1//\//-}"
}

while read -r file func; do
	while [ "$(jobs -pr | wc -l)" -ge "$processors" ]; do wait -n; done
	fuzz "./$(dirname "$file")" "$func" &
done < <(git grep -oE '^func Fuzz[A-Za-z0-9_]+\(' -- '*_test.go' | sed -E 's/:func (Fuzz[A-Za-z0-9_]+)\(/ \1/')
wait
passed=$(cat "$work"/* | grep -cx ok) failed=$(cat "$work"/* | grep -cx FAIL)
echo "fuzz: $passed passed, $failed failed"
[ "$failed" = 0 ] && [ "$passed" -gt 0 ]
