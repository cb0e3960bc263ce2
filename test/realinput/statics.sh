#!/bin/sh
# The action of static.sh: the work of copies.sh by programs that are linked
# statically, which no preloaded library sees. FULL.tar has attributes, which
# busybox does not know: tar unpacks it for the Go program to read.
#
# usage: statics.sh PLAIN.tar FULL.tar
set -eu
umask 027
b() { busybox "$@"; }

b id -u
b mkdir a full
b tar -C a -xpf "$1"
b cp -a a b
treetool cp a c
b tar -C a -cf - . | b tar -tvf - | b sed 's, 20[^ ]* [0-9:]* , ,' | b sort >tar.txt
for t in a b c; do treetool ls $t >$t.txt; done
b find a ! -type d | b sort | b xargs busybox stat -c '%n %f %u:%g %t,%T %h %s' >stat.txt
# Without dates, which are those of today.
b ls -lnR a | b sed "s, [A-Z][a-z][a-z] .*[0-9][0-9]:*[0-9][0-9] , ," >ls.txt

tar -C full --xattrs --xattrs-include='*' --acls --numeric-owner -xpf "$2"
treetool cp full full2
treetool ls full2 >full.txt

b chown -R 7:8 b
b chmod -R g+ws,o-rwx b
b mknod b/null c 1 3
b cp a/bin/su b/su
b chown 3:4 b/su
b chmod 6755 b/su
treetool ls b >changed.txt
b rm -rf a/etc b full
b find a | b sort | b xargs busybox stat -c '%n %f %u:%g' >left.txt
