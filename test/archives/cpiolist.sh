#!/bin/sh
# Makes what a list for the kernel's gen_init_cpio describes, as usr/gen_init_cpio.c
# and Documentation/driver-api/early-userspace do. Needs root.
#
# usage: cpiolist.sh TREE <LIST
set -eu
umask 0
# set_owner FILE MODE UID GID
set_owner() {
	chown -h "$3:$4" "$1"
	chmod "$2" "$1"
}
while read -r verb name a b c d e f; do
	to=$1/$name
	case $verb in
	dir) mkdir -p "$to" && set_owner "$to" "$a" "$b" "$c" ;;
	file)
		cp "$a" "$to" && set_owner "$to" "$b" "$c" "$d"
		for link in $e $f; do mkdir -p "$(dirname "$1/$link")" && ln "$to" "$1/$link"; done
		;;
	nod) mknod "$to" "$d" "$e" "$f" && set_owner "$to" "$a" "$b" "$c" ;;
	slink) ln -s "$a" "$to" && chown -h "$c:$d" "$to" ;;
	pipe) mkfifo "$to" && set_owner "$to" "$a" "$b" "$c" ;;
	sock)
		perl -MSocket -e 'socket(S, PF_UNIX, SOCK_STREAM, 0) and bind(S, sockaddr_un($ARGV[0])) or die $!' "$to"
		set_owner "$to" "$a" "$b" "$c"
		;;
	'#'*) ;;
	*) echo "cpiolist.sh: $verb?" >&2 && exit 1 ;;
	esac
done
