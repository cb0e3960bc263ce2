# An overlay for those who have nixpkgs (with Go 1.26 or later).
#
#   feign               the package; feign.fakeroot has it as bin/fakeroot
#   feignLib            nix/lib.nix
#   feignDockerTools    dockerTools whose fakeRootCommands are run by feign: static programs, capabilities and suid
#                       modes are in the layer. enableFakechroot is still proot's.
final: prev:
let
  feign = import ./feign.nix {
    inherit (final.stdenv.hostPlatform) system;
    go = "${final.buildPackages.go}/bin/go";
    caBundle = "${final.cacert}/etc/ssl/certs/ca-bundle.crt";
  };
in
{
  inherit feign;
  feignLib = import ./lib.nix { feign = _: final.feign; };
  feignDockerTools = prev.dockerTools.override { inherit (final.feign) fakeroot; };
}
