# needs: rsync
mkdir -p d/e; echo text >d/f; ln d/f d/h; ln -s f d/l; mknod d/c c 1 3; mkfifo d/p
chown 1:2 d/f; chmod 4711 d/f; chown -h 3:4 d/l; chown 5:6 d/c; chmod 2750 d/e; chown 7:8 d/e; chmod 0 d/p
rsync -a d/ x; every x; stat -c '%t:%T' x/c
rsync -aH d/ y; stat -c '%h %n' y/f y/h
chown 9:9 x/f; chmod 600 x/f; rsync -a d/ x; show x/f
rsync -a --chown=11:12 --chmod=F640,D750 d/ z; every z
rsync -rlD d/ w; every w
