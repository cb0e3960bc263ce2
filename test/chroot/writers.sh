#!/bin/sh
# Who writes accounts: the tools of Debian's packages passwd and adduser, a program that takes lckpwdf(3) and renames over, sed -i and a
# shell. Prints what they say, and then all files of accounts.
#
# usage: writers.sh DIR    (for what they make besides)
set -u
export LC_ALL=C
cd "$1" || exit
exec 2>&1
say() { # NAME CMD...: the status, where it is not 0
	echo "-- $1"
	shift
	"$@" || echo "status $?"
}
say groupadd groupadd -g 4000 team
say again groupadd -g 4000 team
say 'groupadd -r' groupadd -r -g 901 daemons
say useradd useradd -M -u 4001 -g team -d "$1/joe" -s /bin/sh joe
say 'useradd -m' useradd -m -u 4002 -U -G team -d "$1/ann" -s /bin/bash -c 'Ann, 1' ann
say 'useradd -r' useradd -r -u 902 -g daemons -d / other
say 'a number twice' useradd -M -u 4001 double
say usermod usermod -a -G ann -c 'Joe, 2' -s /bin/bash joe
say 'usermod -l' usermod -l john -u 4003 joe
say groupmod groupmod -n crew -g 4005 team
say 'gpasswd -a' gpasswd -a other crew
say 'gpasswd -M' gpasswd -M john,other daemons
say 'gpasswd -A' gpasswd -A ann crew
say 'gpasswd -d' gpasswd -d ann crew
say 'gpasswd -R' gpasswd -R ann
echo "-- chpasswd"
echo 'john:$1$salt$qJH7.N4xYta3aEG/dfqo/0' | chpasswd -e || echo "status $?"
echo 'other:secret' | chpasswd && sed -n 's/^other:\(\$y\$\)[^:]*/other:\1/p' /etc/shadow
echo 'other:*' | chpasswd -e
echo "-- passwd"
printf 'secret 2\nsecret 2\n' | passwd ann && sed -n 's/^ann:\(\$y\$\)[^:]*/ann:\1/p' /etc/shadow
say 'passwd -d' passwd -d ann
say 'passwd -l' passwd -l john
say 'passwd -S' passwd -S john
say 'passwd -n' passwd -n 3 -x 90 -w 5 john
say chage chage -E 2030-01-01 john
say chsh chsh -s /bin/sh ann
say chfn chfn -r 12 ann
echo "eve:secret:4010:4005:Eve:$1/eve:/bin/sh" >list
say newusers newusers list
say 'userdel -r' userdel -r eve
say groupdel groupadd spare
say groupdel groupdel spare
say 'groupdel of a group that is in use' groupdel ann
# vipw(8) takes what has another time of change, in seconds.
cat >editor <<'END'
#!/bin/sh
case $1 in
*passwd*) sed 's/Ann/Anna/' "$1" >edited && cat edited >"$1" ;;
*shadow*) sed -i 's/^other:\([^:]*\):[0-9]*:/other:\1:11111:/' "$1" ;;
*group*) sed -i 's/^\(crew:.*\)/\1,ann/' "$1" ;;
esac && touch -d '+1 minute' "$1"
END
chmod 755 editor
export EDITOR="$1/editor" VISUAL="$1/editor"
say vipw vipw
say 'vipw -s' vipw -s
say vigr vigr
say pwck pwck -qr
say grpck grpck -qr
say 'Debian addgroup' addgroup --gid 4020 writers
say 'Debian adduser' adduser --uid 4021 --gid 4020 --home "$1/dan" --shell /bin/sh --disabled-password --gecos 'Dan' dan
say 'Debian adduser, a member' adduser dan crew
say 'Debian adduser --system' adduser --system --group --no-create-home --home "$1/daemond" --uid 903 daemond
say 'Debian deluser, a member' deluser dan crew
say 'Debian deluser' deluser daemond
say 'lckpwdf and rename' accounts addgroup own 4030
say 'lckpwdf and rename' accounts adduser kim 4031 own "$1/kim"
say 'lckpwdf and rename' accounts id kim
say 'sed -i' sed -i 's/^other:[^:]*:[0-9]*:/other:x:904:/' /etc/passwd
say 'sed -i with a copy' sed -i.copy '/^nobody:/d' /etc/group
echo 'last:x:4040:4000::/:/bin/sh' >>/etc/passwd
echo "-- what came of it"
id john && id ann && id other && id last
for f in passwd group shadow gshadow subuid subgid; do
	for name in $f $f- $f+ $f.lock $f.edit $f.copy; do
		[ -e "/etc/$name" ] || continue
		stat -c '%n %F %a %u:%g %h %U:%G' "/etc/$name"
		cat "/etc/$name"
	done
done
ls -d /etc/sed* 2>/dev/null
find . -printf '%p %y %m %u:%g\n' | LC_ALL=C sort
