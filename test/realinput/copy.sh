# shellcheck shell=bash disable=SC2154 # sourced by run, which sets these
# cp, rsync and tar carry a root file system with devices, capabilities and ACLs
# from one place to another.

"$top/test/scripts/install.sh" rsync tar
cp "$here/copies.sh" "$work/bin/"
as_root mkroot.sh "$work/rootfs"
as_root tar -C "$work/rootfs" --sort=name --xattrs --xattrs-include='*' --acls --numeric-owner \
	-cf "$work/rootfs.tar" .
"${sudo[@]}" chmod 644 "$work/rootfs.tar"

both copy copies.sh "$work/rootfs.tar"
same_files copy 'a.txt:tar x' 'b.txt:cp -a' 'c.txt:rsync -aHAX' 'd.txt:tar c | tar x' 'tar.txt:tar tv' \
	'times.txt:times' 'changed.txt:chown -R, chmod -R' 'left.txt:rm -r'
