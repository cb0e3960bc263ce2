mkdir d; touch d/f
ln -s d/f file; ln -s d dir; ln -s none dangling
chown 1:1 file; show file d/f
chown -h 2:2 file dangling; show file dangling d/f
chown 3:3 dangling; echo "status $?"
chown -R 4:4 dir; show dir d d/f
chown -RH 5:5 dir; show dir d d/f
chown -RL 6:6 .; show dir d d/f file
chgrp -h 9 dir; show dir d
