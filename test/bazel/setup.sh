# shellcheck shell=bash disable=SC2154 # sourced by run, which sets these
# Sourced by run. Installs Bazel, puts the sources where both users can read them, and says how Bazel is run:
#
#   bazel4 WHO COMMAND...   Debian's, as WHO: root or user
#   bazel2 WHO COMMAND...   npm's
#   bin WHO [VERSION [WORKSPACE]]   where its results are
#
# Each runs in the example's workspace, offline, with the output of the last one in $work/log.

"$top/test/scripts/install.sh" bazel-bootstrap bazel-rules-java tar zstd
command -v npm >/dev/null || "$top/test/scripts/install.sh" npm
(
	cd "$work"
	npm install --silent --no-fund --no-audit --ignore-scripts @bazel/bazel-linux_x64@2.1.0 >"$work/npm.log" 2>&1
) || bad "npm install" "$work/npm.log"

# The example is the workspace; what only this suite asks for is a package in it.
mkdir -p "$work/src"
tar -C "$top" --exclude=./.git --exclude='./bazel-*' --exclude=./bin --exclude=./out -cf - . | tar -C "$work/src" --no-same-owner -xf -
cp -r "$here/cases" "$work/src/examples/bazel/"
cp -r "$top/examples/reproduce" "$work/src/examples/bazel/cases/"
chmod -R a+rX,u+w "$work/src"
mkdir "$work/root" "$work/user"
chown "$uid" "$work/user"

# Bazel's built-in toolchains name two repositories of rules that it would download, as soon as any toolchain is looked for.
mkdir -p "$work/rules_cc/cc"
echo 'workspace(name = "rules_cc")' >"$work/rules_cc/WORKSPACE"
: >"$work/rules_cc/cc/BUILD"
for rule in binary import library test toolchain toolchain_suite; do
	echo "cc_$rule = native.cc_$rule"
done >"$work/rules_cc/cc/defs.bzl"
cat >"$work/bazelrc" <<END
build --color=no --curses=no --noshow_loading_progress
build --override_repository=rules_cc=$work/rules_cc --override_repository=rules_java=/usr/share/bazel/rules/java
END
cp "$work/bazelrc" "$work/bazelrc2"
echo 'build --symlink_prefix=/ --nosandbox_debug --experimental_repository_disable_download' >>"$work/bazelrc"

# Where a command runs: the network namespace of the remote worker, when there is one.
inside=()
# as_words WHO: sets words to those that run a command as WHO. What is started in the background needs them, to be killed
# by its own id and not by a subshell's.
as_words() {
	words=("${inside[@]}")
	[ "$1" != user ] || words+=("${drop[@]}")
	words+=("${clean[@]}" HOME="$work/$1" USER="$1" GOPROXY=off GOMODCACHE="$(go env GOMODCACHE)" FEIGN_GO="$(command -v go)")
}
as() {
	local words
	as_words "$1"
	"${words[@]}" "${@:2}" </dev/null
}

workspace=$work/src/examples/bazel
bazel4() {
	local who=$1
	shift
	(cd "$workspace" && as "$who" timeout 900 bazel --bazelrc="$work/bazelrc" --nohome_rc --noworkspace_rc --max_idle_secs=120 \
		--output_user_root="$work/$who/4" "${startup[@]}" "$@") >"$work/log" 2>&1
}
bazel2() {
	local who=$1
	shift
	(cd "$workspace" && as "$who" timeout 600 "$work/node_modules/@bazel/bazel-linux_x64/bazel-2.1.0-linux-x86_64" \
		--bazelrc="$work/bazelrc2" --nosystem_rc --nohome_rc --noworkspace_rc --max_idle_secs=120 \
		--output_user_root="$work/$who/2" "$@") >"$work/log" 2>&1
}
startup=()
bin() { (cd "$work/$1/${2:-4}" && echo "$PWD"/*/execroot/"${3:-example}"/bazel-out/k8-fastbuild/bin); }

# Servers stay until they are told to go.
leave() {
	local who
	for who in root user; do
		[ ! -d "$work/$who/4" ] || bazel4 "$who" shutdown || :
		[ ! -d "$work/$who/2" ] || bazel2 "$who" shutdown || :
	done
	[ -z "${worker:-}" ] || kill "$worker" || :
	[ -z "${network:-}" ] || kill "$network" || :
	rm -rf "$work"
}
trap leave EXIT

# built NAME CMD...: a build that has to succeed.
built() {
	local name=$1
	shift
	if "$@"; then return 0; fi
	bad "$name: the build failed" "$work/log"
	return 1
}

# fails_with NAME PATTERN CMD...: a build that has to fail, for the reason that is given.
fails_with() {
	local name=$1 pattern=$2
	shift 2
	if "$@"; then
		bad "$name: the build succeeded" "$work/log"
	elif grep -qE -- "$pattern" "$work/log"; then
		ok "$name: $(grep -m 1 -oE -- "$pattern" "$work/log")"
	else
		bad "$name: failed, but not with $pattern" "$work/log"
	fi
}

# holds NAME CMD...: a command has to succeed. The log of Bazel's last command says why it does not.
holds() {
	if "${@:2}" >"$work/out" 2>&1; then
		ok "$1"
	else
		bad "$1" "$work/log"
	fi
}
# ran PATTERN: how the actions of the last build were run, in Bazel's words.
ran() { grep -qE "INFO: [0-9]+ process(es)?: $1" "$work/log"; }

sum() { sha256sum <"$1" | cut -d ' ' -f 1; }
# is NAME FILE WANT: a file has the bytes that another one has, by digest.
is() {
	local want
	want=$(sum "$3")
	if [ -s "$2" ] && [ "$(sum "$2")" = "$want" ]; then
		ok "$1 (${want:0:12})"
	else
		bad "$1: not the bytes of the reference"
	fi
}

# expected NAME FILE: a file is the archive of examples/reproduce.
expected() {
	local want
	want=$(sed -n 's/ *root.tar$//p' "$top/examples/reproduce/EXPECTED")
	if [ "$(sum "$2")" = "$want" ]; then ok "$1 (${want:0:12})"; else bad "$1: not the digest in EXPECTED"; fi
}

# tv TAR: what an archive lists, in the order of the names; of directories and files alike, without ./ in front.
tv() {
	as_root tar --numeric-owner --full-time -tvf "$1" | sed -E 's, \./(.), \1,g' | sort -k6
}

# cells VERSION WHO STRATEGY NOTE FLAG...: builds the archives from scratch and compares them with those of the
# shell.
cells() {
	local version=$1 who=$2 strategy=$3 name results
	local names=([2]=2.1.0 [4]=4.2.3)
	name="${names[$version]}, $who, $strategy$4"
	shift 4
	"bazel$version" "$who" clean || bad "$name: clean" "$work/log"
	built "$name" "bazel$version" "$who" build --spawn_strategy="$strategy" "$@" //rootfs:all //cases:requires_fakeroot //cases:reproduce ||
		return 0
	ran ".*[0-9]+ $strategy" || bad "$name: not the strategy that ran" "$work/log"
	results=$(bin "$who" "$version")
	is "$name: feign_action" "$results/rootfs/rootfs.tar.zst" "$want"
	is "$name: tree, then feign_archive" "$results/rootfs/from_tree.tar.zst" "$want"
	is "$name: genrule" "$results/rootfs/by_genrule.tar.zst" "$want"
	is "$name: genrule that requires-fakeroot" "$results/cases/requires_fakeroot.tar.zst" "$want"
	is "$name: image" "$results/rootfs/image.oci.tar" "$work/plain/root.oci.tar"
	expected "$name: the common example" "$results/cases/reproduce.tar"
}
