#!/bin/sh
# Installs the Debian packages that are named, only when one of them is missing:
# a heavier suite says here what it needs, and costs nothing on a machine that
# has it. Needs root, or sudo that asks nothing.
#
# usage: install.sh PACKAGE...
set -eu

missing=
for p in "$@"; do
	case $(dpkg-query -W -f '${db:Status-Status}' "$p" 2>/dev/null) in
	installed) ;;
	*) missing="$missing $p" ;;
	esac
done
[ -n "$missing" ] || exit 0

sudo=
if [ "$(id -u)" != 0 ]; then
	sudo="sudo -n"
	$sudo true 2>/dev/null || {
		echo "install.sh: missing:$missing (install them, or run this as root)" >&2
		exit 1
	}
fi
export DEBIAN_FRONTEND=noninteractive
get() {
	# shellcheck disable=SC2086 # both are lists of words
	$sudo apt-get -qq -o Dpkg::Use-Pty=0 -o DPkg::Lock::Timeout=300 install -y --no-install-recommends $missing
}
echo "install.sh: installing$missing" >&2
# The lists of a fresh image are empty, those of an old one name files that are
# gone: either way one update is the cure, and not needed otherwise.
get >/dev/null 2>&1 || {
	$sudo apt-get -qq update
	get >/dev/null
}
