for i in 1 2 3 4 5 6 7 8; do
	touch f; chown 5:6 f; chmod 6711 f; rm f; touch g; show g; rm g
	mkdir d; chown 7:8 d; rmdir d; mkdir e; show e; rmdir e
	mknod n c 1 3; rm n; : >m; show m; rm m
done | sort | uniq -c | sed 's/^ *//'
