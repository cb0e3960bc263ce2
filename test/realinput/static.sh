# shellcheck shell=bash disable=SC2154 # sourced by run, which sets these
# Statically linked programs, busybox and one written in Go, do what copy.sh does
# with dynamically linked ones.

"$top/test/scripts/install.sh" busybox-static tar
(cd "$top" && CGO_ENABLED=0 go build -trimpath -buildvcs=false -o "$work/bin/" ./test/realinput/treetool)
cp "$here/statics.sh" "$work/bin/"
as_root mkroot.sh "$work/rootfs.static"
# busybox tar knows no attributes: it gets an archive without them.
as_root tar -C "$work/rootfs.static" --sort=name --format=gnu --numeric-owner -cf "$work/plain.tar" .
as_root tar -C "$work/rootfs.static" --sort=name --xattrs --xattrs-include='*' --acls --numeric-owner \
	-cf "$work/full.tar" .
"${sudo[@]}" chmod 644 "$work/plain.tar" "$work/full.tar"

both static statics.sh "$work/plain.tar" "$work/full.tar"
same_files static 'a.txt:busybox tar x' 'b.txt:busybox cp -a' 'c.txt:Go copy' 'tar.txt:busybox tar c | tar tv' \
	'stat.txt:busybox find, stat' 'ls.txt:busybox ls -lnR' 'full.txt:Go copy with attributes and ACLs' \
	'changed.txt:busybox chown -R, chmod -R, mknod, cp' 'left.txt:busybox rm -rf'
