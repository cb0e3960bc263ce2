# shellcheck shell=bash disable=SC2154 # sourced by run, which sets these
# feign manifest convert: each format is read by the program that it is for, and
# what comes out is what real root has made, but for what was said to be lost.

"$top/test/scripts/install.sh" e2fsprogs fakeroot genext2fs mtree-netbsd squashfs-tools squashfs-tools-ng

# convert FORMAT OPTION...: FORMAT.out and FORMAT.lost in the user's directory.
convert() {
	local format=$1 status=0
	shift
	(cd "$work/user" && as_user "$feign" manifest convert --to "$format" -m zoo.mtree -o "$format.out" "$@") \
		2>"$work/$format.lost" || status=$?
	[ $status = 0 ] || bad "$format: convert ends with status $status" "$work/$format.lost"
}

# losses FORMAT LINE...: what was reported is this.
losses() {
	local format=$1
	shift
	printf '%s\n' "$@" | sort >"$work/want"
	sed 's/^feign: warning: manifest convert: //; s/ left out: .*//' "$work/$format.lost" | sort >"$work/got"
	same "$format: losses" "$work/want" "$work/got"
}

# carried FORMAT TREE [OPTION...]: a tree as it came out is the one that root made, without the lines that match $except.
carried() {
	local format=$1 tree=$2 title="what its reader makes of it"
	shift 2
	entries "$work/zoo.root" "$@" | grep -Ev -- "${except:-^\$}" >"$work/want"
	entries "$tree" "$@" | grep -Ev -- "${except:-^\$}" >"$work/got"
	same "$format: $title" "$work/want" "$work/got"
}

xattrs=('bin/ping: extended attribute security.capability' 'usr/attributes: extended attribute user.origin')
blanks="(with blank|don't \"quote\")"

# NetBSD's mtree finds no difference between the text and what real root has made.
convert mtree
losses mtree "${xattrs[@]}"
check "mtree: mtree -p finds root's tree as described" mtree -f "$work/user/mtree.out" -p "$work/zoo.root"
# bsdtar packs from it; it knows no sockets.
convert mtree -C zoo
losses mtree "${xattrs[@]}" 'dev/log: socket'
in_user bsdtar --format=pax -cf mtree.tar @mtree.out
mkdir "$work/mtree" && as_root tar -C "$work/mtree" --numeric-owner -xpf "$work/user/mtree.tar"
except='dev/log' carried mtree "$work/mtree" -t

convert mksquashfs -C zoo
losses mksquashfs "${xattrs[@]}"
in_user mksquashfs - mksquashfs.img -pf mksquashfs.out -quiet -no-progress
as_root unsquashfs -q -n -d "$work/mksquashfs" "$work/user/mksquashfs.img" >/dev/null
carried mksquashfs "$work/mksquashfs" -t

convert gensquashfs -C zoo
losses gensquashfs '.: time' "${xattrs[@]}"
in_user gensquashfs -q -F gensquashfs.out gensquashfs.img
as_root unsquashfs -q -n -d "$work/gensquashfs" "$work/user/gensquashfs.img" >/dev/null
carried gensquashfs "$work/gensquashfs"

# Names with blanks come from the directory, with the user's owner.
as_user cp -a "$work/user/zoo" "$work/user/plain"
as_user rm -r "$work/user/plain/dev"
as_user mkdir "$work/user/plain/dev"
convert genext2fs -C plain
losses genext2fs '.: time' "${xattrs[@]}" 'usr/#hash: owner and mode' 'dev/big: character device' "\"usr/don't \\\"quote\\\"\": owner and mode" \
	'usr/far: owner' '"with blank": owner and mode' '"with blank/a b": owner and mode'
in_user genext2fs -N 200 -b 4000 -d plain -D genext2fs.out genext2fs.img
check 'genext2fs: e2fsck finds no fault' e2fsck -fn "$work/user/genext2fs.img"
# debugfs reads the image: type and mode, owner, and the numbers of devices. usr/far and dev/big did not fit.
dirs='bin dev etc etc/empty tmp usr usr/bin'
for d in . $dirs; do
	(cd "$work/zoo.root/$d" && find . -mindepth 1 -maxdepth 1 -exec stat -c '%f %u:%g %n' {} +) | while read -r mode owner name; do
		printf '%06o %s %s/%s\n' "0x$mode" "$owner" "$d" "${name#./}"
	done
	debugfs -R "ls -p /$d" "$work/user/genext2fs.img" 2>/dev/null </dev/null |
		awk -F/ -v d="$d" '$6 != "." && $6 != ".." && $6 != "lost+found" && NF > 6 { print $3, $4 ":" $5, d "/" $6 }' >>"$work/listed"
done >"$work/expected"
grep -Ev "$blanks|dev/big|usr/far|#" "$work/expected" | sort >"$work/want"
grep -Ev "$blanks|dev/big|usr/far|#" "$work/listed" | sort >"$work/got"
for d in null:01:03 sda1:08:01; do
	echo "dev/$d" >>"$work/want"
	debugfs -R "stat /dev/${d%%:*}" "$work/user/genext2fs.img" 2>/dev/null </dev/null |
		sed -n "s|^Device major/minor number: \([0-9:]*\) .*|dev/${d%%:*}:\1|p" >>"$work/got"
done
same 'genext2fs: what debugfs reads' "$work/want" "$work/got"

# fakeroot takes over where feign ends, in the same tree.
convert fakeroot -C zoo
losses fakeroot "${xattrs[@]}"
# (find goes by the types in directories, which fakeroot does not change.)
stats() { (cd "$1" && "${@:2}" find . -exec stat -c '%n %f %u:%g %t,%T %N %Y' {} +) | sort; }
stats "$work/zoo.root" as_root >"$work/want"
stats "$work/user/zoo" as_user fakeroot -i "$work/user/fakeroot.out" -- >"$work/got" 2>&1
same "fakeroot: what fakeroot -i shows" "$work/want" "$work/got"

unpack_cpio() { as_root sh -c 'cd "$2" && cpio -idm --quiet <"$1"' sh "$1" "$2"; }

# The kernel's gen_init_cpio is in no package: where it is not, the list is read here, by its own description.
convert gen_init_cpio -C zoo
losses gen_init_cpio '.: time' "${xattrs[@]}" 'etc/dangling: symbolic link' '"with blank": directory' '"with blank/a b": file' \
	"\"usr/don't \\\"quote\\\"\": file"
mkdir "$work/gen_init_cpio"
if command -v gen_init_cpio >/dev/null; then
	in_user sh -c 'gen_init_cpio gen_init_cpio.out >list.cpio'
	unpack_cpio "$work/user/list.cpio" "$work/gen_init_cpio"
else
	(cd "$work/user" && as_root sh -c 'cpiolist.sh "$1" <gen_init_cpio.out' sh "$work/gen_init_cpio")
fi
except="(with blank|don't \"quote\"|etc/dangling)" carried gen_init_cpio "$work/gen_init_cpio"
# feign's own cpio says the same.
in_user "$feign" pack -m zoo.mtree -C zoo -o zoo.cpio
mkdir "$work/cpio"
unpack_cpio "$work/user/zoo.cpio" "$work/cpio"
carried 'pack cpio' "$work/cpio" # cpio gives directories and links no times

# makedevs is Buildroot's; where it is not, the table is read here.
convert makedevs -C plain
losses makedevs '.: time' 'dev/log: socket' 'usr/attributes: extended attribute user.origin' 'etc/dangling: owner' \
	"\"usr/don't \\\"quote\\\"\": owner and mode" '"with blank": owner and mode' '"with blank/a b": owner and mode'
as_root cp -a "$work/user/plain" "$work/makedevs"
if command -v makedevs >/dev/null; then
	as_root makedevs -d "$work/user/makedevs.out" "$work/makedevs" >"$work/makedevs.log" 2>&1 || bad makedevs "$work/makedevs.log"
else
	as_root sh -c 'devicetable.sh "$1" <"$2"' sh "$work/makedevs" "$work/user/makedevs.out"
fi
as_root chown -h 0:0 "$work/makedevs/etc/link" # links keep their owner, which is the user there
except="(with blank|don't \"quote\"|etc/dangling|dev/log)" carried makedevs "$work/makedevs"
for t in zoo.root makedevs; do (cd "$work/$t" && as_root getcap bin/ping) >"$work/$t.caps"; done
same 'makedevs: capabilities' "$work/zoo.root.caps" "$work/makedevs.caps"

# --strict: nothing is written, and the status says so.
status=0
(cd "$work/user" && as_user "$feign" manifest convert --to fakeroot -m zoo.mtree -C zoo -o strict.out --strict) 2>"$work/strict" || status=$?
if [ $status = 125 ] && [ ! -e "$work/user/strict.out" ] && tail -n 1 "$work/strict" | grep -q 'losses: 2'; then
	ok '--strict refuses what is lost'
else
	bad "--strict ends with status $status" "$work/strict"
fi
