# shellcheck shell=bash disable=SC2164 # run ends at the first error
# Sourced by a user who knows Bazel: the package for the program, a workspace with the README's BUILD file.

sudo apt-get -qq install -y ./feign_0.0.1_amd64.deb
mkdir workspace
cd workspace
cat >WORKSPACE <<'END'
workspace(name = "mine")

local_repository(name = "feign", path = "../feign")

load("@feign//bazel:repositories.bzl", "feign_prebuilt")

feign_prebuilt()
END
cp ../blocks/README.python.1 BUILD.bazel
cat >build.sh <<'END'
cd "$ROOT"
mkdir dev
mknod -m 660 dev/sda b 8 0
install -o root -g daemon -m 2755 /bin/true tool
END
# Bazel's own toolchains would be downloaded.
mkdir -p ~/rules_cc/cc
echo 'workspace(name = "rules_cc")' >~/rules_cc/WORKSPACE
: >~/rules_cc/cc/BUILD
for rule in binary import library test toolchain toolchain_suite; do echo "cc_$rule = native.cc_$rule"; done >~/rules_cc/cc/defs.bzl
bazel build --override_repository=rules_cc="$HOME/rules_cc" --override_repository=rules_java=/usr/share/bazel/rules/java \
	--experimental_repository_disable_download //:rootfs
zstd -dc bazel-bin/rootfs.tar.zst | tar -tv --numeric-owner >list
bazel shutdown
grep '^brw-rw---- 0/0 .* 8,0 .* dev/sda$' list
grep '^-rwxr-sr-x 0/1 .* tool$' list
