#!/bin/sh
# A root directory that was entered by pivot_root(2): the old one is below it.
set -u
pwd
ls /
cat /etc/name /old/etc/../../etc/name
[ -e /old/bin/sh ] && echo 'the old root directory'
[ -e /old/work/pivot.sh ] || echo 'and not the new one'
readlink /proc/self/root || echo 'no /proc'
mount -t proc proc /proc && readlink /proc/self/root /proc/self/cwd
mkdir /work/again
pivot_root /work/again /work/again 2>/dev/null; echo "no mount: status $?"
mount --bind /work/again /work/again && mkdir /work/again/deep
umount /old 2>/dev/null; echo "busy: status $?"
umount -l /old; echo "status $?"
ls -A /old
umount /work/again; echo "status $?"
umount /work/again 2>/dev/null; echo "again: status $?"
chroot /work /bin/sh -c : 2>/dev/null; echo "status $?"
cd /work && pwd && ls
