#!/bin/sh
# Runs `go test ARG...` and ends with one line that counts: what is shown is the
# counts and, after a failure, the output of what failed.
#
# usage: gotest.sh [-timeout T] SUITE ARG...
set -eu
timeout=10m
if [ "$1" = -timeout ]; then
	timeout=$2
	shift 2
fi
suite=$1
shift
log=$(mktemp)
trap 'rm -f "$log"' EXIT

status=0
go test -timeout "$timeout" -v "$@" >"$log" 2>&1 || status=$?

# count VERDICT: top-level tests and subtests alike, as `go test -v` prints them.
count() { grep -acE "^ *--- $1: " "$log" || :; }
passed=$(count PASS) failed=$(count FAIL) skipped=$(count SKIP)

if [ "$status" -ne 0 ]; then
	# What failed may be far above the end, behind what passed.
	grep -aE -A 15 '^ *--- FAIL: |^panic: |^FAIL[[:space:]]' "$log" | head -n 200
	grep -avE '^(=== (RUN|PAUSE|CONT|NAME)| *--- PASS|PASS$|ok  |\?   )' "$log" | tail -n 300
	# A package that does not build or a process that dies fails no test by name.
	[ "$failed" -gt 0 ] || failed=1
fi
grep -aE '^ *--- SKIP: ' -A1 "$log" | grep -avE '^--$' || :
echo "$suite: $passed passed, $failed failed, $skipped skipped"
exit "$status"
