#!/bin/sh
# shellcheck disable=SC2016 # what the inner shell expands
# Programs of the machine in another root directory.
set -u
pwd
cat /etc/name /etc/abs /etc/up /bound/f
echo more >>/bound/f; mv /bound/f /bound/g; ls /given /bound; cat /given/g
ls / /etc /proc/self/fd/..
while read -r _ at kind _; do echo "$at is a mount: $kind"; done </proc/self/mounts
cd /etc/dir && pwd && pwd -P && cat f && cd ../.. && pwd
mkdir -p /work/tree/a/b
ln -s /work/tree/a /work/tree/link
cp -a /work/tree /work/copy
chown -R 3:4 /work/copy
find /work/copy -printf '%p %U:%G %m %l\n' | LC_ALL=C sort
tar -C /work -cf /work/t.tar copy
mkdir /work/out
tar -C /work/out -xf /work/t.tar
find /work/out -printf '%p %U:%G %m %l\n' | LC_ALL=C sort
install -o 5 -g 6 -m 4711 /etc/name /work/installed
stat -c '%n %u:%g %a %F' /work/installed /etc/abs
realpath /etc/up /work/tree/link/../a
readlink /proc/self/exe
printf '#!/usr/bin/env -S bash -e\necho "script $0 $*"\n' >/work/s
bash -c 'chmod 755 /work/s' 2>/dev/null || install -m 755 /work/s /work/s2
mv /work/s2 /work/s 2>/dev/null
/work/s a b
PATH=/work s c
cd /work && ./s d && ../work/s e
exec 9</etc/name
cat /proc/self/fd/9 /dev/fd/9 2>&1
cat <&9
chroot /work/tree /bin/sh; echo "status $?"
/none; echo "status $?"
/etc/name; echo "status $?"
sh -c 'cd /work/tree; rm -rf ../tree; ls; pwd'
rm -r /work/copy /work/out
ls /work
