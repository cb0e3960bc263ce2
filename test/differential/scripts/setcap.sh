touch f g; chmod 755 f g
setcap cap_net_raw,cap_net_admin+ep f; getcap f; setcap -v cap_net_raw,cap_net_admin+ep f
getfattr -d -m - -e hex f
chown 5:6 f; getcap f; echo "gone $?"
setcap cap_chown=eip f; getcap f; mv f h; ln h i; getcap h i
setcap -r i; getcap h
setcap cap_nothing+ep g 2>/dev/null; echo "status $?"
setcap cap_kill+ep none; echo "status $?"
mkdir d; cp -p h d; setcap cap_sys_admin+ep d/h; getcap -r d
as 1000 setcap cap_kill+ep g; echo "status $?"
