"""A feign program that is there already, as a repository with a toolchain."""

_BUILD = """\
load("@feign//bazel:toolchain.bzl", "feign_toolchain")

package(default_visibility = ["//visibility:public"])

exports_files(["feign"])

feign_toolchain(
    name = "prebuilt_feign",
    feign = "feign",
)

toolchain(
    name = "toolchain",
    toolchain = ":prebuilt_feign",
    toolchain_type = "@feign//bazel:toolchain_type",
)
"""

def _feign_prebuilt_repository_impl(ctx):
    if ctx.attr.urls:
        if ctx.attr.path:
            fail("feign_prebuilt: path and urls (one of them)")
        if not ctx.attr.sha256:
            fail("feign_prebuilt: urls without sha256: what is downloaded has to be checked")
        ctx.download(ctx.attr.urls, "feign", sha256 = ctx.attr.sha256, executable = True)
    else:
        path = ctx.attr.path or ctx.os.environ.get("FEIGN") or ctx.which("feign")
        if not path:
            fail("feign_prebuilt: no feign on the PATH (install it, set FEIGN, or give path, or urls and sha256)")
        if ctx.attr.sha256:
            result = ctx.execute(["sha256sum", path])
            if result.return_code != 0:
                fail("feign_prebuilt: " + result.stderr)
            if not result.stdout.startswith(ctx.attr.sha256 + " "):
                fail("feign_prebuilt: %s has sha256 %s, expected was %s" % (path, result.stdout.split(" ")[0], ctx.attr.sha256))
        ctx.symlink(path, "feign")
    ctx.file("BUILD.bazel", _BUILD, executable = False)

feign_prebuilt_repository = repository_rule(
    implementation = _feign_prebuilt_repository_impl,
    attrs = {
        "path": attr.string(doc = "absolute path of the program; empty: FEIGN in the environment, then feign on the PATH"),
        "sha256": attr.string(doc = "of the program; needed with urls"),
        "urls": attr.string_list(doc = "where the program is downloaded from, in place of path"),
    },
    configure = True,
    environ = ["FEIGN", "PATH"],
    doc = "A feign program that is there already. Its target :toolchain is what register_toolchains takes.",
)
