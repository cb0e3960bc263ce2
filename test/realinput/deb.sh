# shellcheck shell=bash disable=SC2154 # sourced by run, which sets these
# Debian source packages, built by dpkg-buildpackage with feign as the command
# that gains root, and natively by real root, in the same directory: the packages
# must be the same bytes. Their entries and contents are compared as well, since
# a difference there is one that can be read.
#
#   hello        nothing special, an autotools build
#   liblockfile  a setgid program of the group mail (debhelper)
#   procmail     suid and setgid, chown -R, no debhelper; it looks at its own ids
#                when it is configured, so all of its build runs under feign
#   uucp         programs and directories of the system user uucp, suid, 1777
read -ra debs <<<"${DEBS:-hello liblockfile procmail uucp}"

"$top/test/scripts/install.sh" dpkg-dev build-essential

mkdir "$work/deb" "$work/dsc"
# build SIDE PACKAGE: builds in $work/deb/PACKAGE.build and moves what comes out
# to $work/deb/PACKAGE.SIDE. The path is the same for both, since it gets into
# debugging information; so is SOURCE_DATE_EPOCH, from the changelog.
build() {
	local side=$1 pkg=$2 gain=() run=as_root
	local dir=$work/deb/$2.build out=$work/deb/$2.$1
	mkdir "$dir" "$out"
	[ "$side" = root ] || {
		run=as_user gain=("-r${faker[*]}")
		[ "$pkg" != procmail ] || run=faked gain=()
		"${sudo[@]}" chown "$uid" "$dir"
	}
	# Without --rules-requires-root a package that says "no" would never ask
	# for root, and its build would show nothing about it.
	$run env DEB_BUILD_OPTIONS="nocheck parallel=2" sh -ec '
		cd "$1" && umask 022 && dpkg-source -x "$2" s && cd s && shift 2
		exec dpkg-buildpackage -b -us -uc --rules-requires-root "$@"
	' - "$dir" "$work/dsc/$pkg/"*.dsc "${gain[@]}" >"$work/deb/$pkg.$side.log" 2>&1 || return
	"${sudo[@]}" mv "$dir"/*deb "$out"
	"${sudo[@]}" rm -rf "$dir"
	touch "$work/deb/$pkg.$side.built"
}

# entries DEB: its listing, and a digest for each file in it.
entries() {
	local x=$work/deb/x
	[ -e "$1" ] || return 0
	as_root dpkg-deb -c "$1"
	as_root dpkg-deb -R "$1" "$x"
	(cd "$x" && as_root find . -type f -exec sha256sum {} + | sort -k2)
	"${sudo[@]}" rm -rf "$x"
}

compare() {
	local pkg=$1 deb name
	for deb in "$work/deb/$pkg.root/"*deb; do
		name=$(basename "$deb")
		entries "$deb" >"$work/root.txt"
		entries "$work/deb/$pkg.user/$name" >"$work/user.txt"
		same "$pkg: $name: entries and contents" "$work/root.txt" "$work/user.txt"
		if cmp -s "$deb" "$work/deb/$pkg.user/$name"; then
			ok "$pkg: $name: the same bytes"
		else
			bad "$pkg: $name: not the same bytes"
		fi
	done
}

# What configures uses one processor: two packages are built at a time.
fetched=()
for pkg in "${debs[@]}"; do
	if "${sudo[@]}" "$top/test/scripts/debsource.sh" --build-dep "$work/dsc" "$pkg" >"$work/log" 2>&1; then
		fetched+=("$pkg")
	else
		bad "$pkg: source and build dependencies" "$work/log"
	fi
done
for pkg in "${fetched[@]}"; do
	while [ "$(jobs -pr | wc -l)" -ge 2 ]; do wait -n || :; done
	{ build root "$pkg" && build user "$pkg"; } &
done
wait
for pkg in "${fetched[@]}"; do
	for side in root user; do
		[ -e "$work/deb/$pkg.$side.built" ] && continue
		bad "$pkg: the build as $side" "$work/deb/$pkg.$side.log"
		continue 2
	done
	compare "$pkg"
done
