# shellcheck shell=bash
# shellcheck disable=SC2154 # work and user are of run
# Sourced by run, after nscd.sh: systemd-userdbd itself and the C library's module that asks it, from Debian's packages, which are unpacked
# and not installed. It runs in a mount namespace in which a user ghost is described, and whoever asks it runs in another, which has its
# socket; a user spirit is described in both.

mkdir -p "$work/userdbd/run/systemd/userdb" "$work/userdbd/run/userdb"
packages=(systemd-userdbd libnss-systemd)
(cd "$work/userdbd" && { apt-get -qq download "${packages[@]}" || { apt-get -qq update && apt-get -qq download "${packages[@]}"; }; } &&
	for package in *.deb; do dpkg -x "$package" .; done) >"$work/err" 2>&1
for name in ghost:6666 spirit:6667; do
	id=${name#*:} name=${name%:*}
	echo "{\"userName\": \"$name\", \"uid\": $id, \"gid\": $id, \"homeDirectory\": \"/\", \"shell\": \"/bin/sh\"}" >"$work/userdbd/run/userdb/$name.user"
	ln -s "$name.user" "$work/userdbd/run/userdb/$id.user"
done
mkdir "$work/userdbd/described"
mv "$work/userdbd/run/userdb/"{ghost.user,6666.user} "$work/userdbd/described/"
cp -a "$work/userdbd/run/userdb/." "$work/userdbd/described/"
printf 'passwd: files systemd\ngroup: files systemd\nshadow: files systemd\n' >"$work/userdbd/nsswitch.conf"
chmod -R a+rX "$work/userdbd"
cat >"$work/userdbd/ask.sh" <<'EOF2'
set -- "$1" "$1"/usr/lib/*-linux-gnu
export LD_LIBRARY_PATH="$2"
for name in ghost 6666 spirit; do
	getent passwd $name || echo "no $name"
done
getent -s systemd passwd ghost || echo "not by the module"
for name in ghost spirit; do
	"$1/usr/bin/userdbctl" user $name 2>/dev/null | sed -n 's/ *UID: */userdbctl: /p' | grep . || echo "userdbctl: no $name"
done
getent passwd www
EOF2
cat >"$work/userdbd/session.sh" <<'EOF2'
work=$1 user=$2
mount --bind "$work/userdbd/run" /run
mount --bind "$work/userdbd/lib/systemd" /lib/systemd
mount --bind "$work/userdbd/nsswitch.conf" /etc/nsswitch.conf
unshare -m sh -c 'mount --bind "$0/described" /run/userdb; exec /lib/systemd/systemd-userdbd' "$work/userdbd" >"$work/userdbd/log" 2>&1 &
for _ in $(seq 100); do
	[ ! -S /run/systemd/userdb/io.systemd.Multiplexer ] || break
	sleep 0.1
done
cd "$work/t"
for config in none inline files; do
	echo "-- $config"
	setpriv --reuid "$user" --regid "$user" --clear-groups -- "$work/feign" run -c "$work/$config.toml" -- sh "$work/userdbd/ask.sh" "$work/userdbd" 2>>"$work/userdbd/log"
done
kill $!
wait
EOF2
answers=$(timeout 60 unshare -m --propagation private sh "$work/userdbd/session.sh" "$work" "$user" 2>"$work/err")
cat "$work/userdbd/log" >>"$work/err"
www=www:x:3333:3334:Web:/var/www:/bin/sh
expect "systemd-userdbd itself: it is not there, with the policy" "-- none
ghost:x:6666:6666:ghost:/:/bin/sh
ghost:x:6666:6666:ghost:/:/bin/sh
spirit:x:6667:6667:spirit:/:/bin/sh
ghost:x:6666:6666:ghost:/:/bin/sh
userdbctl: 6666
userdbctl: 6667
-- inline
no ghost
no 6666
no spirit
not by the module
userdbctl: no ghost
userdbctl: no spirit
$www
-- files
no ghost
no 6666
no spirit
not by the module
userdbctl: no ghost
userdbctl: no spirit
$www" "$answers"
