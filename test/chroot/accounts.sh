# shellcheck shell=bash disable=SC2154 # sourced by run, which sets these
# Sourced by run: writers of accounts in another root directory.

# first_accounts ROOT: as feign's inline accounts begin, with a group that adduser wants.
first_accounts() {
	printf 'root:x:0:0:root:/root:/bin/sh\nnobody:x:65534:65534:nobody:/nonexistent:/usr/sbin/nologin\n' >"$1/etc/passwd"
	printf 'root:x:0:\nnogroup:x:65534:\nusers:x:100:\n' >"$1/etc/group"
	printf 'root:*::0:99999:7:::\nnobody:*::0:99999:7:::\n' >"$1/etc/shadow"
	printf 'root:*::\nnogroup:*::\nusers:*::\n' >"$1/etc/gshadow"
	touch "$1/etc/subuid" "$1/etc/subgid"
	chmod 640 "$1"/etc/{shadow,gshadow}
	mkdir -p "$1"/{home,root,run,var/mail} "$1$work/accounts.made"
}

# accounts_root ROOT: a root directory with accounts and with Debian's programs that write them.
accounts_root() {
	local root=$1 program
	make_root "$root"
	gcc -O1 -Wall -o "$work/bin/accounts" "$top/test/debian/accounts.c"
	with_libraries "$root" /bin/sh /bin/bash /bin/env "$work/bin/accounts" /usr/bin/perl
	mv "$root$work/bin/accounts" "$root/usr/bin/"
	for program in groupadd useradd usermod groupmod gpasswd chpasswd passwd chage chsh chfn newusers userdel groupdel vipw vigr pwck grpck \
		adduser deluser addgroup sed cat rm chmod mkdir stat id ls find sort chown cp touch nologin; do
		program=$(PATH=/usr/sbin:/usr/bin:/sbin:/bin type -P "$program")
		with_libraries "$root" "$program"
	done
	# shellcheck disable=SC2046 # paths without blanks
	with_libraries "$root" $(dpkg -L libpam-modules | grep 'pam_[a-z]*\.so$')
	mkdir -p "$root"/{etc/default,etc/security,usr/share/perl5,usr/lib/x86_64-linux-gnu}
	cp -a /etc/pam.d "$root/etc/"
	cp -a /etc/{adduser.conf,deluser.conf,login.defs,nsswitch.conf,shells,skel} "$root/etc/"
	cp -a /etc/default/useradd "$root/etc/default/"
	cp -a /usr/share/perl5/Debian "$root/usr/share/perl5/"
	cp -a /usr/lib/x86_64-linux-gnu/perl-base "$root/usr/lib/x86_64-linux-gnu/"
	install -m 755 "$here/writers.sh" "$root/bin/"
	first_accounts "$root"
}

# busybox_root ROOT: a root directory of a busybox that has such programs, unlike Debian's.
busybox_root() {
	local root=$1 name
	"$top/test/scripts/debsource.sh" "$work" busybox
	tar -C "$work/busybox" --strip-components=1 -xf "$work"/busybox/*.orig.tar.*
	make -s -C "$work/busybox" allnoconfig
	for name in STATIC ASH SH_IS_ASH ADDUSER ADDGROUP DELUSER DELGROUP PASSWD CHPASSWD CAT ID SED STAT FEATURE_SHADOWPASSWDS \
		FEATURE_ADDUSER_TO_GROUP FEATURE_DEL_USER_FROM_GROUP FEATURE_STAT_FORMAT FEATURE_FANCY_ECHO ASH_ECHO ASH_PRINTF ASH_TEST LONG_OPTS; do
		sed -i "s/^# CONFIG_$name is not set/CONFIG_$name=y/" "$work/busybox/.config"
	done
	sed -i '/^CONFIG_\(FIRST\|LAST\).*_ID=/d' "$work/busybox/.config"
	printf 'CONFIG_%s\n' LAST_ID=60000 FIRST_SYSTEM_ID=100 LAST_SYSTEM_ID=999 >>"$work/busybox/.config"
	yes '' | make -s -C "$work/busybox" oldconfig || :
	make -s -C "$work/busybox" -j2 busybox
	make_root "$root"
	cp "$work/busybox/busybox" "$root/bin/"
	for name in sh adduser addgroup deluser delgroup passwd chpasswd cat id sed stat; do ln -s busybox "$root/bin/$name"; done
	install -m 755 "$here/busybox.sh" "$root/bin/"
	first_accounts "$root"
}

# elsewhere WANT CMD...: the same programs with accounts that are nowhere on the disk, or in another directory, in the machine's root directory
# and in another.
elsewhere() {
	local want=$1 config
	shift
	cp "$here/writers.sh" "$work/bin/"
	cat >"$work/inline.toml" <<-END
		[[plugin]]
		name = "passwd"
		[plugin.config]
		groups = [{name = "users", gid = 100}]
	END
	printf '[[plugin]]\nname = "passwd"\nconfig = {files = "%s"}\n' "$work/memory/accounts" >"$work/files.toml"
	for config in inline files; do
		cat "$work/policy-translate.toml" "$work/$config.toml" >"$work/$config-root.toml"
	done
	for config in inline files inline-root files-root; do
		"${sudo[@]}" rm -rf "$work/accounts.made" "$work/memory"
		user_dir "$work/accounts.made"
		cp -a "$work/accounts" "$work/memory"
		mkdir "$work/memory/accounts"
		mv "$work/memory/etc"/{passwd,group,shadow,gshadow,subuid,subgid} "$work/memory/accounts/"
		echo 'nobody is from here' >"$work/memory/etc/passwd"
		"${sudo[@]}" chown -Rh "$uid:$uid" "$work/memory"
		as "$config"
		# /run and /var/log are the user's in the root directory, and so they have to be here.
		(cd "$work/memory" && as_root unshare -m --propagation private sh -c 'mount -t tmpfs -o "uid=$0" none /run && mount -t tmpfs none /var/log &&
			exec setpriv --reuid "$0" --regid "$0" --clear-groups -- "$@"' "$uid" "${faker[@]}" "$@") >"$work/memory.$config.told" 2>&1 || :
		grep -v '^feign: plugin "passwd": the action ' "$work/memory.$config.told" >"$work/memory.$config.out" || :
		same "accounts, $config: $*" "$want" "$work/memory.$config.out"
		find "$work/memory/etc" -maxdepth 1 -regextype egrep -regex ".*/(\.pwd|passwd|group|g?shadow|sub[ug]id|sed)[^/]*" -type f -exec cat {} + >"$work/memory.disk"
		echo 'nobody is from here' >"$work/memory.expected"
		same "accounts, $config: nothing of it is in /etc" "$work/memory.expected" "$work/memory.disk"
	done
}

# accounts: the same files come out of the same programs, in a root directory that the action enters and in one of the configuration.
accounts() {
	local method
	for method in translate namespace; do
		cat >"$work/policy-$method.toml" <<-END
			[[plugin]]
			name = "chroot"
			[plugin.config]
			root = "."
			method = "$method"
			binds = [{from = "/proc", to = "/proc"}, {from = "/dev", to = "/dev"}]
		END
	done
	accounts_root "$work/accounts"
	busybox_root "$work/busybox-root" >"$work/busybox.log" 2>&1 || bad 'busybox: its build' "$work/busybox.log"
	# shellcheck disable=SC2034 # inside reads both
	local enter='mount -t proc proc proc && mount --bind /dev dev && exec chroot . "$@"' ways='translate namespace policy-translate policy-namespace'
	inside accounts /bin/env writers.sh "$work/accounts.made"
	elsewhere "$work/accounts-$count.root.out" writers.sh "$work/accounts.made"
	inside busybox-root /bin/sh /bin/busybox.sh "$work/accounts.made"
}
