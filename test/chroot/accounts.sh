# shellcheck shell=bash disable=SC2154 # sourced by run, which sets these
# Sourced by run: writers of accounts in another root directory.

# accounts_root ROOT: a root directory with accounts and those who write them.
accounts_root() {
	local root=$1 program
	make_root "$root"
	mkdir -p "$root"/{home,root,run,var/mail,etc/default,etc/security} "$root$work/accounts.made"
	gcc -O1 -Wall -o "$work/bin/accounts" "$top/test/debian/accounts.c"
	with_libraries "$root" /bin/sh /bin/bash "$work/bin/accounts" /usr/bin/perl
	mv "$root$work/bin/accounts" "$root/usr/bin/"
	for program in groupadd useradd usermod groupmod gpasswd chpasswd passwd chage chsh chfn newusers userdel groupdel vipw vigr pwck grpck \
		adduser deluser addgroup sed cat rm chmod mkdir stat id ls find sort env chown cp touch nologin; do
		program=$(PATH=/usr/sbin:/usr/bin:/sbin:/bin type -P "$program")
		with_libraries "$root" "$program"
	done
	# shellcheck disable=SC2046 # paths without blanks
	with_libraries "$root" $(dpkg -L libpam-modules | grep 'pam_[a-z]*\.so$')
	cp -a /etc/pam.d "$root/etc/"
	cp -a /etc/{adduser.conf,deluser.conf,login.defs,nsswitch.conf,shells,skel} "$root/etc/"
	cp -a /etc/default/useradd "$root/etc/default/"
	mkdir -p "$root"/usr/share/perl5 "$root/usr/lib/x86_64-linux-gnu"
	cp -a /usr/share/perl5/Debian "$root/usr/share/perl5/"
	cp -a "$(perl -MConfig -e 'print $Config{archlib} =~ s,/perl/.*,/perl-base,r')" "$root/usr/lib/x86_64-linux-gnu/"
	install -m 755 "$here/writers.sh" "$root/bin/"
	printf 'root:x:0:0:root:/root:/bin/sh\nnobody:x:65534:65534:nobody:/nonexistent:/usr/sbin/nologin\n' >"$root/etc/passwd"
	printf 'root:x:0:\nnogroup:x:65534:\nusers:x:100:\n' >"$root/etc/group"
	printf 'root:*::0:99999:7:::\nnobody:*::0:99999:7:::\n' >"$root/etc/shadow"
	printf 'root:*::\nnogroup:*::\nusers:*::\n' >"$root/etc/gshadow"
	touch "$root/etc/subuid" "$root/etc/subgid"
	chmod 640 "$root"/etc/{shadow,gshadow}
}

# accounts: the same files come out of the same programs, in a root directory that the action enters and in one of the configuration.
accounts() {
	local root=$work/accounts method
	accounts_root "$root"
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
	enter='mount -t proc proc proc && mount --bind /dev dev && exec chroot . "$@"' \
		ways='translate namespace policy-translate policy-namespace' inside accounts /bin/sh /bin/writers.sh "$work/accounts.made"
}
