echo one >f; chown 5:6 f; chmod 640 f; setfacl -m u:7:r f
sed -i s/one/two/ f; cat f; show f; getfacl -nc f
sed -i.bak s/two/three/ f; show f f.bak
