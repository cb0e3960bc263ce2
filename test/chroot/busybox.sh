#!/bin/sh
# The small tools of busybox that write accounts. Prints what they say, and then all files of accounts.
#
# usage: busybox.sh DIR    (for what they make besides)
set -u
cd "$1" || exit
exec 2>&1
say() { # CMD...: the status, where it is not 0
	echo "-- $*"
	"$@" || echo "status $?"
}
say addgroup -g 4000 team
say addgroup -g 4000 other
say addgroup -S daemons
say adduser -D -H -u 4001 -G team -h "$1/joe" -s /bin/sh joe
say adduser -D -u 4002 -g 'Ann, 2' -h "$1/ann" ann
say adduser -S -D -H -h / -G daemons daemon
say adduser -D -u 4001 double
say addgroup ann team
say addgroup daemon team
say delgroup daemon team
say adduser -D -h "$1/eve" eve
say deluser --remove-home eve
say addgroup spare
say delgroup spare
say delgroup daemons
say passwd -l ann
say passwd -u ann
say passwd -d joe
echo 'daemon:$1$salt$qJH7.N4xYta3aEG/dfqo/0' | say chpasswd -e
printf 'secret 2\nsecret 2\n' | passwd ann
say sed -i 's/^\(ann:\$\)[^:]*/\1/' /etc/shadow
say sed -i '/^nobody:/s/nonexistent/none/' /etc/passwd
say id ann
say id daemon
for name in passwd group shadow gshadow passwd- group- shadow- passwd+ group+ shadow+; do
	[ ! -e "/etc/$name" ] || say stat -c '%n %a %u:%g %h %F' "/etc/$name"
	[ ! -e "/etc/$name" ] || cat "/etc/$name"
done
stat -c '%n %a %u:%g %F' "$1" "$1"/*
