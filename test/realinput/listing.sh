#!/bin/sh
# Prints everything that a file system says about a tree and that root can
# change, one fact a line, in an order of its own: what two trees must agree on.
# Times of directories are left out: they say when the tree was made.
#
# usage: listing.sh TREE
set -eu
cd "$1"

# type, mode, ids, path, link target; size of files; nlink of what is not a
# directory (of those it is a matter of the file system); device numbers.
find . -printf '%y %m %U:%G %p %l\n' | sort
find . -type f -printf 'size %s nlink %n %p\n' | sort
find . \( -type b -o -type c \) -exec stat -c 'device %t,%T %n' {} + | sort
find . -type f -links +1 -printf '%i %p\n' | sort -k2 |
	awk '{ first[$1] = first[$1] ? first[$1] : $2; print "hard link of", first[$1], $2 }'
find . -type f ! -size 0 -exec sha256sum {} + | sort -k2

# Three tools with three ways of asking for the same thing.
find . ! -type l | sort | while read -r f; do
	getfattr -d -m - -e hex "$f" 2>&1 # no -h: on what is no link it is the same
	getfacl -n -p "$f" 2>&1
done
getcap -r . | sort
