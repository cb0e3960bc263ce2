"""feign_archive: an archive of a tree and its manifest."""

load(":providers.bzl", "FeignTreeInfo")
load(":toolchain.bzl", "TOOLCHAIN")

def _feign_archive_impl(ctx):
    toolchain = ctx.toolchains[TOOLCHAIN].feign
    source = ctx.attr.tree[FeignTreeInfo]
    inputs = [source.tree, source.manifest]

    # Sandboxes hand files over as links. What these lead to is taken only if it has the digest of the manifest.
    arguments = ctx.actions.args()
    arguments.add_all(["pack", "--follow", "--check", "-m", source.manifest, "-o", ctx.outputs.out])
    arguments.add("-C", source.tree.path)
    if ctx.attr.format:
        arguments.add("--format", ctx.attr.format)
    if ctx.attr.epoch:
        arguments.add("--epoch", ctx.attr.epoch)
    if ctx.file.image:
        arguments.add("--image", ctx.file.image)
        inputs.append(ctx.file.image)
    ctx.actions.run(
        outputs = [ctx.outputs.out],
        inputs = inputs,
        executable = toolchain.executable,
        arguments = [arguments],
        mnemonic = "FeignArchive",
        progress_message = "Packing %s" % ctx.label,
    )
    return [DefaultInfo(files = depset([ctx.outputs.out]))]

feign_archive = rule(
    implementation = _feign_archive_impl,
    attrs = {
        "epoch": attr.string(doc = "latest time in the archive, in seconds since 1970; empty: as in the manifest"),
        "format": attr.string(doc = "the archive's format; empty: as the name of out says"),
        "image": attr.label(allow_single_file = True, doc = "JSON with the configuration of an OCI image"),
        "out": attr.output(mandatory = True, doc = "the archive"),
        "tree": attr.label(mandatory = True, providers = [FeignTreeInfo], doc = "a feign_action with a tree"),
    },
    toolchains = [TOOLCHAIN],
    doc = "Packs the tree of a feign_action as its manifest describes it, and verifies every file on the way.",
)
