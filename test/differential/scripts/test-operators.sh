mkdir d; touch f; mknod c c 1 3; mknod b b 7 0; mkfifo p; ln -s f l
chmod 6000 f; chmod 1000 d
for shell in sh bash; do
	$shell -c 'for op in r w x O G k u g f d b c p h s; do for i in f d c b p l; do test -$op $i && printf "%s%s " $op $i; done; done; echo'
done
chown 5:6 f; chmod 640 f
bash -c 'for op in r w x O G k u g; do test -$op f && printf "%s " $op; done; echo'
/usr/bin/test -w f && echo writable
as 1000 bash -c 'for op in r w x O G e; do test -$op f && printf "%s " $op; done; echo'
as 5 bash -c 'for op in r w x O G e; do test -$op f && printf "%s " $op; done; echo'
