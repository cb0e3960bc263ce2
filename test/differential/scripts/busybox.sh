# A static program with an applet for everything.
# needs: busybox
mkdir -p d/e; echo text >d/f; ln d/f d/h
busybox chown -R 5:6 d; busybox chmod 4711 d/f; busybox mknod d/c c 1 3; busybox mkfifo -m 600 d/p
busybox ln -s f d/l; busybox chown -h 7:8 d/l; busybox chmod 0 d/e
busybox stat -c '%A %u:%g %t:%T %n' d d/* | sort -k 4
busybox id -u; busybox id -g; busybox whoami
busybox cp -a d x; every x
busybox tar cf t d; busybox mkdir y; busybox tar xf t -C y; every y
for op in r w x u g k; do busybox test -$op d/f && printf '%s ' $op; done; echo
busybox setpriv --nnp id -u
busybox chroot /none true; echo "status $?"
busybox rm -r d; ls
