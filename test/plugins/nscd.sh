# shellcheck shell=bash
# shellcheck disable=SC2154 # work and user are of run
# Sourced by run, after sockets.sh: nscd itself, from Debian's package, which is unpacked and not installed. It runs in a mount namespace in
# which /etc/passwd has one user more, and whoever asks it runs in another, which has its socket: so what is known of that user is
# known from nscd.

mkdir -p "$work/nscd/cache/nscd" "$work/nscd/run/nscd"
chmod 755 "$work/nscd/run" "$work/nscd/run/nscd"
(cd "$work/nscd" && { apt-get -qq download nscd || { apt-get -qq update && apt-get -qq download nscd; }; } && dpkg -x nscd_*.deb .) >"$work/err" 2>&1
{ cat /etc/passwd && echo 'ghost:x:6666:6666::/:/bin/sh'; } >"$work/nscd/passwd"
cat >"$work/nscd/session.sh" <<'EOF2'
work=$1 user=$2
mount --bind "$work/nscd/run" /run
mount --bind "$work/nscd/cache" /var/cache
unshare -m sh -c 'mount --bind "$0/passwd" /etc/passwd; exec "$0/usr/sbin/nscd" -F -f "$0/etc/nscd.conf"' "$work/nscd" >"$work/nscd/log" 2>&1 &
for _ in $(seq 100); do
	[ ! -S /run/nscd/socket ] || break
	sleep 0.1
done
cd "$work/t"
ask() {
	found=$(setpriv --reuid "$user" --regid "$user" --clear-groups -- "$work/feign" run -c "$work/$1.toml" -- getent passwd ghost 2>>"$work/nscd/log")
	echo "$1: $found $?"
}
echo "native: $(getent passwd ghost)"
ask none
ask inline
ask files
kill $!
wait
EOF2
expect "nscd itself: it is not there, with the policy" \
	"native: ghost:x:6666:6666::/:/bin/sh;none: ghost:x:6666:6666::/:/bin/sh 0;inline:  2;files:  2;" \
	"$(timeout 60 unshare -m --propagation private sh "$work/nscd/session.sh" "$work" "$user" 2>"$work/err" | tr '\n' ';')"
