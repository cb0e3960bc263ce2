mkdir -m 777 d
as 1000 sh -c 'cd d; : >f; mkdir e; mkfifo p; ln -s x l; umask 077; : >g'
setpriv --reuid 1000 --regid 2000 --groups 3000 -- touch d/h
every d
as 1000 mknod d/c c 1 3; echo "status $?"
touch d/root; every d
