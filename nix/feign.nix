# feign, built by nothing but a Go toolchain: the same bytes as `make build`. The outputs are `out`, and `fakeroot` with
# feign as bin/fakeroot.
#
#   go         the go command; the default is the machine's, for --option extra-sandbox-paths /usr/local/go
#   goCache    a directory for the toolchain's build cache; a sandbox path of that name makes it last
#   caBundle   certificates for the download of the modules, for --option extra-sandbox-paths as well
{ system ? builtins.currentSystem
, go ? "/usr/local/go/bin/go"
, goCache ? "/tmp/go-cache"
, caBundle ? "/etc/ssl/certs/ca-certificates.crt"
}:
let
  src = builtins.path {
    name = "feign-source";
    path = ../.;
    filter = path: type:
      let
        name = baseNameOf path;
        top = builtins.substring (builtins.stringLength (toString ../. + "/")) (-1) (toString path);
      in
      if type == "directory"
      then !(builtins.elem top [ "bazel" "bench" "bin" "docs" "examples" "out" "packaging" "test" ])
        && builtins.substring 0 1 name != "." && builtins.match "bazel-.*|testdata" name == null
      else builtins.match ".*_test\\.go" name == null
        && (top == "go.mod" || top == "go.sum" || builtins.match "[^/]*" top == null);
  };

  common = {
    inherit system;
    builder = go;
    GOCACHE = goCache;
    GOENV = "off";
    GOSUMDB = "off"; # go.sum vouches for the modules
    GOTOOLCHAIN = "local";
  };

  # The modules, by the hash of what they are and not of how they came: `nix-store --add-fixed` can put them in place
  # before (docs/NIX.md).
  modules = derivation (common // {
    name = "feign-modules";
    args = [ "run" "-C" src "./nix/build" "modules" (placeholder "out") ];
    GOMODCACHE = "/tmp/feign-modules"; # of the program that downloads; it imports nothing
    SSL_CERT_FILE = caBundle;
    outputHashMode = "recursive";
    outputHash = builtins.replaceStrings [ "\n" ] [ "" ] (builtins.readFile ./modules.hash);
    impureEnvVars = [ "GOPROXY" "http_proxy" "https_proxy" "no_proxy" ];
  });
in
derivation (common // {
  name = "feign";
  outputs = [ "out" "fakeroot" ];
  args = [ "run" "-C" src "./nix/build" "package" ];
  GOMODCACHE = modules;
  GOPROXY = "off";
  GOFLAGS = "-mod=readonly";
}) // { inherit modules src; }
