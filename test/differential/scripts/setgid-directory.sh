mkdir d; chown 0:50 d; chmod 2775 d
touch plain
cd d
mkdir a; mkdir -p b/c; touch f; mknod n c 1 3; mkfifo p; ln -s x l; : >r
cp ../plain copied; mv ../plain moved
every .
chmod g-s a; mkdir a/sub; show a a/sub
install -d i; install -m 644 f j; show i j
