# A shell and the utilities of POSIX as a package: the machine's static busybox under each of its names. Who has nixpkgs
# takes pkgs.bash and pkgs.coreutils instead.
{ system, busybox }:
let
  # By its own name: that is how busybox knows that it is meant itself.
  program = builtins.path { name = "busybox-static"; path = dirOf busybox; filter = path: type: baseNameOf path == "busybox"; };
in
derivation {
  name = "utilities";
  inherit system;
  builder = "${program}/busybox";
  args = [ "sh" "-e" "-c" "busybox=${program}/busybox; $busybox mkdir -p $out/bin; $busybox --install -s $out/bin" ];
}
