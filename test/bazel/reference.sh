# shellcheck shell=bash disable=SC2154,SC2034 # sourced by run, which sets and reads these
# What everything else is compared with: the example's action as real root runs it, and under feign without Bazel.

script=$top/examples/bazel/rootfs/build.sh
mkdir "$work/real"
as_root ROOT="$work/real" sh "$script"
as_root tar -C "$work/real" --sort=name --format=posix --numeric-owner --mtime=@1735689600 -cf "$work/real.tar" .
tv "$work/real.tar" >"$work/real.txt"

user_dir "$work/plain"
(
	cd "$work/plain" || exit
	as_user sh -c 'umask 027; mkdir root; chmod 755 root'
	as_user feign run -c "$work/src/bazel/hermetic.toml" --set hermetic.epoch=1735689600 --set manifest.root=root \
		--set manifest.path=root.mtree --set archive.path=root.tar.zst --set action.env.ROOT=root -- \
		sh "$work/src/examples/bazel/rootfs/build.sh"
	as_user feign pack -m root.mtree -C root -o root.oci.tar --image "$work/src/examples/bazel/rootfs/image.json"
	zstd -qdf root.tar.zst
)
want=$work/plain/root.tar.zst
tv "$work/plain/root.tar" >"$work/plain.txt"
same "in a shell: the archive lists what real root makes" "$work/real.txt" "$work/plain.txt"
