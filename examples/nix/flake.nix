{
  description = "feign with nixpkgs: a tree, and a container image whose fakeRootCommands feign runs";

  inputs.feign.url = "github:feign-build/feign";
  inputs.nixpkgs.url = "github:NixOS/nixpkgs/nixos-unstable";

  outputs = { self, feign, nixpkgs }:
    let
      system = "x86_64-linux";
      pkgs = import nixpkgs { inherit system; overlays = [ feign.overlays.default ]; };
    in
    {
      packages.${system} = {
        tree = pkgs.feignLib.fakeRootDerivation {
          name = "tree";
          inherit system;
          shell = "${pkgs.bash}/bin/bash";
          path = [ pkgs.coreutils ];
          command = ''
            install -D -m 4755 ${pkgs.hello}/bin/hello bin/hello
            install -d -o 8 -g 8 -m 2775 var/mail
          '';
        };

        image = pkgs.feignDockerTools.streamLayeredImage {
          name = "service";
          contents = [ pkgs.hello ];
          fakeRootCommands = ''
            install -d -o 33 -g 33 srv
            install -m 4755 ${pkgs.hello}/bin/hello srv/hello
            mknod -m 666 srv/null c 1 3
          '';
        };
      };
    };
}
