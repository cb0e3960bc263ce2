mkdir d
i=0; while [ $i -lt 300 ]; do echo d/$i; i=$((i + 1)); done | xargs touch
for i in 0 1 2 3 4 5 6 7 8 9; do chown $i:1$i d/*$i; chmod 640$i d/*$i 2>/dev/null || chmod 6400 d/*$i; done
every d | cksum
find d -type f -printf '%U %G %m\n' | sort | uniq -c | sed 's/^ *//'
