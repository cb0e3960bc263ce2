#!/bin/sh
# Runs programs one after the other with the same argument, and ends with the sum of what they count.
#
# usage: sum.sh SUITE ARG PROGRAM...
set -eu
suite=$1 arg=$2
shift 2
log=$(mktemp)
trap 'rm -f "$log"' EXIT
passed=0 failed=0
for program; do
	echo "== $program"
	status=0
	"$program" "$arg" >"$log" 2>&1 || status=$?
	cat "$log"
	counts=$(sed -n 's/^.*: \([0-9]*\) passed, \([0-9]*\) failed.*/\1 \2/p' "$log" | tail -n 1)
	counts=${counts:-0 0}
	passed=$((passed + ${counts% *})) failed=$((failed + ${counts#* }))
	# One that dies without having counted a failure is one.
	[ $status = 0 ] || [ "${counts#* }" != 0 ] || failed=$((failed + 1))
done
echo "$suite: $passed passed, $failed failed"
[ $failed = 0 ]
