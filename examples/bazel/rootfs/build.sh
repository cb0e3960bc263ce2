#!/bin/sh
# The action: what only root may do, in the directory $ROOT. It knows nothing of feign.
set -eu
cd "$ROOT"
mkdir -p bin dev empty etc home/ada run
printf 'root:x:0:0:root:/root:/bin/sh\nada:x:1000:1000:Ada:/home/ada:/bin/sh\n' >etc/passwd
printf 'root:x:0:\nada:x:1000:\n' >etc/group
printf 'root:*:20000::::::\n' >etc/shadow
chmod 0600 etc/shadow
printf '#!/bin/sh\necho hello\n' >bin/hello
chmod 4755 bin/hello
ln bin/hello bin/hello-too
ln -s hello bin/relative
ln -s /bin/hello bin/absolute
ln -s nothing-there bin/dangling
mknod -m 0666 dev/null c 1 3
mknod -m 0660 dev/sda b 8 0
mkfifo -m 0600 run/initctl
chown -R 1000:1000 home/ada
chmod 0700 home/ada
chown 12:34 etc/passwd
