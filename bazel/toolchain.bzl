"""Where the rules get feign from."""

load(":providers.bzl", "FeignInfo")

TOOLCHAIN = "@feign//bazel:toolchain_type"

def _feign_toolchain_impl(ctx):
    return [platform_common.ToolchainInfo(feign = FeignInfo(
        executable = ctx.executable.feign,
        files = ctx.attr.feign[DefaultInfo].files_to_run,
    ))]

feign_toolchain = rule(
    implementation = _feign_toolchain_impl,
    attrs = {
        "feign": attr.label(
            allow_files = True,
            cfg = "exec",
            executable = True,
            mandatory = True,
            doc = "The feign program, for the platform that actions run on.",
        ),
    },
    doc = "A feign program, to be named by a `toolchain` of the type //bazel:toolchain_type.",
)

def _current_feign_impl(ctx):
    # A rule's executable has to be its own output; ctx.actions.symlink needs Bazel 3.
    program = ctx.toolchains[TOOLCHAIN].feign.executable
    feign = ctx.actions.declare_file(ctx.label.name + ".bin")
    ctx.actions.run_shell(
        outputs = [feign],
        inputs = [program],
        command = 'cp "$1" "$2" && chmod 755 "$2"',
        arguments = [program.path, feign.path],
        mnemonic = "FeignCopy",
        progress_message = "Copying feign",
    )
    return [DefaultInfo(files = depset([feign]), executable = feign)]

current_feign = rule(
    implementation = _current_feign_impl,
    toolchains = [TOOLCHAIN],
    executable = True,
    doc = "The feign of the toolchain that is registered, as a program.",
)
