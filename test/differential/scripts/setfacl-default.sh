mkdir d; setfacl -d -m u:5:rwx,g::rx,o::- d; getfacl -n d; show d
umask 077
touch d/f; mkdir d/e; mknod d/c c 1 3; mkdir -m 700 d/m; ln -s x d/l
getfacl -n d/f d/e d/c d/m; show d/f d/e d/c d/m d/l
cp /dev/null d/g; getfacl -nc d/g
setfacl -k d; getfacl -nc d; touch d/h; getfacl -nc d/h
setfacl -d -m u:5:r d/f; echo "status $?"
