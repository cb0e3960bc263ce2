touch f; chown 1:2 f; ln -s f l; chown -h 3:4 l
show l f; stat -L -c '%A %u:%g' l
cp -d l m; cp -P l n; cp l o; show m n o
mv l moved; show moved
ln -sfn g moved; show moved
readlink moved
