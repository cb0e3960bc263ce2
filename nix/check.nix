# Whether feign works in the sandbox that builds this: what Nix refuses to a builder has to be there, and in the manifest,
# which is the output.
{ feign }:
derivation {
  name = "feign-check";
  inherit (feign) system builder GOCACHE GOENV GOTOOLCHAIN GOMODCACHE;
  args = [ "run" "-C" feign.src "./nix/build" "check" "${feign}/bin/feign" (placeholder "out") ];
}
