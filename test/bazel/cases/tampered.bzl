"""A tree that is no longer what its manifest says."""

load("@feign//bazel:defs.bzl", "FeignTreeInfo")

def _tampered_tree_impl(ctx):
    source = ctx.attr.tree[FeignTreeInfo]
    tree = ctx.actions.declare_directory(ctx.label.name)
    ctx.actions.run_shell(
        outputs = [tree],
        inputs = [source.tree],
        command = 'mkdir -p "$2" && cp -RL "$1/." "$2" && chmod -R u+w "$2" && cd "$2" && ' + ctx.attr.command,
        arguments = [source.tree.path, tree.path],
    )
    return [
        DefaultInfo(files = depset([tree])),
        FeignTreeInfo(tree = tree, manifest = source.manifest),
    ]

tampered_tree = rule(
    implementation = _tampered_tree_impl,
    attrs = {
        "command": attr.string(mandatory = True),
        "tree": attr.label(mandatory = True, providers = [FeignTreeInfo]),
    },
)
