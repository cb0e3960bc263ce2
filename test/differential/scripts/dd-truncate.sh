echo text >f; chmod 6755 f; chown 5:6 f; chmod 4755 f
dd if=/dev/zero of=f bs=1 count=2 seek=1 conv=notrunc status=none; show f
truncate -s 100 f; show f; stat -c %s f
chmod 0 f; truncate -s 3 f; stat -c '%a %s' f
echo x >>f; stat -c '%a %s' f
touch -d @1000 f; stat -c '%Y %a' f
