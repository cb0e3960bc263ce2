"""feign_action: an action that believes that it is root."""

load(":providers.bzl", "FeignTreeInfo")
load(":toolchain.bzl", "TOOLCHAIN")

# $1 the tree, or nothing; $2 what is to be done with it afterwards; $3 feign; then feign's arguments.
#
# A remote executor does not make the directory that an action declares, others do; modes that the parent directory or
# the umask would give the tree's root must not show. Trees that are left over are removed, for not every strategy does.
_RUN = """\
set -eu
tree=$1 after=$2 feign=$3
shift 3
if [ -n "$tree" ]; then
    if [ "$after" = pack ]; then
        clean() { [ ! -e "$tree" ] || { chmod -R u+rwX "$tree" && rm -rf "$tree"; }; }
        clean
        trap clean EXIT
    fi
    mkdir -p "$tree"
    chmod a-st,u=rwx,go=rx "$tree"
fi
"$feign" run "$@"
case $after in
"" | pack) ;;
*) "$feign" manifest carry "$after" "$tree" ;;
esac
"""

def _expand(ctx, name, text):
    text = ctx.expand_location(text, ctx.attr.srcs + ctx.attr.tools)
    return ctx.expand_make_variables(name, text, {})

def _feign_action_impl(ctx):
    toolchain = ctx.toolchains[TOOLCHAIN].feign
    outputs = list(ctx.outputs.outs)
    providers = []
    settings = {key: _expand(ctx, "settings", value) for key, value in ctx.attr.settings.items()}
    arguments = ctx.actions.args()

    manifest = ctx.outputs.manifest
    tree, after = "", ""
    if ctx.attr.tree:
        directory = ctx.actions.declare_directory(ctx.attr.tree)
        manifest = manifest or ctx.actions.declare_file(ctx.attr.tree + ".mtree")
        outputs.append(directory)
        providers.append(FeignTreeInfo(tree = directory, manifest = manifest))
        tree, after = directory.path, manifest.path
    elif ctx.outputs.archive or manifest:
        beside = ctx.outputs.archive or manifest
        tree, after = "%s/%s.tree" % (beside.dirname, ctx.label.name), "pack"
    if manifest:
        outputs.append(manifest)
        settings["manifest.path"] = manifest.path
    if ctx.outputs.archive:
        outputs.append(ctx.outputs.archive)
        settings["archive.path"] = ctx.outputs.archive.path
    if not outputs:
        fail("%s makes nothing (outs, archive, tree or manifest)" % ctx.label)
    if tree:
        settings["manifest.root"] = tree
        settings["action.env.ROOT"] = tree
    for name, value in ctx.attr.env.items():
        settings["action.env." + name] = _expand(ctx, "env", value)

    arguments.add_all([tree, after, toolchain.executable, "-c", ctx.file.config])
    for key, value in sorted(settings.items()):
        arguments.add("--set", "%s=%s" % (key, value))
    if ctx.attr.cmd:
        arguments.add_all(["--", "sh", "-euc", _expand(ctx, "cmd", ctx.attr.cmd)])

    ctx.actions.run_shell(
        outputs = outputs,
        inputs = ctx.files.srcs + [ctx.file.config],
        tools = [toolchain.files] + [tool[DefaultInfo].files_to_run for tool in ctx.attr.tools],
        command = _RUN,
        arguments = [arguments],
        mnemonic = "FeignAction",
        progress_message = "Running %s as if by root" % ctx.label,
    )
    return providers + [DefaultInfo(files = depset(outputs))]

feign_action = rule(
    implementation = _feign_action_impl,
    attrs = {
        "archive": attr.output(
            doc = "an archive that feign makes of the directory $ROOT, in the format that its name says",
        ),
        "cmd": attr.string(
            doc = "shell commands, run with `sh -euc`, written as in a genrule: $(location X), $$ for $. Empty: the command of config",
        ),
        "config": attr.label(
            allow_single_file = [".toml"],
            default = "//bazel:hermetic.toml",
            doc = "feign's configuration; what the other attributes say is stronger",
        ),
        "env": attr.string_dict(
            doc = "variables of the command, written as cmd",
        ),
        "manifest": attr.output(
            doc = "what the directory $ROOT holds and what is claimed about it",
        ),
        "outs": attr.output_list(
            doc = "files that the command itself writes",
        ),
        "settings": attr.string_dict(
            doc = "keys of the configuration, as in {\"hermetic.epoch\": \"1735689600\"}; values are written as cmd",
        ),
        "srcs": attr.label_list(
            allow_files = True,
            doc = "files that the command reads",
        ),
        "tools": attr.label_list(
            allow_files = True,
            cfg = "exec",
            doc = "programs that the command runs",
        ),
        "tree": attr.string(
            doc = "name of a directory with the contents of $ROOT, for feign_archive; its manifest is NAME.mtree",
        ),
    },
    toolchains = [TOOLCHAIN],
    doc = "Runs a command that believes that it is root, and makes of what it leaves in the directory $ROOT one archive.",
)
