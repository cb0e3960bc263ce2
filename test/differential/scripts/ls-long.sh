mkdir d; touch d/f; chmod 4711 d/f; chown 5:6 d/f; mknod d/c c 1 3; ln -s f d/l; chown -h 7:8 d/l
chmod 3770 d; chown 9:10 d
ls -ln --time-style=+ d | grep -v ^total
ls -lnd --time-style=+ d | awk '{print $1, $3, $4}'
ls -pF d
