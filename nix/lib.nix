# What uses feign in derivations. Nothing here needs nixpkgs; docs/NIX.md explains it.
#
# `feign` is a function from a system to the package of nix/feign.nix, for the derivations that do not name one.
{ feign }:
let
  program = args: "${args.feign or (feign args.system)}/bin/feign";

  # The manifest in the output `lies`: a name that says how it is compressed.
  manifestIn = lies: "${lies}/lies.mtree.zst";

  # Sandboxes have their own environment, which is passed; everything else is hermetic.
  config = { epoch, network }: builtins.toFile "feign.toml" ''
    [action]
    env_pass = ["*"]

    [hermetic]
    epoch = ${toString epoch}
    network = "${network}"
  '';

  own = [ "args" "command" "env" "epoch" "feign" "feignArgs" "format" "image" "network" "path" "shell" "tree" ];
in
rec {
  # wrap DERIVATION: the same derivation, whose builder believes to be root. It is one that something else made
  # (stdenv.mkDerivation), or what `derivation` takes. `feignArgs` are options of `feign run`.
  wrap = drv:
    let attrs = drv.drvAttrs or drv; in
    derivation (removeAttrs attrs [ "feign" "feignArgs" ] // {
      builder = program drv;
      args = [ "run" ] ++ drv.feignArgs or [ ] ++ [ "--" attrs.builder ] ++ attrs.args or [ ];
    });

  # fakeRootDerivation { name, system, command, ... }: a tree that a shell makes as root.
  #
  #   command   text for the shell, which begins in the tree (in $NIX_BUILD_TOP/tree with `format`)
  #   shell     a POSIX shell; the default is the one of Nix's own sandbox
  #   path      packages whose bin is in $PATH
  #   env       more variables
  #   epoch     SOURCE_DATE_EPOCH, and the latest time of a file
  #   tree      an earlier fakeRootDerivation to go on from, with all that it claimed
  #   format    none: the outputs are `out`, the tree as far as a store can keep it, and `lies`, what it cannot: the manifest.
  #             tar.zst, cpio.gz, oci.tar ...: `out` is that archive, and `lies` the manifest
  #   image     with format oci or oci.tar: what the image is and runs, as `feign pack --image` takes it
  fakeRootDerivation =
    { name
    , system
    , command
    , shell ? "/bin/sh"
    , path ? [ ]
    , env ? { }
    , epoch ? 315532800
    , network ? "deny"
    , feignArgs ? [ ]
    , tree ? null
    , format ? null
    , ...
    }@args:
    let
      out = placeholder "out";
      lies = placeholder "lies";
      root = if format == null then out else "tree"; # in the builder's directory
      run = [ (program args) "run" "-c" (config { inherit epoch network; }) "-m" (manifestIn lies) "--root" root ]
        ++ (if format == null
      then [ "--set" "manifest.placeholders=true" ]
      else [ "--set" "archive.path=${out}" "--set" "archive.format=${format}" ])
        ++ (if tree == null then [ ] else [ "--import" (manifestIn tree.lies) ])
        ++ feignArgs ++ [ "--" shell "-e" "-c" "cd ${root}\n${command}" ];
    in
    derivation (env // removeAttrs args own // {
      inherit name system;
      outputs = [ "out" "lies" ];
      builder = shell;
      args = [
        "-e"
        "-c"
        ''
          ${if tree == null then "mkdir ${root}" else "cp -RP ${tree} ${root}; chmod -R u+w ${root}"}
          mkdir ${lies}
          exec "$@"
        ''
        "feign"
      ] ++ run;
      PATH = builtins.concatStringsSep ":" (map (p: "${p}/bin") path);
    });

  # archive { name, system, tree, format }: an archive of an earlier fakeRootDerivation, in a derivation of its own: it is
  # taken from the store, whatever has optimised, copied or fetched it there.
  archive = { name, system, tree, format, image ? null, feignArgs ? [ ], ... }@args:
    derivation (removeAttrs args own // {
      inherit name system;
      builder = program args;
      args = [ "pack" "-m" (manifestIn tree.lies) "-C" tree.out "-o" (placeholder "out") "--format" format ]
        ++ (if image == null then [ ] else [ "--image" (builtins.toFile "image.json" (builtins.toJSON image)) ])
        ++ feignArgs;
    });

  # image { name, system, tree, image }: a container image of one layer, which `skopeo copy oci-archive:` takes.
  image = args: archive ({ format = "oci.tar"; } // args);
}
