# shellcheck shell=bash disable=SC2164 # run ends at the first error
# Sourced by a user who knows Nix: the flake, and the example's archive, whose digest is known.

sudo install -d -o ann /nix
export USER=ann NIX_CONFIG=$'substituters =\nexperimental-features = nix-command flakes\nflake-registry =\nsandbox = true\nsandbox-fallback = false\nextra-sandbox-paths = /usr/local/go /proxy'
cd feign
nix build
./result/bin/feign version
nix-build examples/nix -A archive
sha256sum <result | grep -q "^$(sed -n 's/ *root.tar$//p' examples/reproduce/EXPECTED) "
