mkdir d; touch d/f d/g; setfattr -n user.a -v 1 d/f; setfattr -n trusted.b -v 2 d/f; setcap cap_net_raw+ep d/g; setfacl -m u:5:rw d/f; setfacl -d -m u:6:rx d
tar -c --sort=name --xattrs --xattrs-include='*' --acls -f t.tar d
mkdir x; tar -x --xattrs --xattrs-include='*' --acls -f t.tar -C x
getfattr -R -d -m - -e hex x | sort; find x | sort | xargs getfacl -nc
