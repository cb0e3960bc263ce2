# feign in Nix, without nixpkgs: `nix-build examples/nix -A archive`. All that is named here is the tree of
# ../reproduce; each tar of it has the digest in ../reproduce/EXPECTED.
{ system ? builtins.currentSystem
, feign ? import ../.. { inherit system; }
, busybox ? /usr/bin/busybox # not by way of /bin, which may be a link
}:
let
  lib = import ../../nix/lib.nix { feign = _: feign; };
  utilities = import ./utilities.nix { inherit system busybox; };
  shell = "${utilities}/bin/sh";
  path = [ utilities ];
in
rec {
  # feign as the builder, with the example's own configuration: one action that makes one archive.
  direct = derivation {
    name = "direct.tar";
    inherit system;
    builder = "${feign}/bin/feign";
    args = [
      "run"
      "-c"
      "${../reproduce/feign.toml}"
      "--set"
      "archive.path=${placeholder "out"}"
      "--set"
      "archive.format=tar"
      "--"
      shell
      "${../reproduce/build.sh}"
    ];
    PATH = "${utilities}/bin";
  };

  # Two outputs: the tree as the store keeps it, and what it cannot keep.
  tree = lib.fakeRootDerivation {
    name = "tree";
    inherit system shell path;
    epoch = 1735689600;
    command = ''
      sh ${../reproduce/build.sh}
      mv root/* .
      rmdir root
    '';
  };

  # Both bound again, by a derivation that only packs.
  archive = lib.archive { name = "tree.tar"; inherit system tree; format = "tar"; };

  # Both bound again, by an action that sees what the first one claimed.
  again = lib.fakeRootDerivation {
    name = "again.tar";
    inherit system shell path tree;
    epoch = 1735689600;
    format = "tar";
    command = ''
      test "$(stat -c '%a %u:%g' etc/shadow var/mail | xargs)" = '640 0:42 2775 0:8'
      test -c dev/null && test -p dev/initctl && test -u bin/hello
    '';
  };

  # The same with a change: what was claimed before is there still.
  changed = lib.fakeRootDerivation {
    name = "changed.tar";
    inherit system shell path tree;
    epoch = 1735689600;
    format = "tar";
    command = ''
      chown 8:8 bin/hello
      chmod 2755 bin/hello
      echo more >>etc/group
    '';
  };

  # A container image.
  image = lib.image {
    name = "image.oci.tar";
    inherit system tree;
    image = { architecture = "amd64"; config = { Cmd = [ "/bin/hello" ]; User = "8"; }; };
  };

  # Someone else's derivation, run by one who believes to be root.
  wrapped = lib.wrap (derivation
    {
      name = "wrapped";
      inherit system;
      builder = shell;
      args = [ "-e" "-c" "touch f; chown 12:34 f; chmod 4755 f; stat -c '%a %u:%g' f >$out" ];
      PATH = "${utilities}/bin";
    } // { inherit feign; });

  # What a builder gets without feign.
  control = derivation {
    name = "control";
    inherit system;
    builder = shell;
    args = [ "-c" "touch $out; chmod 4755 $out" ];
    PATH = "${utilities}/bin";
  };
}
