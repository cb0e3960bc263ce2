#!/usr/bin/env bash
# Runs the commands of both examples on examples/rootfs, as an ordinary user: all but the installation.
#
# usage: run.sh FEIGN
set -euo pipefail
feign=$(realpath "$1")
here=$(cd "$(dirname "$0")" && pwd)
"$here/../../test/scripts/install.sh" busybox-static libcap2-bin tar zstd

work=$(mktemp -d "${TMPDIR:-/tmp}/feign-ci.XXXXXX")
trap 'rm -rf "$work"' EXIT
chmod 755 "$work"
mkdir "$work/bin"
cp "$feign" "$work/bin/feign"
user=()
[ "$(id -u)" != 0 ] || user=(setpriv --reuid 1500 --regid 1500 --clear-groups --)

# The lines of `run:`, and those of `script:`.
awk '/^ *run: \|/ { block = 1; next } block && /^          / { print; next } { block = 0 } sub(/^ *run: /, "")' "$here/github.yml" >"$work/github"
sed -n 's/^    - //p' "$here/gitlab.yml" >"$work/gitlab"
passed=0 failed=0
for ci in github gitlab; do
	mkdir "$work/$ci.dir"
	cp "$here"/../rootfs/{build.sh,feign.toml} "$work/$ci.dir/"
	[ ${#user[@]} = 0 ] || chown -R 1500:1500 "$work/$ci.dir"
	# feign is there already. The second job of GitLab's begins with what is left of the first one: the artifacts.
	sed -E 's/.*go install [^&]*(&& )?/: \&\& /; s/: && $/rm -rf root/' "$work/$ci" >"$work/$ci.sh"
	if (cd "$work/$ci.dir" && "${user[@]}" env PATH="$work/bin:$PATH" GITHUB_STEP_SUMMARY=summary sh -eu "$work/$ci.sh") >"$work/log" 2>&1 &&
		[ "$(grep -c . "$work/$ci.sh")" -ge 4 ]; then
		passed=$((passed + 1))
		echo "  ok    $ci"
	else
		failed=$((failed + 1))
		echo "  FAIL  $ci"
		tail -n 20 "$work/log"
	fi
done
# The runner's user cannot have made these; the image has them.
if tar --numeric-owner -tvf "$work/github.dir/root.tar.zst" | grep '^brw-rw---- 0/6 .* dev/sda$' >/dev/null && cmp "$work"/{github,gitlab}.dir/root.tar.zst &&
	tar -tf "$work/gitlab.dir/root.oci.tar" | grep '^blobs/sha256/' >/dev/null; then
	passed=$((passed + 1))
	echo '  ok    the same archive from both'
else
	failed=$((failed + 1))
	echo '  FAIL  the same archive from both'
fi
echo "ci: $passed passed, $failed failed"
[ "$failed" = 0 ]
