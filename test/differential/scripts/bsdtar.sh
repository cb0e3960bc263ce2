# needs: bsdtar
mkdir -p d/e; echo text >d/f; ln d/f d/h; ln -s f d/l; mknod d/c c 1 3
chown 1:2 d/f; chmod 4711 d/f; chown -h 3:4 d/l; chown 5:6 d/c; chmod 2750 d/e
for format in newc ustar pax; do
	bsdtar --format $format -cf t d; mkdir x; bsdtar -xpf t -C x; every x; stat -c '%h %t:%T' x/d/f x/d/c; rm -r x
done
bsdtar --format mtree --options '!all,uid,gid,mode,type,device,link' -cf - d | sort
