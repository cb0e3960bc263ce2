touch f; mkdir d; ln -s f l
setfattr -n user.one -v text f; setfattr -n trusted.two -v 0x00ff f; setfattr -n security.three -v 0sAAEC f; setfattr -n user.none f
getfattr -d -m - -e hex f
getfattr -n user.one --only-values f; echo
setfattr -x user.one f; getfattr -d -m - -e hex f
setfattr -x user.one f; echo "status $?"
getfattr -n user.one f; echo "status $?"
setfattr -n user.x -v 1 d; getfattr -d d
setfattr -h -n trusted.link -v 1 l; getfattr -h -d -m - l
setfattr -h -n user.link -v 1 l; echo "status $?"
setfattr -n bad.name -v 1 f; echo "status $?"
chmod 0 f; setfattr -n user.y -v 2 f; getfattr -d f
as 1000 getfattr -n trusted.two f; echo "status $?"
