# shellcheck shell=bash disable=SC2154 # sourced by run, which sets these
# The shorter list, with the oldest Bazel at hand.

for strategy in linux-sandbox local; do
	cells 2 user $strategy ''
done
built '2.1.0: other cases' bazel2 user build //cases:all &&
	is '2.1.0: a tree' "$(bin user 2)/cases/plain.tar" "$work/plain/root.tar"
fails_with '2.1.0: a byte changed' 'bin/hello: sha256 is [0-9a-f]+, the manifest says' bazel2 user build //cases:of_tampered_byte
bazel2 user shutdown
# It leaves links to its results in the workspace of whoever may write there.
rm -f "$workspace"/bazel-*
