# shellcheck shell=bash disable=SC2154 # sourced by run, which sets these
# packaging/deb.sh: a package that dpkg installs, the same every time.

"$top/test/scripts/install.sh" man-db
for i in 1 2; do SOURCE_DATE_EPOCH=1700000000 "$top/packaging/deb.sh" 0.0.1 "$work/deb.$i" >"$work/deb.log" 2>&1 || bad "deb: build $i" "$work/deb.log"; done
deb=$(cd "$work/deb.1" && ls)
check 'deb: twice the same bytes' cmp "$work/deb.1/$deb" "$work/deb.2/$deb"
mkdir -p "$work/installed/var/lib/dpkg"
: >"$work/installed/var/lib/dpkg/status"
check 'deb: dpkg installs it' dpkg --root="$work/installed" --force-not-root --force-script-chrootless --install "$work/deb.1/$deb"
check 'deb: feign tells its version' sh -c '"$1/usr/bin/feign" version | grep -q "^feign 0.0.1 "' sh "$work/installed"
check 'deb: man finds the pages' sh -c 'man -M "$1/usr/share/man" feign-pack | grep -q "make an archive"' sh "$work/installed"
check 'deb: all of it belongs to root' sh -c 'dpkg-deb -c "$1" | awk "\$2 != \"root/root\" { exit 1 }"' sh "$work/deb.1/$deb"
