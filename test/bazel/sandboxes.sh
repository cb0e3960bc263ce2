# shellcheck shell=bash disable=SC2154 # sourced by run, which sets these
# One archive, whatever a sandbox makes of user and file system.

# Case 1, without the remote part.
for who in root user; do
	for strategy in linux-sandbox processwrapper-sandbox local; do
		cells 4 "$who" $strategy ''
		cells 4 "$who" $strategy ', fake user name' --sandbox_fake_username
	done
done

# Whether the sandbox bites: what feign is there for fails without it.
fails_with 'control: the action without feign' 'Operation not permitted|Invalid argument' \
	bazel4 user build --spawn_strategy=linux-sandbox //cases:without_feign
# Nothing is left over where there is no sandbox to take it away.
if find "$(bin user)/rootfs" -name '*.tree' | grep -q .; then bad "local: a tree is left over"; else ok "local: no tree is left over"; fi
