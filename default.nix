# feign for `nix-build` without flakes: see flake.nix and docs/NIX.md.
{ system ? builtins.currentSystem, ... }@args:
let feign = import ./nix/feign.nix ({ inherit system; } // args); in
feign // { lib = import ./nix/lib.nix { feign = _: feign; }; }
