# needs: rsync
mkdir d; echo 1 >d/f; touch d/g; setfattr -n user.a -v 1 d/f; setfattr -n trusted.b -v 2 d/f; setcap cap_net_raw+ep d/g; setfacl -m u:5:rw d/f; setfacl -d -m u:6:rx d
rsync -aXA d/ x
getfattr -R -d -m - -e hex x | sort; find x | sort | xargs getfacl -nc
