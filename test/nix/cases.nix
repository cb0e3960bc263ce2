# Derivations that only the suite needs; examples/nix has the others.
{ system ? builtins.currentSystem, feign, busybox ? /usr/bin/busybox }:
let
  lib = import ../../nix/lib.nix { feign = _: feign; };
  utilities = import ../../examples/nix/utilities.nix { inherit system busybox; };
  shell = "${utilities}/bin/sh";
  # raw NAME FEIGN-ARGUMENTS SCRIPT: feign as the builder, a script as the action.
  raw = name: feignArgs: script: derivation {
    inherit name system;
    builder = "${feign}/bin/feign";
    args = [ "run" ] ++ feignArgs ++ [ "--" shell "-e" "-c" script ];
    PATH = "${utilities}/bin";
  };
in
{
  # What feign finds out about the sandbox.
  doctor = derivation {
    name = "doctor";
    inherit system;
    builder = shell;
    args = [ "-c" "${feign}/bin/feign doctor >$out" ];
  };

  # Each way of tracing that there is a name for: it works, or says that it does not.
  mode = builtins.listToAttrs (map
    (mode: {
      name = mode;
      value = raw "mode-${mode}" [ "--set" "trace.mode=${mode}" ]
        "touch f; chown 12:34 f; chmod 6755 f; mknod n c 1 3; stat -c '%a %u:%g %t,%T' f n >$out";
    }) [ "auto" "fast" "redirect" "stops" "syscall" ]);

  # The outputs of such a derivation stand in a file, not in variables.
  structured = lib.fakeRootDerivation {
    name = "structured";
    inherit system shell;
    __structuredAttrs = true;
    command = "PATH=${utilities}/bin; touch f; chown 12:34 f; chmod 4755 f";
  };

  # Nix kills a builder whose log nobody holds open any more.
  quiet = raw "quiet" [ ] "exec </dev/null >/dev/null 2>&1; (sleep 1; : >$out; chown 1:1 $out) & wait";

  # What an action cannot do may not look done: its status is the derivation's.
  failing = raw "failing" [ ] "touch $out; exit 3";
}
