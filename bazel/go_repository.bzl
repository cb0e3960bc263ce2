"""The machine's Go and the modules that feign is made of, as a repository."""

# Beside these, Go's own tests, documents and sources of its commands are not needed to build with it.
_SDK = ["VERSION", "bin", "go.env", "lib", "pkg", "src"]

_BUILD = """\
package(default_visibility = ["//visibility:public"])

filegroup(
    name = "sdk",
    srcs = ["sdk/VERSION", "sdk/go.env", "sdk/bin/go"] + glob(
        ["sdk/lib/**", "sdk/pkg/**", "sdk/src/**"],
        exclude = ["**/*_test.go", "**/testdata/**", "sdk/src/cmd/**"],
    ),
)

filegroup(
    name = "modules",
    srcs = glob(["modules/cache/download/**"], exclude = ["**/*.lock", "**/lock"]),
)
"""

def _run(ctx, arguments, environment):
    result = ctx.execute(arguments, environment = environment)
    if result.return_code != 0:
        fail("feign: %s: %s" % (" ".join([str(a) for a in arguments]), result.stderr))
    return result.stdout.strip()

def _feign_go_repository_impl(ctx):
    go = ctx.os.environ.get("FEIGN_GO") or ctx.which("go")
    if not go:
        fail("feign: no Go on the PATH: feign is built with it (install it, set FEIGN_GO, or use feign_prebuilt)")
    environment = {"GOENV": "off", "GOTOOLCHAIN": "local", "GOWORK": "off"}
    root = _run(ctx, [go, "env", "GOROOT"], environment)
    for name in _SDK:
        ctx.symlink(root + "/" + name, "sdk/" + name)

    # Modules come from the module cache of whoever runs Bazel, and only what is not there from a proxy. They are kept
    # as a proxy serves them, a few files each; go.sum holds their digests.
    cache = _run(ctx, [go, "env", "GOMODCACHE"], environment)
    proxy = "file://%s/cache/download,%s" % (cache, _run(ctx, [go, "env", "GOPROXY"], environment))
    for name in ["go.mod", "go.sum"]:
        ctx.file(name, ctx.read(ctx.path(Label("//:" + name))), executable = False)
    _run(ctx, [go, "mod", "download"], dict(
        environment,
        GOFLAGS = "-modcacherw",
        GOMODCACHE = str(ctx.path("modules")),
        GOPROXY = proxy,
    ))
    for path in ctx.path("modules").readdir():
        if path.basename != "cache":
            ctx.delete(path)
    ctx.file("BUILD.bazel", _BUILD, executable = False)

feign_go_repository = repository_rule(
    implementation = _feign_go_repository_impl,
    configure = True,
    environ = ["FEIGN_GO", "GOMODCACHE", "GOPATH", "GOPROXY", "HOME", "PATH"],
    doc = "Finds Go (FEIGN_GO, or on the PATH) and fetches the modules of go.mod, each with the digest of go.sum.",
)
