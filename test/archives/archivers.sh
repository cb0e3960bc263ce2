# shellcheck shell=bash disable=SC2154 # sourced by run, which sets these
# The programs that make archives and images see the lies: under feign they write
# what real root's write, to the byte where they do not put the clock in.

"$top/test/scripts/install.sh" e2fsprogs erofs-utils squashfs-tools unzip zip

cp "$here/pack-all.sh" "$work/bin/"
both archivers pack-all.sh
for f in 'tar.tar:GNU tar' bsdtar.tar:bsdtar 'cpio.cpio:GNU cpio' squashfs.img:mksquashfs erofs.img:mkfs.erofs; do
	check "archivers: ${f#*:} writes the same bytes" cmp "$work/archivers.root/${f%%:*}" "$work/archivers.user/${f%%:*}"
done

# pax as bsdtar writes it has times of access and change, which tar does not list.
for side in root user; do as_root tar --xattrs --numeric-owner -vvtf "$work/archivers.$side/bsdtar-xattrs.tar" >"$work/listed.$side" 2>&1; done
same 'archivers: bsdtar with attributes' "$work/listed.root" "$work/listed.user"

# zip puts times of access in; its central directory has types, modes and owners.
for side in root user; do (cd "$work/archivers.$side" && unzip -Z -v zip.zip | grep -v 'local header') >"$work/listed.$side"; done
same 'archivers: zip' "$work/listed.root" "$work/listed.user"

# ext4 has times of change: all else that debugfs tells about each file.
for side in root user; do
	(cd "$work/zoo.root" && find . -printf 'stat "/%P"\n' -printf 'ea_list "/%P"\n') >"$work/commands"
	as_root debugfs -f "$work/commands" "$work/archivers.$side/ext4.img" 2>/dev/null |
		grep -Ev '^ *(ctime|crtime|atime):|^Inode checksum' >"$work/listed.$side"
done
same 'archivers: mke2fs -d' "$work/listed.root" "$work/listed.user"
