for mode in 0 100 200 400 444 555 644 755 777; do
	touch f; mkdir d; chmod $mode f d
	printf '%s root: ' $mode; for op in r w x; do for i in f d; do [ -$op $i ] && printf '%s%s ' $op $i; done; done
	printf 'other: '; as 1000 bash -c 'for op in r w x; do for i in f d; do [ -$op $i ] && printf "%s%s " $op $i; done; done'
	echo; rm -r f d
done
