"""Builds a Go program as the Makefile does, from its modules' archives, without network."""

# $1 the program, $2 the version, $3 the package, $4 where go.mod is, $5 the list of sources, $6 the Go SDK, $7 the modules.
# Sources and SDK are copied, because go:embed takes no links, and a sandbox holds nothing else. GOCACHE may be passed
# with --action_env to keep Go's own cache.
_BUILD = """\
set -eu
unset CDPATH
here=$PWD
work=$(mktemp -d "${TMPDIR:-/tmp}/feign-build.XXXXXX")
trap 'rm -rf "$work"' EXIT
mkdir "$work/src"
(cd "$4" && xargs cp -L --parents -t "$work/src") <"$5"
cp -RL "$6" "$work/go"
cd "$work/src"
env -i PATH=/usr/bin:/bin HOME="$work" GOROOT="$work/go" GOPATH="$work/path" GOCACHE="${GOCACHE:-$work/cache}" \\
    GOPROXY="file://$here/$7" GOFLAGS=-modcacherw GOENV=off GOSUMDB=off GOTELEMETRY=off GOTOOLCHAIN=local GOWORK=off \\
    CGO_ENABLED=0 "$work/go/bin/go" build -trimpath -buildvcs=false -ldflags "${2:+-X main.version=$2}" -o "$here/$1" "$3"
"""

def _below(file, directory):
    return file.path[len(directory) + 1:] if directory else file.path

def _feign_go_build_impl(ctx):
    program = ctx.actions.declare_file(ctx.label.name)
    sources = ctx.actions.declare_file(ctx.label.name + ".sources")
    root = ctx.label.workspace_root
    ctx.actions.write(sources, "".join([_below(f, root) + "\n" for f in ctx.files.srcs]))

    go = [f for f in ctx.files.sdk if f.path.endswith("/sdk/VERSION")][0]
    proxy = ctx.files.modules[0].path
    proxy = proxy[:proxy.index("/cache/download/")] + "/cache/download"
    ctx.actions.run_shell(
        outputs = [program],
        inputs = ctx.files.srcs + ctx.files.sdk + ctx.files.modules + [sources],
        command = _BUILD,
        arguments = [program.path, ctx.attr.version, ctx.attr.package, root or ".", sources.path, go.dirname, proxy],
        mnemonic = "FeignGoBuild",
        progress_message = "Building %s with go build" % ctx.label,
        use_default_shell_env = True,
    )
    return [DefaultInfo(files = depset([program]), executable = program)]

feign_go_build = rule(
    implementation = _feign_go_build_impl,
    attrs = {
        "modules": attr.label(mandatory = True),
        "package": attr.string(mandatory = True),
        "sdk": attr.label(mandatory = True),
        "srcs": attr.label_list(allow_files = True, mandatory = True),
        "version": attr.string(doc = "what `feign version` says; empty: as without one"),
    },
    executable = True,
    doc = "A static Go program, by `go build`.",
)
