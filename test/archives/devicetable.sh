#!/bin/sh
# Does to a tree what a device table says, as Buildroot's package/makedevs does
# with the types that feign writes. Needs root.
#
# usage: devicetable.sh TREE <TABLE
set -eu
while read -r name type mode uid gid major minor _; do
	file=$1$name
	case $name in
	'#'*) continue ;;
	'|xattr')
		setcap "$type" "$last"
		continue
		;;
	esac
	case $type in
	d | f) [ -e "$file" ] ;;
	c | b) mknod "$file" "$type" "$major" "$minor" ;;
	p) mkfifo "$file" ;;
	*) echo "devicetable.sh: $type?" >&2 && exit 1 ;;
	esac
	chown "$uid:$gid" "$file"
	chmod "$mode" "$file"
	last=$file
done
