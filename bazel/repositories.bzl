"""Where feign comes from, for WORKSPACE and, as repository rules, for MODULE.bazel."""

load(":go_repository.bzl", "feign_go_repository")
load(":prebuilt.bzl", "feign_prebuilt_repository")

def feign_from_source(name = "feign_go"):
    """Registers a toolchain whose feign is built from the sources of @feign by the machine's Go.

    Args:
      name: of the repository with Go and the modules; //:feign expects it to be "feign_go".
    """
    feign_go_repository(name = name)
    native.register_toolchains("@feign//bazel:source_toolchain")

def feign_prebuilt(name = "feign_prebuilt", **kwargs):
    """Registers a toolchain whose feign is a program that is there already.

    Args:
      name: of the repository with it.
      **kwargs: as for feign_prebuilt_repository: path or urls, and sha256.
    """
    feign_prebuilt_repository(name = name, **kwargs)
    native.register_toolchains("@%s//:toolchain" % name)
