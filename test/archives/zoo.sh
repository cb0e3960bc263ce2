#!/bin/sh
# Makes a tree with every type of file, and names that formats stumble over.
#
# usage: zoo.sh TREE
set -eu
umask 022
mkdir "$1"
cd "$1"
mkdir -p bin dev etc/empty usr/bin
mkdir -m 1777 tmp
mkdir -m 0711 'with blank'

printf 'root:x:0:0::/:/bin/sh\n' >etc/passwd
: >etc/nothing
printf 'secret\n' >etc/shadow
chown 0:42 etc/shadow
chmod 640 etc/shadow
seq 50000 >usr/large
printf 'su\n' >bin/su
chmod 4755 bin/su
ln bin/su usr/bin/sudo
printf 'ping\n' >bin/ping
chmod 755 bin/ping
setcap cap_net_raw,cap_net_admin+ep bin/ping
printf 'x\n' >usr/attributes
setfattr -n user.origin -v 'else where' usr/attributes
printf 'far\n' >usr/far
chown 70000:80000 usr/far
ln -s ../usr/large etc/link
ln -s '/no where' etc/dangling
chown -h 12:34 etc/dangling

mknod -m 666 dev/null c 1 3
mknod -m 660 dev/sda1 b 8 1
chown 0:6 dev/sda1
mknod -m 600 dev/big c 300 70000
mkfifo -m 620 dev/initctl
chown 0:5 dev/initctl
perl -MSocket -e 'socket(S, PF_UNIX, SOCK_STREAM, 0) and bind(S, sockaddr_un("dev/log")) or die $!'
chmod 666 dev/log

printf 'blank\n' >'with blank/a b'
chown 3:4 'with blank' 'with blank/a b'
printf 'quote\n' >usr/"don't \"quote\""
printf 'backslash\n' >'usr/back\slash'
printf 'hash\n' >'usr/#hash'
chmod 600 'usr/#hash' 'usr/back\slash'
printf 'equals\n' >'usr/a=b,c'

find . -exec touch -h -d @1000000000 {} +
touch -d @1100000000 usr/large
