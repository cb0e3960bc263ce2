# shellcheck shell=bash disable=SC2154 # sourced by run, which sets these
# feign built by Bazel, without network and without rules for Go.

# Case 7. Go's cache is the suite's own, so that the second build need not do all of the first again.
mkdir "$work/root/gocache"
offline=(--experimental_sandbox_default_allow_network=false --spawn_strategy=linux-sandbox
	--action_env=GOCACHE="$work/root/gocache" --sandbox_writable_path="$work/root/gocache")
(cd "$top" && CGO_ENABLED=0 go build -trimpath -buildvcs=false -o "$work/go-build" ./cmd/feign)
workspace=$work/src
if built "//:feign" bazel4 root build "${offline[@]}" //:feign; then
	is "//:feign is what go build makes" "$(bin root | sed s,/example/,/feign/,)/feign" "$work/go-build"
fi

# As a toolchain, in a workspace that has no other.
workspace=$work/src/examples/bazel
sed -i '/^feign_prebuilt()/d' "$workspace/WORKSPACE"
if built "the toolchain from source" bazel4 root build "${offline[@]}" //rootfs:all; then
	is "the toolchain from source: the archive" "$(bin root)/rootfs/rootfs.tar.zst" "$want"
	is "the toolchain from source: the program" "$(bin root)/external/feign/bazel/feign.bin" "$work/go-build"
fi
