# shellcheck shell=bash disable=SC2154 # sourced by suites, which set these
# Sourced after lib.sh by the suites that run something in gVisor.

# in_gvisor ROOT DIR CMD...: a command of the root file system ROOT in DIR of it, as root, without cgroups, network and anything
# of the machine's; DIR has to be a directory of the machine too. What is written in there stays there. runsc gives its standard
# input to nobody, so that is not /dev/null.
in_gvisor() {
	local root=$1 dir=$2 status=0
	shift 2
	as_root sh -c ': | "$@"' sh runsc --root "$work/runsc" --network=none --ignore-cgroups --platform=ptrace \
		'do' --root "$root" --cwd "$dir" "$@" >"$work/out" 2>&1 || status=$?
	cat "$work/out"
	return $status
}
