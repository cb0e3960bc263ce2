#!/bin/sh
# A small musl system: a loader, busybox and a tool for accounts, with a script in it that adds users and gives them files by name.
# $MUSL has the programs. Writes programs; the system is in root.
set -eu
mkdir -p root/bin root/sbin root/lib root/etc root/var/lib root/dev root/tmp root/proc root/usr/bin
chmod 1777 root/tmp
install -m 755 "$MUSL/busybox" root/bin/busybox
install -m 755 "$MUSL/accounts" "$MUSL/accounts-static" root/sbin/
install -m 755 "$MUSL/ld-musl-x86_64.so.1" root/lib/
ln -s ld-musl-x86_64.so.1 root/lib/libc.musl-x86_64.so.1
printf 'root:x:0:0:root:/root:/bin/sh\nnobody:x:65534:65534:nobody:/:/sbin/nologin\n' >root/etc/passwd
printf 'root:x:0:root\nnobody:x:65534:\n' >root/etc/group
printf 'root:*::0:::::\nnobody:!::0:::::\n' >root/etc/shadow
chmod 640 root/etc/shadow
for applet in sh ls cat chown chmod mkdir mknod ln id su install stat find sort rm mv tar touch; do ln -s busybox "root/bin/$applet"; done
cat >root/setup.sh <<'END'
set -eu
a=/sbin/accounts
$a addgroup www 101
$a addgroup crew 102
$a adduser app 100 www /var/lib/app
/sbin/accounts-static adduser other 103 crew /var/lib/other
/sbin/accounts-static addgroup www 104 || echo "refused: $?"
$a id app
/sbin/accounts-static id app
$a id nobody
/sbin/accounts-static id other
$a id none || echo "refused: $?"
mkdir -p /srv/data
touch /srv/data/one /srv/data/two
ln -s one /srv/data/link
$a chown app crew /srv/data/one
/sbin/accounts-static chown other www /srv/data/link
chown -R app:www /srv/data/two
chown other /srv/data
chmod 2770 /srv/data
mknod /dev/null c 1 3
mknod /dev/loop0 b 7 0
chmod 666 /dev/null
chown root:crew /dev/loop0
ls -l /srv/data /var/lib | sed 's/ [A-Z][a-z][a-z] [ 0-9:]* / /' 2>/dev/null || stat -c '%n %U:%G %a' /srv/data/* /var/lib/*
su -s /bin/sh app -c 'id; cat /etc/shadow; touch /var/lib/app/mine; stat -c "%U:%G" /var/lib/app/mine' 2>&1 || echo "su: $?"
tar -C /srv -cf /tmp/data.tar data && mkdir /tmp/out && tar -C /tmp/out -xf /tmp/data.tar && stat -c '%n %U:%G %a' /tmp/out/data /tmp/out/data/*
rm -r /tmp/data.tar
END
chroot root /bin/sh /setup.sh >programs 2>&1
rm root/setup.sh
