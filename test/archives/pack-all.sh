#!/bin/sh
# The action of archivers.sh: programs that make archives and images of a tree do
# so in the working directory. Whatever they would take from the clock or from
# chance is given to them, so that the same tree gives the same bytes.
#
# usage: pack-all.sh
set -eu
zoo.sh zoo
tar_options='--format=posix --pax-option=exthdr.name=%d/PaxHeaders/%f,delete=atime,delete=ctime --sort=name --numeric-owner'
# shellcheck disable=SC2086 # a list of options
tar $tar_options --xattrs --xattrs-include='*' -C zoo -cf tar.tar . 2>tar.err
(cd zoo && find . ! -type s | LC_ALL=C sort | bsdtar --format=gnutar --no-recursion --numeric-owner -cnf ../bsdtar.tar -T -)
(cd zoo && bsdtar --format=pax -cf ../bsdtar-xattrs.tar bin/ping usr/attributes)
(cd zoo && find . | LC_ALL=C sort | cpio -o -H newc --reproducible --quiet) >cpio.cpio
(cd zoo && find . -type f -o -type d -o -type l | LC_ALL=C sort | zip -qy ../zip.zip -@)
SOURCE_DATE_EPOCH=1000000000 mksquashfs zoo squashfs.img -quiet -no-progress -processors 1
mkfs.erofs -T1000000000 -U 00000000-0000-0000-0000-000000000001 erofs.img zoo >/dev/null
truncate -s 8M ext4.img
E2FSPROGS_FAKE_TIME=1000000000 mke2fs -q -t ext4 -d zoo -U 00000000-0000-0000-0000-000000000001 \
	-E hash_seed=00000000-0000-0000-0000-000000000002,root_owner=0:0 ext4.img
