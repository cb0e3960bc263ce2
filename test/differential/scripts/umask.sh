for mask in 000 022 027 077 777; do
	umask $mask; umask
	: >f; mkdir d; mkfifo p; mknod c c 1 3; touch t; ln -s x l
	show f d p c t l
	rm -r f d p c t l
done
