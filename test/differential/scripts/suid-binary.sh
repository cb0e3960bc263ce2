cp /usr/bin/id ./id; chmod 4755 id
as 1000 ./id -u; as 1000 ./id -ru
chown 1001:1002 id; chmod 6755 id; show id
as 1000 ./id -u; as 1000 ./id -g; as 1000 ./id -ru; as 1000 ./id -rg
./id -u; ./id -ru
as 1000 setpriv --no-new-privs ./id -u
chmod u-s id; as 1000 ./id -u
