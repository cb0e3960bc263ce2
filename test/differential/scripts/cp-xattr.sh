touch f; setfattr -n user.a -v 1 f; setfattr -n trusted.b -v 2 f; setcap cap_net_raw+ep f; setfacl -m u:5:rw f
cp f plain; cp -p f p; cp -a f a; cp --preserve=xattr f x; cp --preserve=all f all
for i in plain p a x all; do getfattr -d -m - -e hex $i; getfacl -nc $i; done
