# needs: busybox
mkdir -m 777 w; echo secret >f; chmod 600 f
as 1000 busybox cat f; echo "status $?"
as 1000 busybox touch w/f; as 1000 busybox mkdir w/d; every w
as 1000 busybox chown 0 w/f; echo "status $?"
as 1000 busybox id -u
mkdir s; cp "$(command -v busybox)" s/busybox; chmod 4755 s/busybox; as 1000 s/busybox id -u; as 1000 s/busybox cat f; echo "status $?"
as 1000 busybox sh -c 'test -w f || echo not writable; echo x >f'; echo "status $?"
