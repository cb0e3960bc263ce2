f=$(mktemp); d=$(mktemp -d)
stat -c '%A %u:%g %F' "$f" "$d"
chmod 4755 "$f"; chown 5:6 "$f"; stat -c '%A %u:%g' "$f"
rm -r "$f" "$d"; ls
