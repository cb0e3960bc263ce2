#!/bin/bash
# A minimal Debian system by debootstrap, with all its maintainer scripts, and what
# its own programs do in it. Writes list (all files), dev and programs.
set -eu
export PATH=/usr/sbin:/usr/bin:/sbin:/bin LC_ALL=C
mkdir -p debs
cp "$DEBS"/*.deb debs/
debootstrap --variant=minbase --cache-dir="$PWD/debs" "$SUITE" "$PWD/root" >log 2>&1 || {
	tail -n 5 log
	exit 1
}
describe() { find "$1" "${@:2}" -printf '%P %y %m %U:%G %l\n' | sort; }
describe root -regex 'root/\(proc\|sys\|dev\)' -prune -o >list
list root/dev >dev
# shellcheck disable=SC2016 # what the inner shell expands
chroot root /bin/sh -c 'id
useradd -m joe && id joe && su -s /bin/sh joe -c id
install -o joe -g joe -m 640 /etc/hostname /tmp/h && stat -c "%U:%G %a" /tmp/h
getent passwd joe; getent group joe
dpkg --verify; dpkg -l | wc -l' >programs 2>&1
