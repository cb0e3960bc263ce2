#!/bin/sh
# The action of copy.sh: cp, rsync and tar carry a root file system around the
# working directory, and listings of what each of them left are written beside.
#
# usage: copies.sh ROOTFS.tar
set -eu
umask 027 # none of these may ask it

tar_() { tar --xattrs --xattrs-include='*' --acls --numeric-owner "$@"; }

mkdir a d
tar_ -C a -xpf "$1"
cp -a a b
rsync -aHAX --numeric-ids a/ c
tar_ -C b --sort=name -cf - . | tar_ -C d -xp
tar_ -C a --sort=name -cf - . | tar_ -tvf - >tar.txt
for t in a b c d; do listing.sh $t >$t.txt; done
find a ! -type d -printf '%p %T@\n' | sort >times.txt

# What a build does to an installed tree, and how it goes away again.
chown -R 7:8 d
chmod -R g+ws,o-rwx d
listing.sh d >changed.txt
rm -r a/etc b/dev c
rm -rf d
find a b ! -type l -printf '%y %m %U:%G %p\n' | sort >left.txt
