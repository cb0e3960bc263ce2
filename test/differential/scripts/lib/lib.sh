# What every script can call.

# show prints mode, owner and name of each path, links not followed.
show() { stat -c '%A %u:%g %n' "$@"; }

# every does so for a whole tree, in order of path.
every() { find "$1" -printf '%M %U:%G %p\n' | sort -k 3; }

# as runs a command as another user who is in no group.
as() {
	as_id=$1
	shift
	setpriv --reuid "$as_id" --regid "$as_id" --clear-groups -- "$@"
}

