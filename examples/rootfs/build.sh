#!/bin/sh
# The action: makes a small root file system in ./root as root would. It knows
# nothing of feign, and does the same when real root runs it.
set -eu
umask 022

mkdir root
cd root
mkdir -p bin dev etc/init.d home/ada proc root run sbin srv/shared sys usr/bin var/log var/spool/mail
chmod 0700 root
chmod 1777 run
mkdir -m 1777 tmp

# Users and groups of its own: the manifest takes names from here.
cat >etc/passwd <<'EOF'
root:x:0:0:root:/root:/bin/sh
daemon:x:1:1:daemon:/:/bin/false
ada:x:1000:1000:Ada:/home/ada:/bin/sh
EOF
cat >etc/group <<'EOF'
root:x:0:
daemon:x:1:
tty:x:5:
disk:x:6:
mail:x:8:ada
shadow:x:42:
ada:x:1000:
EOF
printf 'root:*:20000::::::\nada:*:20000::::::\n' >etc/shadow
chown 0:42 etc/shadow
chmod 0640 etc/shadow
printf '127.0.0.1\tlocalhost\n' >etc/hosts
printf '#!/bin/sh\nmount -t proc proc /proc\nmount -t sysfs sys /sys\n' >etc/init.d/rcS
chmod 0755 etc/init.d/rcS

# One program, many names: hard links for some, symbolic links for the rest.
install -m 0755 /bin/busybox bin/busybox
for name in sh ls cat; do ln bin/busybox bin/$name; done
for name in cp mv rm mkdir mount umount ps vi; do ln -s busybox bin/$name; done
ln -s /bin/busybox sbin/init

# A program that runs as root whoever starts it, and one with a single
# capability instead. They are copies: mode and capability belong to the inode.
install -m 4755 /bin/busybox bin/su
install -m 0755 /bin/busybox bin/ping
setcap cap_net_raw+ep bin/ping

mknod -m 0666 dev/null c 1 3
mknod -m 0666 dev/zero c 1 5
mknod -m 0600 dev/console c 5 1
mknod -m 0660 dev/sda b 8 0
chown 0:5 dev/console
chown 0:6 dev/sda
mkfifo -m 0600 run/initctl

# Who owns what.
chown -R 1000:1000 home/ada
chmod 0750 home/ada
chown 0:8 var/spool/mail
chmod 2775 var/spool/mail
touch var/spool/mail/ada # of group mail, as the directory is setgid
chown 1000 var/spool/mail/ada
chown 1:1000 srv/shared
chmod 3770 srv/shared

echo "built as $(id -un), uid $(id -u)"
