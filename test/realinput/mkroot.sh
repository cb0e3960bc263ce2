#!/bin/sh
# Makes a small root file system that has one of everything which only root can
# make or own. The content is synthetic, and the same on every run.
#
# usage: mkroot.sh TREE
set -eu
umask 022
mkdir "$1"
cd "$1"

mkdir -p bin dev etc home/ada lib/modules run srv/share usr/bin usr/share/doc var/log var/spool/mail
chmod 1777 run
mkdir -m 1777 tmp
i=0
while [ $i -lt 200 ]; do
	i=$((i + 1))
	seq $i >usr/share/doc/$i.txt
	chown $((i % 7)):$((i % 11)) usr/share/doc/$i.txt
done

printf 'root:x:0:0:root:/root:/bin/sh\nada:x:1000:1000::/home/ada:/bin/sh\n' >etc/passwd
printf 'root:*:19000::::::\n' >etc/shadow
chown 0:42 etc/shadow
chmod 0640 etc/shadow
printf 'nobody reads this\n' >etc/secret
chmod 0000 etc/secret
mkdir -m 0 etc/closed
printf 'within a closed directory\n' >etc/closed/file

printf '#!/bin/sh\nexit 0\n' >bin/su
chmod 4755 bin/su
cp bin/su bin/crontab
chown 0:105 bin/crontab
chmod 2755 bin/crontab
cp bin/su bin/ping
chmod 755 bin/ping
setcap cap_net_raw+ep bin/ping
ln bin/su bin/sudo
ln -s su bin/link
ln -s /nowhere bin/dangling
chown -h 12:34 bin/dangling

mknod -m 666 dev/null c 1 3
mknod -m 600 dev/console c 5 1
mknod -m 660 dev/sda b 8 0
chown 0:6 dev/sda
mknod dev/big c 4095 1048575
ln dev/null dev/null2
mkfifo -m 620 dev/initctl
chown 0:5 dev/initctl

chown -R 1000:1000 home/ada
chmod 750 home/ada
chown 0:8 var/spool/mail
chmod 2775 var/spool/mail
touch var/spool/mail/ada
chown 1000 var/spool/mail/ada # made in a setgid directory: its group is 8
chmod 3770 srv/share
setfacl -m u:1000:rwx,g:8:r-x srv/share
setfacl -d -m u:1000:rwx,m::rwx srv/share
echo inherits >srv/share/file
mkdir srv/share/dir
setfattr -n user.origin -v 'somewhere else' srv/share/file
setfattr -n trusted.overlay.opaque -v y lib/modules
head -c 3000000 /dev/zero | tr '\0' a >var/log/large
printf 'odd' >"usr/share/doc/name,with;odd&letters"

# One time for all: a copy that keeps times can then be compared, and one that
# does not is found out.
find . -exec touch -h -d @1000000000 {} +
