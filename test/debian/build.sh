#!/bin/bash
# A minimal Debian system with all its maintainer scripts, from the packages in $REPO and without a network; packages that apt adds
# to it; and what its own programs say in it. Writes programs; the system is in root.
set -eu
export PATH=/usr/sbin:/usr/bin:/sbin:/bin LC_ALL=C DEBIAN_FRONTEND=noninteractive
debootstrap --variant=minbase --no-check-gpg bookworm "$PWD/root" "file://$REPO" >log 2>&1 || {
	tail -n 20 log
	exit 1
}
in_root() { chroot root /usr/bin/env -i PATH="$PATH" LC_ALL=C DEBIAN_FRONTEND=noninteractive sh -c "$1"; }

# What dpkg and apt want of a system.
mount -t proc proc root/proc
mount -t devpts devpts root/dev/pts

# apt gets its packages as its user _apt.
cp -r "$REPO" root/packages
echo 'deb [trusted=yes] copy:/packages bookworm main' >root/etc/apt/sources.list
in_root "apt-get update && apt-get install -y --no-install-recommends $EXTRA" >>log 2>&1 || {
	tail -n 20 log
	exit 1
}
if grep -n 'unsandboxed\|^E:' log; then exit 1; fi
rm -rf root/packages

# shellcheck disable=SC2016 # what the inner shell expands
in_root '
exec 2>&1
id
echo "-- users"
useradd -m -s /bin/sh joe && id joe && su -s /bin/sh joe -c "id; touch ~/mine; cat /etc/shadow; stat -c %U:%G ~/mine"
adduser --system --group --home /srv/daemon daemond >/dev/null 2>&1; id daemond
groupadd -g 4000 team && usermod -aG team joe && id joe
echo "joe:\$1\$salt\$qJH7.N4xYta3aEG/dfqo/0" | chpasswd -e && su -s /bin/sh nobody -c "id -un"; getent passwd joe; getent group team; pwck -qr; grpck -qr
install -d -o _apt -m 700 /tmp/download && cd /tmp/download && su -s /bin/sh _apt -c "id -un; touch by-apt; ls -l | cut -d\  -f1-4"
cd / && install -o joe -g team -m 6750 /bin/true /usr/local/bin/theirs && stat -c "%U:%G %a" /usr/local/bin/theirs
echo "-- packages"
dpkg --verify; dpkg -l | grep -c ^ii; dpkg --audit; dpkg-statoverride --list
getcap /usr/bin/ping; stat -c "%n %U:%G %a" /usr/bin/crontab /var/spool/cron/crontabs /var/lib/apt/lists/partial
apt-get check -qq; apt-get purge -y -qq cron >/dev/null; dpkg -l cron | tail -n 1 | cut -c1-2; getent group crontab
echo "-- sysusers and tmpfiles"
mkdir -p /usr/lib/sysusers.d /usr/lib/tmpfiles.d
printf "g web 555\nu webd 556:555 \"Web daemon\" /srv/web /usr/sbin/nologin\nm joe web\n" >/usr/lib/sysusers.d/web.conf
printf "d /srv/web 2750 webd web\nf /srv/web/index 0640 webd web - hello\nL /srv/web/link - - - - index\nz /srv/web/index 0644 joe web\np /srv/web/pipe 0600 webd web\nc /srv/web/null 0666 root web - 1:3\nt /srv/web - - - - user.kind=web\n" >/usr/lib/tmpfiles.d/web.conf
systemd-sysusers; echo $?; getent passwd webd; id -nG joe
systemd-tmpfiles --create web.conf; echo $?; find /srv/web -printf "%p %y %m %u:%g %l\n" | sort
' >programs
umount root/dev/pts root/proc
