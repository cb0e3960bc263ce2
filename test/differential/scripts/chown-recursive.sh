mkdir -p d/e/f
touch d/1 d/e/2 d/e/f/3
ln -s 1 d/link
chown -R 5:6 d
every d
chown -Rh 7 d/e
every d
