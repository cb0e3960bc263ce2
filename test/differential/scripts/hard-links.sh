touch a; ln a b; chown 5:6 a; chmod 4711 b
stat -c '%A %u:%g %h %n' a b
rm a; stat -c '%A %u:%g %h %n' b
touch a; stat -c '%A %u:%g %h %n' a b
ln -f a b; stat -c '%A %u:%g %h %n' a b
mkdir d; chown 9 a; mv a d/; stat -c '%A %u:%g %h %n' d/a b
cp -a d/a b e 2>/dev/null; mkdir e; cp -a d/a b e; stat -c '%A %u:%g %h %n' e/a e/b
