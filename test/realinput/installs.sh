#!/bin/sh
# The action of make.sh: installs into t, lists it, and archives it.
#
# usage: installs.sh BUILD
set -eu
umask 022
make -C "$1" -s install DESTDIR="$PWD/t" >/dev/null
rm -f "$1/install_manifest.txt" # cmake's; real root's would be in the other side's way
listing.sh t >installed.txt
tar_() { tar --numeric-owner --xattrs --xattrs-include='*' "$@"; }
tar_ -C t --sort=name -cf - . | tar_ -tvvf - |
	sed -E 's,[0-9-]{10} [0-9:]+ ,,; s, \./, ,g' | sort >tar.txt
