mkdir -p d/e; echo text >d/f; ln d/f d/h; ln -s f d/l; mknod d/c c 1 3; mknod d/b b 7 0; mkfifo d/p
chown 1:2 d/f; chmod 4711 d/f; chown -h 3:4 d/l; chown 5:6 d/c; chmod 2750 d/e; chown 7:8 d/e; chmod 0 d/p
tar -c --sort=name --mtime=@0 --numeric-owner -f t.tar d
tar -tv --numeric-owner -f t.tar
