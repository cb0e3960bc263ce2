#!/bin/sh
# Prints what archives have to say about a tree: for each path its type, mode,
# owner, device number, size of a file, target, first hard link and content.
#
# usage: entries.sh TREE [-t] [-x]    -t: times too, -x: extended attributes too
set -eu
cd "$1"
shift
LC_ALL=C
export LC_ALL
find . ! -type d ! -type f -printf '%P %y %m %U:%G %l\n' | sort
find . -type d -printf '%P/ %y %m %U:%G\n' | sort
find . -type f -printf '%P %y %m %U:%G %s %n\n' | sort
find . \( -type b -o -type c \) -exec stat -c '%n device %t,%T' {} + | sort
find . -type f -links +1 -printf '%i %P\n' | sort -k2 |
	awk '{ i = $1; sub(/^[0-9]+ /, ""); if (i in first) print $0, "is", first[i]; else first[i] = $0 }'
find . -type f -exec sha256sum {} + | sort -k2
for option; do
	case $option in
	-t) find . -printf '%P %Ts\n' | sort ;;
	-x) find . ! -type l | sort | while read -r f; do getfattr -d -m - -e hex "$f"; done ;;
	esac
done
