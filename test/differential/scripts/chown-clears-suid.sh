for mode in 4755 2755 6755 2745 1755 6644; do
	touch f; chmod $mode f; chown 5:6 f; show f; rm f
done
mkdir d; chmod 6775 d; chown 5:6 d; show d
