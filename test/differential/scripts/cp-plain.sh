echo text >f; chown 1:2 f; chmod 4755 f
cp f a; cp -p f b; cp --preserve=mode f c; cp --preserve=ownership f d; cp --no-preserve=mode -p f e
show a b c d e
chown 5:6 a; chmod 640 a; cp f a; show a
cp -p f a; show a
cp --remove-destination f a; show a
cp --attributes-only -p f n; show n
cp -l f hard; show hard
