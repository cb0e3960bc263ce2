touch f; mkdir d
for mode in u+s g+s o+t a= u=rwx g=rX +X o=u ug+s-w a-x,u-s 0000 7777 =; do
	chmod $mode f; chmod $mode d; show f d
done
chmod --reference=d f; show f
chmod 644 none; echo "status $?"
