# shellcheck shell=bash disable=SC2154,SC2034 # sourced by run, which sets and reads these
# Trees that Bazel has carried, and what is made of them.

built trees bazel4 user build --spawn_strategy=linux-sandbox //rootfs:all //cases:all || return 0
results=$(bin user)

# Case 2: suid, 0600, an empty directory, three kinds of link, a hard link, devices and a FIFO.
tv "$results/cases/plain.tar" >"$work/carried.txt"
same "a tree in a sandbox: its archive lists what real root makes" "$work/real.txt" "$work/carried.txt"
is "the manifest of a tree" "$results/rootfs/root.mtree" "$work/plain/root.mtree"
as_user zstd -dc "$results/cases/manifest_only.mtree.zst" >"$work/only.mtree"
is "a manifest alone" "$work/only.mtree" "$work/plain/root.mtree"
holds "feign manifest verify --carried" as_user feign manifest verify --carried "$results/rootfs/root.mtree" "$results/rootfs/root"
if find "$results/rootfs/root" -type l -lname '/*' -o -type p | grep -q .; then
	bad "absolute links or FIFOs are left in the tree"
else
	ok "no absolute link and no FIFO in the tree"
fi
tv "$results/cases/own_tar.tar" >"$work/own.txt"
same "tar within the action lists what real root makes" "$work/real.txt" "$work/own.txt"
tv "$results/cases/next.tar" | grep -v ' bin/hello' >"$work/next.txt"
grep -v ' bin/hello' "$work/real.txt" >"$work/real-next.txt"
same "an action that goes on: what it left alone" "$work/real-next.txt" "$work/next.txt"
holds "an action that goes on: what it changed" test "$(tv "$results/cases/next.tar" | grep -cE '^[-h]rws--x--x 7/7 ')" = 2

# Case 3: a cache, and a second output base.
cache=$work/user/disk
bazel4 user clean
built "disk cache: filled" bazel4 user build --disk_cache="$cache" //rootfs:all
bazel4 user clean
if built "disk cache: taken" bazel4 user build --disk_cache="$cache" //rootfs:all //cases:plain; then
	holds "disk cache: only the new consumer runs" ran '.*[0-9]+ (disk|remote) cache hit.*, 1 linux-sandbox'
	is "disk cache: the archive" "$results/rootfs/rootfs.tar.zst" "$want"
	is "disk cache: the archive of a tree from the cache" "$results/cases/plain.tar" "$work/plain/root.tar"
fi
if built "built again" bazel4 user build --disk_cache="$cache" //rootfs:all //cases:plain; then
	holds "built again: nothing runs" ran '1 internal'
fi
startup=(--output_base="$work/user/other")
if built "second output base" bazel4 user build --disk_cache="$cache" //rootfs:all //cases:plain; then
	holds "second output base: everything from the cache" ran '[0-9]+ (disk|remote) cache hit, [0-9]+ internal\.'
	other=$work/user/other/execroot/example/bazel-out/k8-fastbuild/bin
	is "second output base: the archive" "$other/rootfs/rootfs.tar.zst" "$want"
	is "second output base: of a tree" "$other/cases/plain.tar" "$work/plain/root.tar"
fi
bazel4 user shutdown
startup=()

# Case 5: bytes are taken only with the digest of the manifest.
fails_with 'a byte changed' 'bin/hello: sha256 is [0-9a-f]+, the manifest says' bazel4 user build //cases:of_tampered_byte
fails_with 'a longer file' 'bin/hello: [0-9]+ bytes, the manifest says' bazel4 user build //cases:of_tampered_size
fails_with 'a file that is missing' 'bin/hello: not in the tree' bazel4 user build //cases:of_tampered_missing
fails_with 'a link to a file of the machine' 'bin/hello: .* the manifest says' bazel4 user build //cases:of_tampered_link

# Case 8, and what goes wrong otherwise.
nested=$results/cases/nested.txt
built nested bazel4 user build //cases:nested || :
holds "feign in feign: its status is 125" grep -qx 125 "$nested"
holds "feign in feign: it says why" grep -q '^feign: cannot trace the action: feign is itself being traced' "$nested"
fails_with "the command's status is the action's" '\(Exit 3\)' bazel4 user build //cases:fails
fails_with 'the same without a sandbox' '\(Exit 3\)' bazel4 user build --spawn_strategy=local //cases:fails
if [ -e "$results/cases/fails.tree" ]; then bad "a tree is left over"; else ok "no tree is left over, though it may not be read"; fi
fails_with 'an action without results' 'makes nothing \(outs, archive, tree or manifest\)' bazel4 user build //cases:makes_nothing
