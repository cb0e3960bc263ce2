printf '#!/bin/sh\necho ran\n' >s; chmod 644 s; ./s; echo "status $?"
chmod 100 s; ./s; as 1000 ./s; echo "status $?"
chmod 711 s; as 1000 ./s; echo "status $?"
chmod 755 s; as 1000 ./s; chown 5:6 s; chmod 4755 s; as 1000 ./s
cp /usr/bin/id i; chmod 0 i; ./i -u; echo "status $?"; chmod 111 i; as 1000 ./i -u
