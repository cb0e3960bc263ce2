mkdir -p d/e; echo text >d/f; ln d/f d/h; ln -s f d/l; mknod d/c c 1 3; mkfifo d/p
chown 1:2 d/f; chmod 6711 d/f; chown -h 3:4 d/l; chown 5:6 d/c; chmod 2555 d/e; chown 7:8 d/e; chmod 0 d
tar -c --sort=name -f t.tar d; mkdir x; tar -x --numeric-owner -f t.tar -C x
every x; stat -c '%h %n' x/d/f x/d/h; stat -c '%t:%T' x/d/c
umask 077; mkdir y; tar -x --no-same-permissions -f t.tar -C y; every y
mkdir z; tar -x --no-same-owner -f t.tar -C z; every z
mkdir -m 777 o; chmod 644 t.tar; as 1000 tar -x -f t.tar -C o --exclude d/c; chmod -R u+rwX o; every o
