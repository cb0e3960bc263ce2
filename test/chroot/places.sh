# shellcheck shell=bash disable=SC2154 # sourced by run, which sets these
# Sourced by run: places where the kernel gives no other root directory.

# ordinary WAY: the words by which an ordinary user finds one of them.
ordinary() {
	case $1 in
	landlock) place=("${drop[@]}" "$work/bin/confine" landlock) ;;
	nouserns) place=("${sudo[@]}" "$work/bin/confine" nouserns "$uid") ;;
	*) place=("${drop[@]}" "$work/bin/outer" "$1") ;;
	esac
}

# refused: auto finds out by trying, says why, and comes to the same manifest.
refused() {
	local way why place reference=$work/refused.translate
	local powerless='a user namespace gives no power over mounts and root directories'
	cc -O1 -Wall -Wextra -o "$work/bin/confine" "$here/confine.c"
	ready "$reference" "$uid" translate
	(cd "$reference" && as_user "$work/bin/feign" run -c feign.toml) >"$reference.out" 2>&1 || bad 'refused: translate' "$reference.out"
	while IFS=: read -r way why; do
		ordinary "$way"
		ready "$work/refused.$way" "$uid" auto
		sed 's/^method = .*/method = "namespace"/' "$work/refused.$way/feign.toml" >"$work/refused.toml"
		cp "$work/refused.toml" "$work/refused.$way/namespace.toml"
		(cd "$work/refused.$way" && "${place[@]}" "${clean[@]}" "$work/bin/feign" run -c feign.toml --explain </dev/null) 2>&1 | grep '^method = ' >"$work/method" || :
		echo "method = \"translate\"  # $why" >"$work/expected"
		same "$way: --explain" "$work/expected" "$work/method"
		(cd "$work/refused.$way" && "${place[@]}" "${clean[@]}" "$work/bin/feign" run -c namespace.toml </dev/null) >"$work/method" 2>&1 || echo "status $?" >>"$work/method"
		printf '%s\n' "feign: a root directory by the method \"namespace\": $why (use method = \"auto\")" 'status 125' >"$work/expected"
		same "$way: the other method is refused" "$work/expected" "$work/method"
		(cd "$work/refused.$way" && "${place[@]}" "${clean[@]}" "$work/bin/feign" run -c feign.toml </dev/null) >"$work/refused.$way.out" 2>&1 || bad "$way: auto" "$work/refused.$way.out"
		same "$way: messages" "$reference.out" "$work/refused.$way.out"
		same "$way: manifest" "$reference/out.mtree" "$work/refused.$way/out.mtree"
	done <<-END
		apparmor:$powerless: permission denied
		nochroot:$powerless: operation not permitted
		landlock:$powerless: operation not permitted
		nouserns:no user namespace can be had: no space left on device
	END
}

# shellcheck source=test/scripts/gvisor.sh
. "$top/test/scripts/gvisor.sh"

# gvisor: programs of two C libraries and of none, and the action of the manifest. What is expected is what real root sees on Linux.
gvisor() {
	local root=$work/gvisor dir=$work/inside case libc
	mkdir -p "$root"/{bin,dev,proc,tmp} "$dir"
	chmod 1777 "$root/tmp"
	busybox --list | while read -r name; do ln -s busybox "$root/bin/$name"; done
	cp --remove-destination /bin/busybox "$work/bin/feign" "$root/bin/"
	rm "$root/bin/setpriv"
	with_libraries "$root" /usr/bin/setpriv
	for case in static/paths static/sockets musl/program glibc/program; do
		libc=${case%/*}
		[ -e "$work/$libc" ] || programs "$libc"
		ways=gvisor inside "$libc" "/bin/${case#*/}"
	done
	mkdir -p "$root$dir"
	ready "$root$dir/action" "$uid" auto
	ready "$dir/reference" "$uid" translate
	mkdir "$dir/action" # --cwd is looked for on both sides
	(cd "$dir/reference" && as_user "$work/bin/feign" run -c feign.toml && cat out.mtree) >"$dir/reference.out" 2>&1 || bad 'gVisor: reference' "$dir/reference.out"
	ordinary_in_gvisor "$dir/action" sh -c 'feign run -c feign.toml && cat out.mtree' >"$dir/action.out" || :
	same 'gVisor: messages and manifest' "$dir/reference.out" "$dir/action.out"
	ordinary_in_gvisor "$dir/action" feign run -c feign.toml --explain | grep '^method = ' >"$work/method" || :
	echo 'method = "translate"  # the kernel has no mount_setattr(2)' >"$work/expected"
	same 'gVisor: --explain' "$work/expected" "$work/method"
}

ordinary_in_gvisor() { # DIR CMD...
	local dir=$1
	shift
	in_gvisor "$work/gvisor" "$dir" /usr/bin/setpriv --reuid "$uid" --regid "$uid" --clear-groups -- /bin/env -i PATH=/bin:/usr/bin LC_ALL=C.UTF-8 TZ=UTC "$@"
}

# faked_in_gvisor SIDE CMD...: a command in a directory that is copied there.
faked_in_gvisor() {
	local side=$1
	shift
	mkdir -p "$work/gvisor${side%/*}"
	cp -a "$side" "$work/gvisor${side%/*}/"
	ordinary_in_gvisor "$side" feign run -- "$@"
}

# as_gvisor: the answers of paths.c as gVisor has them: it lacks openat2(2), calls readlinkat(2) of a descriptor that is no link's
# EINVAL and a rename to itself ENOTEMPTY, and its ptrace(2) writes to memory that the program itself may only read.
as_gvisor() {
	sed -e 's/^\(resolve .*: \).*/\138/' -e 's/^\(rename("\/bound", "\/bound"): \)ok/\1error 39/' -e 's/^\(readlinkat , 64 bytes: -1, error \)2,/\122,/' -e 's/^\(.*"\/etc\/abs", end - 4, 5): \)error 14/\1ok/'
}
