head -c 5000 /dev/zero >f; mknod c c 1 3; ln f g
du -b f c | sort; stat -c '%s %F' f c g; wc -c <f; df . >/dev/null && echo ok
