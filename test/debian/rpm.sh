#!/bin/sh
# An rpm package with owners, modes, devices and capabilities of its own, installed into another root directory, verified and
# changed. $MUSL has a shell, $RPMS the package. Writes programs; the system is in root.
set -eu
mkdir -p root/bin root/etc root/tmp root/dev root/proc
install -m 755 "$MUSL/busybox" root/bin/busybox
for applet in sh cat echo grep id stat touch chown; do ln -s busybox "root/bin/$applet"; done
printf 'root:x:0:0:root:/root:/bin/sh\n' >root/etc/passwd
printf 'root:x:0:\n' >root/etc/group
cp "$RPMS"/*.rpm root/tmp/
in_root() { rpm --root="$PWD/root" --dbpath=/var/lib/rpm "$@"; }
{
	in_root --nodeps -i root/tmp/owners-1-1.*.rpm
	echo "install: $?"
	in_root -q owners
	in_root --nodeps -V owners && echo verified
	in_root -q --qf '[%{FILENAMES} %{FILEUSERNAME}:%{FILEGROUPNAME} %{FILEMODES:octal} %{FILECAPS}\n]' owners
	chroot root /bin/sh -c 'stat -c "%n %U:%G %a" /srv/owners/*; chown 0:0 /srv/owners/config'
	in_root --nodeps -V owners || echo "changed: $?"
} >programs 2>&1
rm root/tmp/*.rpm
