# shellcheck shell=sh
# To be read by scripts (`. test/scripts/suite.sh`): packages of any Debian suite, for
# any processor, from the machine's own mirror, by apt with private files, so that
# nothing of the machine's set-up changes.
#
#   suite SUITE ARCH    reads what packages there are; files are put below $apt
#   get download NAME   puts a package into the working directory

# fail SENTENCE: the end of the script.
fail() {
	echo "${0##*/}: $*" >&2
	exit 1
}

suite() {
	suite=$1 arch=$2
	apt=$(mktemp -d)
	trap 'rm -rf "$apt"' EXIT
	mkdir -p "$apt/lists/partial" "$apt/archives/partial" "$apt/debs" "$apt/tree"
	: >"$apt/status"
	mirror=$(cat /etc/apt/sources.list /etc/apt/sources.list.d/* 2>/dev/null |
		sed -nE 's/^(URIs:|deb( +\[[^]]*\])?) +(https?:[^ ]*\/debian)\/?( .*)?$/\3/p' | head -n 1)
	[ -n "$mirror" ] || fail "no Debian mirror among this machine's package sources"
	keys=/usr/share/keyrings/debian-archive-keyring.gpg
	echo "deb [arch=$arch signed-by=$keys] $mirror $suite main" >"$apt/sources.list"
	get update || fail "cannot read the packages of $suite from $mirror: is there a network?"
}

# get COMMAND...: apt-get, which says something only when it fails.
get() {
	apt-get -q -o "Dir::Etc::SourceList=$apt/sources.list" -o Dir::Etc::SourceParts=/dev/null -o "Dir::Cache=$apt" \
		-o "Dir::State::Lists=$apt/lists" -o "Dir::State::status=$apt/status" -o APT::Architecture="$arch" \
		-o APT::Architectures="$arch" -o Acquire::Languages=none -o APT::Sandbox::User=root -o Acquire::Retries=2 \
		-o Acquire::http::Timeout=30 -o APT::Update::Error-Mode=any \
		-o Acquire::IndexTargets::deb::DEP-11::DefaultEnabled=false "$@" >"$apt/log" 2>&1 || {
		grep -E '^[EW]:|^Err' "$apt/log" | tail -n 5 >&2
		return 1
	}
}
