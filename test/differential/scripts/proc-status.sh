sed -n 's/^\(Uid\|Gid\|Groups\|NoNewPrivs\):/\1/p' /proc/self/status
as 1000 sed -n 's/^\(Uid\|Gid\|Groups\|CapEff\|CapPrm\):/\1/p' /proc/self/status
cat /proc/self/uid_map /proc/self/gid_map | sed 's/  */ /g'
stat -Lc %u:%g /proc/self /proc/$$/status
as 1000 stat -Lc %u:%g /proc/self
