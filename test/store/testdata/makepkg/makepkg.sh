#!/bin/bash
# Packs files the way makepkg(8) of Arch Linux does: the script begins as the user and starts itself again in the fakeroot
# environment, with -F; there it insists on being in one, and does what only root may.
set -e
if [ "$1" != -F ]; then
	[ "$(id -u)" != 0 ] || { echo "running as root" >&2; exit 10; }
	mkdir -p pkg/usr/bin
	echo hello >pkg/usr/bin/hello
	exec fakeroot -- bash -"$-" "${BASH_SOURCE[0]}" -F "$@"
fi
[ -n "$FAKEROOTKEY" ] || { echo "-F is for makepkg's own use" >&2; exit 1; }
umask 0022
chown -R root:root pkg
chown root:games pkg/usr/bin/hello
chmod 2755 pkg/usr/bin/hello
mkdir -p pkg/var/lib/hello
chown daemon:mail pkg/var/lib/hello
find pkg -exec touch -h -d @1000000000 {} +
cd pkg
exec tar --sort=name --format=gnu -cf ../package.tar .
