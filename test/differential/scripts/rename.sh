touch a b; chown 1:2 a; chmod 4755 b; chown 3:4 b
mv a b; show b; touch a; show a
mv -n a b; show a b
mv -b a b; show b b~
mkdir d; chown 5:6 d; mv b d; mv d e; every e
