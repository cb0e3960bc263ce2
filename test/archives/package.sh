# shellcheck shell=bash disable=SC2154 # sourced by run, which sets these
# packaging/package.sh: packages that are the same every time, and what is in them: a program, manual pages, completions
# that each shell takes.

"$top/test/scripts/install.sh" bash-completion fish man-db zsh
for i in 1 2; do
	SOURCE_DATE_EPOCH=1700000000 "$top/packaging/package.sh" 0.0.1 "$work/package.$i" deb rpm apk archlinux >"$work/package.log" 2>&1 ||
		bad "package: build $i" "$work/package.log"
done
for f in "$work"/package.1/*; do check "package: ${f##*/} is twice the same" cmp "$f" "$work/package.2/${f##*/}"; done
deb=$(echo "$work"/package.1/*.deb) installed=$work/installed
mkdir -p "$installed/var/lib/dpkg"
: >"$installed/var/lib/dpkg/status"
check 'deb: dpkg installs it' dpkg --root="$installed" --force-not-root --force-script-chrootless --install "$deb"
check 'deb: feign tells its version' sh -c '"$1/usr/bin/feign" version | grep -q "^feign 0.0.1 "' sh "$installed"
check 'deb: man finds the pages' sh -c 'man -M "$1/usr/share/man" feign-pack | grep -q "make an archive"' sh "$installed"
check 'deb: all of it belongs to root' sh -c 'dpkg-deb -c "$1" | awk "\$2 != \"root/root\" { exit 1 }"' sh "$deb"
# The others have the same files; what their own format adds begins with a dot.
files() { (cd "$1" && find usr -type f -exec sha256sum {} + | sed 's,/vendor-completions/,/site-functions/,' | sort -k 2); }
files "$installed" >"$work/want"
for f in rpm apk pkg.tar.zst; do
	mkdir "$work/unpacked.$f"
	check "package: bsdtar unpacks $f" bsdtar -C "$work/unpacked.$f" -xf "$(echo "$work"/package.1/*."$f")"
	files "$work/unpacked.$f" >"$work/got"
	same "package: $f has the same files" "$work/want" "$work/got"
done

# Completions, found and loaded as each shell does it.
cat >"$work/complete.bash" <<'SH'
. /usr/share/bash-completion/bash_completion
_completion_loader feign
COMP_LINE='feign manifest conv' COMP_POINT=19 COMP_WORDS=(feign manifest conv) COMP_CWORD=2
_feign
echo "${COMPREPLY[*]}"
SH
cat >"$work/complete.zsh" <<'SH'
# An interactive zsh: it completes the line, which then is printed and not run.
zmodload zsh/zpty
zpty z zsh -f -i
zpty -w z "PS1= PS2= fpath=($1 \$fpath); autoload -Uz compinit; compinit -u -D; print rea''dy"
zpty -r z line '*ready*'
zpty -w -n z $'feign manifest conv\t'
sleep 1
zpty -w -n z $'\x01print -r -- =\x05\n'
zpty -r z line '*=feign manifest convert*' && print convert
SH
echo convert >"$work/want"
share=$installed/usr/share
as_root env XDG_DATA_DIRS="$share" bash "$work/complete.bash" >"$work/got" 2>&1 || :
same 'completion: bash' "$work/want" "$work/got"
as_root timeout 30 zsh -f "$work/complete.zsh" "$share/zsh/vendor-completions" >"$work/got" 2>&1 || :
same 'completion: zsh' "$work/want" "$work/got"
as_root env XDG_DATA_DIRS="$share" fish -c 'complete -C "feign manifest conv"' >"$work/got" 2>&1 || :
same 'completion: fish' "$work/want" "$work/got"
