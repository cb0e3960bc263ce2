mknod c c 1 3; mknod b b 7 0; mknod p p; mknod -m 600 m c 5 1; mknod big b 259 70000
stat -c '%A %u:%g %t:%T %s %b %F %n' c b p m big
chown 5:6 c; chmod 4640 b; mv c d; ln d e
stat -c '%A %u:%g %h %t:%T %F %n' b d e
mknod b b 7 0; echo "status $?"
rm b; touch b; stat -c '%F %n' b
find . -type c | sort; find . -type b | sort
test -c d && test -b big && test -p p && echo types
