# shellcheck shell=bash disable=SC2154 # sourced by run, which sets these
# Case 6: a policy plugin in an action.

cp -r "$here/policy" "$workspace/"
(cd "$top/examples/plugin" && CGO_ENABLED=0 go build -trimpath -buildvcs=false -o "$workspace/policy/stamp" .)
cat >"$workspace/policy/stamp.toml" <<END
[hermetic]

[[plugin]]
name = "stamp"
path = "policy/stamp"
sha256 = "$(sum "$workspace/policy/stamp")"
[plugin.config]
customer = "acme"
END
chmod -R a+rX "$workspace/policy"
printf 'acme\nacme\n' >"$work/acme"
for strategy in linux-sandbox local; do
	if built "plugin, $strategy" bazel4 user build --spawn_strategy=$strategy --experimental_sandbox_default_allow_network=false //policy:all; then
		same "plugin, $strategy: feign_action" "$work/acme" "$(bin user)/policy/by_action.txt"
		same "plugin, $strategy: genrule, no network, a long TMPDIR" "$work/acme" "$(bin user)/policy/by_genrule.txt"
	fi
	bazel4 user clean
done
# The program is taken only with the digest in the configuration.
sed -i 's/^sha256 = "./&0/; s/^\(sha256 = "[0-9a-f]\{64\}\)./\1/' "$workspace/policy/stamp.toml"
fails_with 'a plugin with another digest' 'feign: plugin "stamp": .*sha256.*' bazel4 user build //policy:by_action
