{
  description = "runs a build action that believes that it is root";

  # No inputs: what uses feign in a derivation needs no nixpkgs, and gets none to download. docs/NIX.md tells more.
  outputs = { self }:
    let
      each = f: builtins.listToAttrs (map (system: { name = system; value = f system; }) [
        "x86_64-linux"
        "aarch64-linux"
        "riscv64-linux"
      ]);
      package = system: import ./nix/feign.nix { inherit system; };
    in
    {
      packages = each (system: rec {
        default = feign;
        feign = package system;
        inherit (feign) fakeroot;
      });

      lib = import ./nix/lib.nix { feign = package; };

      overlays.default = import ./nix/overlay.nix;

      checks = each (system: rec {
        feign = package system;
        sandbox = import ./nix/check.nix { inherit feign; };
      });

      devShells = each (system: { default = import ./nix/shell.nix { inherit system; }; });
    };
}
