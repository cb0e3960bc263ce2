# needs: dpkg-deb
mkdir -p p/DEBIAN p/usr/bin p/etc; printf 'Package: x\nVersion: 1\nArchitecture: all\nMaintainer: x <x@example.org>\nDescription: x\n' >p/DEBIAN/control
echo tool >p/usr/bin/tool; chmod 4755 p/usr/bin/tool; echo conf >p/etc/conf; chown 5:6 p/etc/conf; chmod 640 p/etc/conf
dpkg-deb -b p x.deb >/dev/null; dpkg-deb --fsys-tarfile x.deb | tar -tv --numeric-owner | awk '{print $1, $2, $NF}'
