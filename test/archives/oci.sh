# shellcheck shell=bash disable=SC2154 # sourced by run, which sets these
# feign pack --format oci: an image that skopeo and umoci open and crun runs.

"$top/test/scripts/install.sh" busybox-static crun skopeo umoci

# The tree of the others, with a shell in it.
cat >"$work/bin/image.sh" <<'SH'
set -eu
zoo.sh "$1"
cd "$1"
cp /bin/busybox bin/
mkdir proc sys
find . -exec touch -h -d @1000000000 {} +
SH
in_user "$feign" run -m image.mtree --root image -- sh "$work/bin/image.sh" image
as_root sh "$work/bin/image.sh" "$work/image.root"
cat >"$work/user/image.json" <<'JSON'
{
  "architecture": "amd64",
  "config": {
    "Cmd": ["/bin/busybox", "sh", "-c", "busybox stat -c '%n %a %u:%g' /bin/su /etc/shadow /etc/link; echo $GREETING"],
    "Env": ["PATH=/bin", "GREETING=hello"]
  }
}
JSON
pack=("$feign" pack -m image.mtree -C image --epoch 1000000000 --image image.json --check)
in_user "${pack[@]}" -o image.oci
in_user "${pack[@]}" -o image.oci.tar

# The same bytes from elsewhere, at another time, under another mask.
in_user sh -c 'umask 077; mkdir -p elsewhere; cd elsewhere; shift 2; exec "$0" pack "$@"' \
	"$feign" - - -m ../image.mtree -C "$work/user/image" --epoch 1000000000 --image ../image.json -o again.oci.tar
(cd "$work/user" && sha256sum <image.oci.tar) >"$work/want"
(cd "$work/user" && sha256sum <elsewhere/again.oci.tar) >"$work/got"
same 'oci: the digest elsewhere' "$work/want" "$work/got"
in_user tar -xf image.oci.tar --one-top-level=untarred
check 'oci: directory and tar are one image' diff -r "$work/user/image.oci" "$work/user/untarred"

# skopeo reads both, and names the same digest as the index.
grep -o '"manifests":\[{.*' "$work/user/image.oci/index.json" | grep -o 'sha256:[0-9a-f]*' >"$work/want"
for image in oci:image.oci:latest oci-archive:image.oci.tar:latest; do
	(cd "$work/user" && as_user skopeo --tmpdir "$work/home" inspect "$image" | sed -n 's/.*"Digest": "\(.*\)",/\1/p') >"$work/got" 2>&1 || :
	same "oci: skopeo inspect ${image%%:*}" "$work/want" "$work/got"
done

# umoci unpacks it as root to what root has made, sockets apart, and for an ordinary user at all.
if as_root umoci unpack --image "$work/user/image.oci:latest" "$work/bundle" >"$work/check" 2>&1; then
	entries "$work/image.root" -t -x | grep -v dev/log >"$work/want"
	entries "$work/bundle/rootfs" -t -x >"$work/got"
	same 'oci: what umoci unpacks' "$work/want" "$work/got"
else
	bad 'oci: umoci unpack' "$work/check"
fi
in_user umoci unpack --rootless --image image.oci:latest bundle
check 'oci: umoci unpack --rootless' test -e "$work/user/bundle/config.json"
# It keeps the owners in user.rootlesscontainers, where they are found again (those of links cannot be kept), and ours is the same.
owners() { in_user "$feign" manifest show "$1" && grep -Ev '^(#| *$)|type=(char|block|fifo|socket|link)' "$work/in_user" |
	sed -E 's/ (uname|gname|time|sha256digest|size|nlink|inode)=[^ ]*//g; s/ contents=.*//'; }
in_user "$feign" run -m umoci.mtree --root bundle/rootfs -- true
in_user "$feign" manifest convert --from rootlesscontainers -m umoci.mtree -o unpacked.mtree
owners image.mtree >"$work/want"
owners unpacked.mtree | grep -Ev '^./dev/(big|null|sda1) ' >"$work/got"
same 'rootlesscontainers: owners that umoci kept' "$work/want" "$work/got"
in_user sh -c '"$1" manifest convert --to rootlesscontainers -m image.mtree -o kept.mtree 2>/dev/null; "$1" pack -m kept.mtree -C image -o kept.tar 2>/dev/null
	mkdir kept; tar -C kept --exclude=dev -xf kept.tar --xattrs --no-same-owner' sh "$feign"
for t in bundle/rootfs kept; do
	(cd "$work/user/$t" && as_root sh -c 'find . -path ./dev -prune -o ! -type l -exec getfattr -e hex -n user.rootlesscontainers {} + 2>/dev/null || :') |
		grep . | paste - - | sort >"$work/attributes.${t%%/*}"
done
same 'rootlesscontainers: the attributes that umoci sets' "$work/attributes.bundle" "$work/attributes.kept"

# crun runs it, as a runtime is run where there is no systemd and perhaps no cgroup to write.
printf '%s\n' '/bin/su 4755 0:0' '/etc/shadow 640 0:42' '/etc/link 777 0:0' hello >"$work/want"
as_root unshare -m sh -c 'umount -l /sys/fs/cgroup; mount -t cgroup2 none /sys/fs/cgroup
	sed -i "s/\"terminal\": true/\"terminal\": false/" "$1/config.json"
	crun --root "$2" --cgroup-manager=disabled run --bundle "$1" "feign-archives-$$"' sh "$work/bundle" "$work/crun" >"$work/got" 2>&1 || :
same 'oci: crun runs it' "$work/want" "$work/got"

# A layer upon others: whiteouts of both kinds and a capability, as bsdtar reads and unpacks them.
in_user "$feign" run -m layer.mtree --root layer -- sh -ec 'mkdir layer; cd layer; : >.wh.gone; mknod hidden c 0 0; cp /bin/true ping; setcap cap_net_raw+ep ping'
in_user "$feign" pack -m layer.mtree -C layer --epoch 1000000000 -o layer.oci
layer=$(cd "$work/user/layer.oci/blobs/sha256" && for b in *; do ! gzip -qt "$b" 2>/dev/null || echo "$PWD/$b"; done)
printf '%s\n' '-rw-r--r-- 0 0 0 0 .wh.gone' 'crw-r--r-- 0 0 0 0,0 hidden' >"$work/want"
TZ=UTC bsdtar -tvf "$layer" .wh.gone hidden 2>&1 | awk '{ print $1, $2, $3, $4, $5, $NF }' >"$work/got"
same 'oci: whiteouts, read by bsdtar' "$work/want" "$work/got"
mkdir "$work/layer"
check 'oci: bsdtar unpacks the layer' bsdtar -C "$work/layer" --xattrs -xpf "$layer"
echo 'ping cap_net_raw=ep' >"$work/want"
(cd "$work/layer" && getcap ping) >"$work/got" 2>&1
same 'oci: the capability in the layer' "$work/want" "$work/got"
