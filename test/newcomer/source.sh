# shellcheck shell=bash disable=SC2164 # run ends at the first error
# Sourced by a user who builds from source: a first action, the two commands of the README's beginning, a known digest.

export PATH=/usr/local/go/bin:$PATH
cd feign
make build
sudo install bin/feign /usr/local/bin/
feign doctor
feign run -- sh -c 'id -u; install -o daemon -m 4755 /bin/true t; mknod n c 1 3; ls -ln t n' | grep '^-rwsr-xr-x 1 1 0 '
make demo
cd examples/reproduce
feign run -c feign.toml
sha256sum --check EXPECTED
