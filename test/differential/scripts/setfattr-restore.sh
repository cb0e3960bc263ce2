mkdir d; touch d/a d/b
setfattr -n trusted.x -v 1 d/a; setfattr -n user.y -v 2 d/b; setfattr -n security.z -v 3 d
getfattr -R -d -m - -e hex d >dump; sort dump
cp -r d e; sed 's/^# file: d/# file: e/' dump >dump2
setfattr --restore=dump2; getfattr -R -d -m - -e hex e | sort
