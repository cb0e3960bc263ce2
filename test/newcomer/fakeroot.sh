# shellcheck shell=bash disable=SC2164 # run ends at the first error
# Sourced by a user who knows fakeroot: feign in its place, from the package.

sudo apt-get -qq install -y ./feign_0.0.1_amd64.deb
feign doctor

# A program's make install, and its archive.
mkdir program
# shellcheck disable=SC2016 # for make
printf 'install:\n\tinstall -D -o root -g games -m 2755 Makefile $(DESTDIR)/usr/games/program\n' >program/Makefile
(cd program && sh -ex ../blocks/README.sh.1 && zstd -dc root.tar.zst | tar -tv | grep '^-rwxr-sr-x 0/60 .* usr/games/program$')

# A Debian package.
mkdir -p hello/debian
cd hello
cat >debian/control <<'END'
Source: hello
Maintainer: Ann <ann@example.org>
Build-Depends: make

Package: hello
Architecture: all
Description: a file that belongs to a group
END
cat >debian/changelog <<'END'
hello (1) UNRELEASED; urgency=low

  * First.

 -- Ann <ann@example.org>  Sat, 21 Nov 2026 12:00:00 +0000
END
cat >debian/rules <<'END'
#!/usr/bin/make -f
build clean:
binary:
	install -d debian/tmp/DEBIAN
	install -D -o root -g games -m 2755 debian/control debian/tmp/srv/hello
	dpkg-gencontrol
	dpkg-deb -b debian/tmp ..
END
chmod +x debian/rules
sh -ex ../blocks/README.sh.4
dpkg-deb -c ../hello_1_all.deb | grep '^-rwxr-sr-x root/games .* ./srv/hello$'
