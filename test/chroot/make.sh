#!/bin/sh
# What an action does in a root directory that the configuration gives it, for the
# manifest.
set -eu
echo "$(id -u):$(id -g) in $(pwd)"
read -r name </etc/name
mkdir -p /work/tree/deep /work/jail/bin
echo "$name" >/work/tree/deep/f
chown -R 3:4 /work/tree
chmod 4750 /work/tree/deep/f
ln /work/tree/deep/f /work/tree/hard
ln -s /work/tree/deep /work/link
mkdir /work/link/by-link
mknod /work/null c 1 3
mv /work/tree/deep /work/moved
cp /bin/busybox /work/jail/bin/sh
mkdir /work/jail/proc
mount -t proc proc /work/jail/proc
chroot /work/jail /bin/sh -c 'echo "in $(pwd): $(echo /*)"; echo x >/made; read -r pid rest </proc/self/stat && [ $pid -gt 0 ] && echo proc'
umount /work/jail/proc
chown 7 /work/jail/made
if mount -t tmpfs none /work/tree; then echo mounted; fi 2>/dev/null
if echo no >/etc/bound; then echo written; fi 2>/dev/null
for name in /etc/bound /make.sh /dev/null; do
	if rm "$name"; then echo removed; fi 2>&1
	if mv /work/tree/hard "$name"; then echo replaced; fi 2>&1
done
cat /etc/bound
stat -c '%n %u:%g %a' /etc/bound /proc/version /work/jail/made /work/moved/f
