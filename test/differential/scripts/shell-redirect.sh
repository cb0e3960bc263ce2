umask 0; : >a; echo x >>b; set -C; : >c; (: >c) 2>/dev/null; echo $?; set +C
chmod 0 a; echo y >a; cat a; chown 5:6 a; chmod 4755 a; echo z >a; show a b c
