# needs: cpio
mkdir -p d/e; echo text >d/f; ln d/f d/h; ln -s f d/l; mknod d/c c 1 3; mkfifo d/p
chown 1:2 d/f; chmod 4711 d/f; chown -h 3:4 d/l; chown 5:6 d/c; chmod 2750 d/e; chown 7:8 d/e
find d | sort | cpio -o --quiet -H newc >t
cpio -tvn --quiet <t | awk '{print $1, $2, $3, $4, $NF}'
mkdir x; cd x; cpio -idm --quiet <../t; every .; stat -c '%h %t:%T' d/f d/c; cd ..
mkdir y; cd y; cpio -id --quiet -R 9:10 <../t; every .; cd ..
mkdir z; (cd d; find . | sort | cpio -pdm --quiet ../z); every z
