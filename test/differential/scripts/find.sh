mkdir -p d/e; touch d/a d/e/b; mknod d/c b 7 1; ln -s a d/l
chown 5:6 d/a; chown -h 7:8 d/l; chmod 4711 d/a; chmod 0 d/e; chown 9:9 d/e/b
find d -printf '%M %m %U:%G %y %p\n' | sort -k5
find d -perm -4000
find d -user 9
find d -gid 6
find d -uid 0 -type d | sort
find d ! -readable ! -writable
find d -perm 0 -exec stat -c '%a %n' {} +
find d -newer d/a -type x 2>&1 | head -1
