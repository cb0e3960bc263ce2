# shellcheck shell=bash
# Sourced by the suites that compare an action under feign with the same action
# run by real root. Sets:
#
#   top    the repository
#   work   a fresh directory, removed at exit, that both sides can reach
#   faker  the words that put a command under feign
#
# `FAKER=fakeroot RUN` runs a suite on a peer, and `FAKED_UID=0 FAKER=env RUN`
# on real root itself: what fails then is the suite's own fault.
#
# It counts comparisons: ok, bad and same record one, finish prints the count.
set -euo pipefail

top=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
suite=${suite:-$(basename "$0")}
uid=${FAKED_UID:-1500} # the faked side; nothing on the machine need know it
passed=0 failed=0

# The reference side is real root. Everything else is an ordinary user, also
# when the suite is started by root.
if [ "$(id -u)" = 0 ]; then
	sudo=() drop=(setpriv --reuid "$uid" --regid "$uid" --clear-groups --)
elif sudo -n true 2>/dev/null; then
	sudo=(sudo -n) uid=$(id -u) drop=()
else
	echo "$suite: needs real root to compare with (run it as root)" >&2
	exit 1
fi

work=$(mktemp -d "${TMPDIR:-/tmp}/feign-$suite.XXXXXX")
trap '"${sudo[@]}" rm -rf "$work"' EXIT
chmod 755 "$work"
mkdir "$work/bin" "$work/home"
"${sudo[@]}" chown "$uid" "$work/home"

# The checkout may be in a place that the ordinary user cannot enter.
if [ -z "${FAKER:-}" ]; then
	[ -x "$top/bin/feign" ] || make -s -C "$top" build
	cp "$top/bin/feign" "$work/bin/"
fi
read -ra faker <<<"${FAKER:-$work/bin/feign run --}"

# Both sides get the same environment, so that a difference is the tool's.
clean=(env -i HOME="$work/home" LC_ALL=C.UTF-8 TZ=UTC
	PATH="$work/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin")

as_root() { "${sudo[@]}" "${clean[@]}" "$@" </dev/null; }
as_user() { "${drop[@]}" "${clean[@]}" "$@" </dev/null; }
faked() { as_user "${faker[@]}" "$@"; }
# user_dir DIR: an empty directory that belongs to the ordinary user.
user_dir() { mkdir -p "$1" && "${sudo[@]}" chown "$uid" "$1"; }

ok() {
	passed=$((passed + 1))
	printf '  ok    %s\n' "$*"
}

# bad NAME [FILE]: a comparison that failed, with the end of the file that says why.
bad() {
	failed=$((failed + 1))
	printf '  FAIL  %s\n' "$1"
	[ $# -lt 2 ] || tail -n 40 "$2" | sed 's/^/        /'
}

# same NAME ROOT FAKED: two files are equal. An empty reference shows nothing,
# and so it fails.
same() {
	if [ ! -s "$2" ]; then
		bad "$1: the reference is empty"
	elif [ ! -e "$3" ]; then
		bad "$1: nothing was written"
	elif cmp -s "$2" "$3"; then
		ok "$1 ($(wc -l <"$2") lines equal)"
	else
		diff -U1 --label root --label faked "$2" "$3" >"$work/diff" 2>&1 || :
		head -n 40 "$work/diff" >"$work/diff.head"
		bad "$1: $(grep -c '^[-+][^-+]' "$work/diff") lines differ" "$work/diff.head"
	fi
}

# both NAME CMD...: runs a command in $work/NAME.root as real root and in
# $work/NAME.user on the faked side. Messages and status must be equal; a
# reference that fails shows nothing, and so it fails here too.
both() {
	local name=$1 status=0
	shift
	mkdir "$work/$name.root"
	user_dir "$work/$name.user"
	(cd "$work/$name.root" && as_root "$@") >"$work/$name.root.out" 2>&1 || status=$?
	if [ "$status" != 0 ]; then
		bad "$name: the reference ends with status $status" "$work/$name.root.out"
		return
	fi
	echo "exit status 0" >>"$work/$name.root.out"
	(cd "$work/$name.user" && faked "$@") >"$work/$name.user.out" 2>&1 || status=$?
	echo "exit status $status" >>"$work/$name.user.out"
	same "$name: messages and exit status" "$work/$name.root.out" "$work/$name.user.out"
}

# same_files NAME FILE:TITLE...: compares what the two sides of both wrote.
same_files() {
	local name=$1 f
	shift
	for f; do same "$name: ${f#*:}" "$work/$name.root/${f%%:*}" "$work/$name.user/${f%%:*}"; done
}

finish() {
	printf '%s: %d passed, %d failed\n' "$suite" "$passed" "$failed"
	[ "$failed" = 0 ] && [ "$passed" -gt 0 ]
}
