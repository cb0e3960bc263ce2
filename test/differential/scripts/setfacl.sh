touch f; chmod 640 f
setfacl -m u:5:rw,g:6:r f; getfacl -n f; show f
ls -ln --time-style=+ f
chmod g-w f; getfacl -nc f
setfacl -x u:5 f; getfacl -nc f
setfacl -m m::rwx f; getfacl -nc f; show f
setfacl -b f; getfacl -nc f; show f
setfacl --set u::rwx,g::rx,o::- f; getfacl -nc f; show f; ls -ln --time-style=+ f
chown 7:8 f; setfacl -m u:9:x f; getfacl -n f
