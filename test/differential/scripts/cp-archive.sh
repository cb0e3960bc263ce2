mkdir -p d/e; echo text >d/f; echo more >d/e/g; ln d/f d/h; ln -s f d/l; mknod d/c c 1 3; mkfifo d/p
chown 1:2 d/f; chmod 4711 d/f; chown -h 3:4 d/l; chown 5:6 d/c; chown 7:8 d/e; chmod 2750 d/e; chown 9:9 d; chmod 0 d/e/g
cp -a d x
every x
stat -c '%h %n' x/f x/h
stat -c '%t:%T %F' x/c
cmp d/f x/f && cmp d/e/g x/e/g && echo same
