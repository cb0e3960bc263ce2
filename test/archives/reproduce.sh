# shellcheck shell=bash disable=SC2154 # sourced by run, which sets these
# One archive of the same files, whoever makes it, where, when and how; and it holds
# what real root makes.

"$top/test/scripts/install.sh" zstd

cat >"$work/bin/again.sh" <<'SH'
set -eu
cd "$1"
feign run -m m.mtree --root tree -- zoo.sh tree
for f in tar tar.gz tar.zst cpio.zst; do feign pack -m m.mtree -C tree -o "out.$f" --epoch 1050000000; done
feign pack -m m.mtree -C tree -o out.oci.tar --epoch 1050000000 --image "$2"
feign manifest digest m.mtree >digests
sha256sum out.* >>digests
SH
echo '{"architecture": "amd64"}' >"$work/bin/amd64.json"

# again NAME UID WORD...: the tree and its archives once more, by another user, in a directory of that name.
again() {
	local dir="$work/again/$1" uid=$2 drop=("${drop[@]}")
	shift 2
	user_dir "$dir"
	[ ${#drop[@]} = 0 ] || drop=(setpriv --reuid "$uid" --regid "$uid" --clear-groups --)
	as_user "$@" sh "$work/bin/again.sh" "$dir" "$work/bin/amd64.json" >"$work/again.log" 2>&1 || bad "reproduce: $dir" "$work/again.log"
}
again first 1500 env
again 'another place' 1501 env TZ=Asia/Kathmandu LC_ALL=C GOMAXPROCS=1 sh -c 'umask 077; exec "$@"' sh
again third 1502 env GOMAXPROCS=8 HOME=/ nice
for d in 'another place' third; do same "reproduce: $d" "$work/again/first/digests" "$work/again/$d/digests"; done
check 'reproduce: zstd -t' zstd -qt "$work/again/first/out.tar.zst" "$work/again/first/out.cpio.zst"

mkdir "$work/unpacked"
as_root tar --xattrs --xattrs-include='*' --numeric-owner -C "$work/unpacked" -xpf "$work/again/first/out.tar"
entries "$work/zoo.root" -x | grep -v dev/log >"$work/want"
entries "$work/unpacked" -x >"$work/got"
same 'reproduce: what GNU tar unpacks' "$work/want" "$work/got"

# An archive of several frames is one to other programs.
in_user sh -ec 'mkdir large; seq 3000000 >large/numbers
	feign run -m large.mtree --root large -- true
	for f in tar tar.zst; do feign pack -m large.mtree -C large -o "large.$f"; done'
check 'reproduce: several frames' sh -c "[ \$(zstd -lv '$work/user/large.tar.zst' | sed -n 's/.*Zstandard Frames: //p') = 3 ]"
tar -tvf "$work/user/large.tar" >"$work/want"
for reader in tar bsdtar; do
	$reader -tvf "$work/user/large.tar.zst" >"$work/got"
	[ $reader = tar ] || $reader -tvf "$work/user/large.tar" >"$work/want"
	same "reproduce: frames read by $reader" "$work/want" "$work/got"
done
check 'reproduce: frames read by zstd' sh -c "zstd -dc '$work/user/large.tar.zst' | cmp - '$work/user/large.tar'"
