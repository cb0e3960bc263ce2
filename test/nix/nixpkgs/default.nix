# Stands for nixpkgs where it cannot be had: as much of it as feign's overlay and examples/nix/flake.nix use. Packages are
# the machine's programs, by way of --option extra-sandbox-paths "/bin /lib /lib64 /usr".
{ system, overlays }:
let
  # A package is a place whose bin has the programs.
  machine = "/usr";
  prev = {
    stdenv.hostPlatform = { inherit system; };
    buildPackages.go = "/usr/local/go";
    cacert = machine;
    bash = machine;
    coreutils = machine;
    hello = hello;
    dockerTools = dockerTools { fakeroot = machine; };
  };
  hello = derivation {
    name = "hello";
    inherit system;
    builder = "/bin/bash";
    args = [ "-c" "/bin/mkdir -p $out/bin; echo 'echo hello' >$out/bin/hello; /bin/chmod 755 $out/bin/hello; :" ]; # chmod closes the log, and Nix would kill it
  };

  # The customisation layer of pkgs/build-support/docker, as its streamLayeredImage makes it.
  dockerTools = { fakeroot }: {
    override = dockerTools;
    streamLayeredImage = { name, contents, fakeRootCommands }: derivation {
      inherit name system fakeRootCommands contents;
      builder = "/bin/bash";
      PATH = "${fakeroot}/bin:/usr/bin:/bin";
      SOURCE_DATE_EPOCH = 315532800;
      args = [
        "-e"
        "-c"
        ''
          mkdir old_out $out
          cp -a $contents/. old_out
          chmod -R u+w old_out
          fakeroot bash -e -c '
            cd old_out
            eval "$fakeRootCommands"
            tar --sort name --exclude=./proc --exclude=./sys --numeric-owner --mtime "@$SOURCE_DATE_EPOCH" \
              --hard-dereference -cf $out/layer.tar .
          '
          sha256sum $out/layer.tar | cut -f 1 -d " " >$out/checksum
          :
        ''
      ];
    };
  };
  fix = builtins.foldl' (set: overlay: set // overlay (set // overlay set set) set) prev overlays;
in
fix
