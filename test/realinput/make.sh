# shellcheck shell=bash disable=SC2154 # sourced by run, which sets these
# `make install` of an autotools and of a CMake project, and what becomes of the
# installed tree in the same action and, for feign, in a manifest and an archive.

"$top/test/scripts/install.sh" autoconf automake make gcc libc6-dev cmake
cp "$here/installs.sh" "$work/bin/"

# The sources are configured and compiled once, by the ordinary user: whether
# that works under feign too is for deb.sh to show.
user_dir "$work/src"
cp -r "$here/autotools" "$here/cmake" "$work/src/"
"${sudo[@]}" chown -R "$uid" "$work/src"
as_user sh -ec '
	cd "$1/autotools" && autoreconf -i && ./configure --prefix=/usr --sysconfdir=/etc --localstatedir=/var && make
	cd "$1/cmake" && cmake -DCMAKE_INSTALL_PREFIX=/usr -DCMAKE_BUILD_TYPE=Release -B build . && make -C build
' - "$work/src" >"$work/log" 2>&1 || bad "make: the sources do not build" "$work/log"

for project in autotools cmake; do
	dir=$work/src/$project
	[ $project = autotools ] || dir=$dir/build
	both $project installs.sh "$dir"
	same_files $project 'installed.txt:make install' 'tar.txt:tar c'
	# An action that says less than the other one: here the manifest must.
	[ -z "${FAKER:-}" ] || continue
	user_dir "$work/$project.pack"
	(cd "$work/$project.pack" && as_user feign run -m m.mtree.zst --root t -- installs.sh "$dir" &&
		as_user feign pack -m m.mtree.zst -C t -o t.tar) >"$work/log" 2>&1 ||
		bad "$project: manifest and archive" "$work/log"
	as_root tar --numeric-owner --xattrs --xattrs-include='*' -tvvf "$work/$project.pack/t.tar" |
		sed -E 's,[0-9-]{10} [0-9:]+ ,,; s, \./, ,g' | sort >"$work/$project.pack/tar.txt" || :
	same "$project: feign pack" "$work/$project.root/tar.txt" "$work/$project.pack/tar.txt"
done
