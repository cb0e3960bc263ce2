# `nix develop`: the toolchain and the settings that feign is built with. The rest is the machine's.
{ system ? builtins.currentSystem
, go ? "/usr/local/go/bin"
, bash ? "/bin/bash"
}:
derivation {
  name = "feign-dev";
  inherit system;
  # nix develop runs bash with a script of its own, which looks for the name of the output.
  builder = bash;
  outputs = [ "out" ];
  args = [ "-c" "echo 'nix develop is what this is for' >&2; exit 1" ];
  PATH = "${go}:/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin";
  CGO_ENABLED = "0";
  GOTOOLCHAIN = "local";
}
