#!/bin/sh
# The action: a small tree of everything that only root may make, by nothing but a shell and the utilities of POSIX with
# mknod, so that it runs in the barest sandbox (busybox is enough). Its contents do not depend on their versions.
set -eu
umask 022
mkdir root
cd root
mkdir -p bin dev etc empty var/mail
chmod 1777 empty
printf 'root:x:0:0:root:/:/bin/sh\nmail:x:8:8:mail:/var/mail:/bin/false\n' >etc/passwd
printf 'root:x:0:\nmail:x:8:\nshadow:x:42:\n' >etc/group
printf 'root:*:20000::::::\n' >etc/shadow
chown 0:42 etc/shadow
chmod 0640 etc/shadow
printf '#!/bin/sh\necho hello\n' >bin/hello
chmod 4755 bin/hello
ln bin/hello bin/again
ln -s hello bin/relative
ln -s /bin/hello bin/absolute
ln -s nowhere bin/dangling
chown -h 12:34 bin/relative
mknod -m 0666 dev/null c 1 3
mknod -m 0660 dev/sda b 8 0
mknod -m 0600 dev/gone c 0 0
mkfifo -m 0600 dev/initctl
chown 0:8 var/mail
chmod 2775 var/mail
: >var/mail/root # of group mail, as the directory is setgid
chmod 0600 var/mail/root
# What is read here is what was said, not what the disk has.
# shellcheck disable=SC2012 # stat(1) has no standard
[ "$(ls -ldn etc/shadow | awk '{ print $1, $3, $4 }')" = '-rw-r----- 0 42' ]
