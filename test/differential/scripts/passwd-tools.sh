mkdir -p etc; printf 'root:x:0:0::/:/bin/sh\n' >etc/passwd; printf 'root:*:1::::::\n' >etc/shadow; chmod 640 etc/shadow; chown 0:42 etc/shadow
cp -p etc/shadow etc/shadow-; echo 'www:!:1::::::' >>etc/shadow; mv etc/shadow etc/shadow.tmp; mv etc/shadow.tmp etc/shadow
every etc; as 1000 cat etc/shadow; echo "status $?"; whoami
