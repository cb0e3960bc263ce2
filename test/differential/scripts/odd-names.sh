touch -- 'a b' "new
line" 'star*' '-n' "quote'" '$(id)' 'ü'
chown 5:6 ./*; chmod 4711 ./*
stat -c '%A %u:%g' ./* | sort | uniq -c | sed 's/^ *//'
find . -type f -print0 | sort -z | xargs -0 chown 7:8
stat -c '%A %u:%g' ./* | sort | uniq -c | sed 's/^ *//'
