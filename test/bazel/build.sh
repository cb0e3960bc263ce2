# shellcheck shell=bash disable=SC2154 # sourced by run, which sets these
# feign built by Bazel, without network and without rules for Go.

# Case 7. Go's own cache takes minutes off it: what is in there was made of the same sources by the same compiler with the
# same flags, or it is not used. GO_COLD=1 does without.
gocache=$(go env GOCACHE)
[ -z "${GO_COLD:-}" ] || gocache=$work/root/gocache
mkdir -p "$gocache"
offline=(--experimental_sandbox_default_allow_network=false --spawn_strategy=linux-sandbox
	--action_env=GOCACHE="$gocache" --sandbox_writable_path="$gocache")
(cd "$top" && CGO_ENABLED=0 go build -trimpath -buildvcs=false -o "$work/go-build" ./cmd/feign)
workspace=$work/src
if built "//:feign" bazel4 root build "${offline[@]}" //:feign; then
	is "//:feign is what go build makes" "$(bin root 4 feign)/feign" "$work/go-build"
fi

# As a toolchain, in a workspace that has no other.
workspace=$work/src/examples/bazel
sed -i '/^feign_prebuilt()/d' "$workspace/WORKSPACE"
if built "the toolchain from source" bazel4 root build "${offline[@]}" //rootfs:rootfs @feign//bazel:feign; then
	is "the toolchain from source: the archive" "$(bin root)/rootfs/rootfs.tar.zst" "$want"
	is "the toolchain from source: the program" "$(bin root)/external/feign/bazel/feign.bin" "$work/go-build"
fi
